"""A headless Chromium, and the demo that its pages are of."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.running_demo import RunningDemo, running_demo
from tests.setup_browser import driver_works, find_chromium
from tests.support import missing


# Of a module, not of the session: while Playwright runs, this thread has an event loop, and other
# tests could not call async views.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = find_chromium() if driver_works() else None
    if path is None:
        missing("no Chromium that Playwright can drive was found")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Open a page of its own; what goes wrong in its scripts fails the test."""
    context = chromium.new_context()
    page, errors = context.new_page(), list[str]()
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []
