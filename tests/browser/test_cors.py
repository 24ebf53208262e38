"""CORS as a real browser takes it: from pages on other origins, against a real server."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.site import Script, Site, running_site

pytestmark = [pytest.mark.browser, pytest.mark.server]

ALLOWED, STRANGER = "app.acme.localhost", "app.stranger.localhost"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running_site() as site:
        yield site


@pytest.fixture(scope="module")
def pages(chromium: Browser, site: Site) -> Iterator[dict[str, Script]]:
    """Open a page of an allowed origin and one of a stranger's, for all tests here."""
    context = chromium.new_context()
    yield {host: site.visit(context.new_page(), host) for host in (ALLOWED, STRANGER)}
    context.close()


@pytest.fixture
def allowed(pages: dict[str, Script]) -> Script:
    return pages[ALLOWED]


@pytest.fixture
def stranger(pages: dict[str, Script]) -> Script:
    return pages[STRANGER]


CALLS = [
    pytest.param({}, id="simple"),
    pytest.param({"method": "HEAD"}, id="head"),
    pytest.param({"token": True}, id="token"),
    pytest.param({"credentials": "include"}, id="credentials"),
    pytest.param({"headers": {"Content-Type": "application/json"}}, id="json"),
]


@pytest.mark.parametrize("call", CALLS)
def test_an_allowed_page_reads(allowed: Script, call: dict[str, Any]) -> None:
    read = allowed.fetch("/data", **call)
    assert read is not None
    assert read.status == 200


@pytest.mark.parametrize("path", ["/data", "/generous", "/plain/data", "/abort/404"])
@pytest.mark.parametrize("call", CALLS)
def test_a_page_of_another_origin_reads_nothing(
    stranger: Script, path: str, call: dict[str, Any]
) -> None:
    """Threat 63, threat 68: nor what an app would allow."""
    assert stranger.fetch(path, **call) is None


@pytest.mark.parametrize("host", ["x.app.acme.localhost", "app.acme.localhost.evil.localhost"])
def test_a_page_of_a_resembling_host_reads_nothing(page: Page, site: Site, host: str) -> None:
    """Threat 63."""
    assert site.visit(page, host).fetch("/data") is None


def test_a_page_of_no_origin_reads_nothing(page: Page, site: Site) -> None:
    """Threat 63: a sandboxed frame is `null`."""
    script = site.visit(page, ALLOWED)
    script.page.set_content(f"<iframe sandbox=allow-scripts src='{site.url('/page')}'></iframe>")
    frame = script.page.frames[-1]
    frame.wait_for_load_state()
    fetch = f"fetch('{site.url('/data')}').then(() => self.origin, () => 'blocked ' + self.origin)"
    assert frame.evaluate(fetch) == "blocked null"


@pytest.mark.parametrize(
    ("path", "call", "status"),
    [
        ("/few", {}, 401),
        ("/role", {"token": True}, 403),
        ("/none", {"token": True}, 404),
        ("/abort/404", {}, 404),
        ("/role", {"token": True, "method": "POST"}, 405),
        ("/abort/413", {}, 413),
        ("/boom", {}, 500),
        ("/strict", {"token": True}, 503),
        ("/abort/503", {}, 503),
    ],
)
def test_an_allowed_page_reads_every_error(
    pages: dict[str, Script], path: str, call: dict[str, Any], status: int
) -> None:
    """Threat 67: and nobody else does."""
    read = pages[ALLOWED].fetch(path, **call)
    assert read is not None
    assert (read.status, bool(read.headers["x-request-id"])) == (status, True)
    assert pages[STRANGER].fetch(path, **call) is None


def test_an_allowed_page_reads_when_to_come_again(allowed: Script) -> None:
    """Threat 67: a 429 with its Retry-After, beside the limits."""
    first, second = [allowed.fetch("/few", token=True) for _ in range(2)]
    assert first is not None
    assert second is not None
    assert (first.status, second.status) == (200, 429)
    assert int(second.headers["retry-after"]) > 0
    assert second.headers["ratelimit-policy"].startswith('"few"')


def test_a_page_of_a_suspended_tenant_reads_why(allowed: Script) -> None:
    """Threat 67."""
    read = allowed.fetch("/data", tenant="paused")
    assert read is not None
    assert (read.status, '"tenant_suspended"' in read.body) == (403, True)


def test_an_unknown_tenant_is_nobodys_to_read(allowed: Script) -> None:
    """Threat 70."""
    assert allowed.fetch("/data", tenant="nobody") is None


def test_a_preflight_by_the_route_is_asked_before_anything_happens(
    allowed: Script, stranger: Script
) -> None:
    """Threat 66, threat 69: neither a stranger nor a method beside the mark reaches the view."""
    assert stranger.fetch("/hits", method="PUT") is None
    assert allowed.fetch("/hits", method="DELETE") is None
    read = allowed.fetch("/hits", method="PUT")
    assert read is not None
    assert read.body.strip() == '{"PUT":1}'


def test_a_header_that_is_not_allowed_is_not_sent(allowed: Script) -> None:
    """Threat 69: the token and the content type are; a made-up name is not."""
    assert allowed.fetch("/data", headers={"X-Made-Up": "1"}) is None
    assert allowed.fetch("/data", headers={"X-Made-Up": "1", "Content-Type": "a/b"}) is None


def test_a_script_reads_the_exposed_headers_only(allowed: Script) -> None:
    read = allowed.fetch("/data")
    plain = allowed.fetch("/plain/data")
    assert read is not None
    assert plain is not None
    assert (read.headers["x-total"], "x-inner" in read.headers) == ("3", False)
    assert not {"x-total", "x-inner"} & plain.headers.keys()


@pytest.mark.parametrize("host", [ALLOWED, STRANGER])
def test_everybody_reads_what_is_for_everybody_without_credentials(
    pages: dict[str, Script], host: str
) -> None:
    """Threat 64."""
    assert pages[host].fetch("/open/data") is not None
    assert pages[host].fetch("/open/data", credentials="include") is None


@pytest.mark.parametrize("path", ["/plain/data", "/closed/data"])
def test_credentials_are_for_rules_that_say_so(allowed: Script, path: str) -> None:
    """Threat 64: no origins is no CORS at all."""
    assert allowed.fetch(path, credentials="include") is None
    assert (allowed.fetch(path) is None) is (path == "/closed/data")


def test_a_cookie_is_set_and_sent_where_credentials_are(page: Page, site: Site) -> None:
    script = site.visit(page, ALLOWED)
    script.fetch("/sign-in", credentials="include")
    bodies = [
        script.fetch("/cookies", credentials="include"),
        script.fetch("/cookies"),
        script.fetch("/open/cookies"),
    ]
    assert [read.body for read in bodies if read is not None] == ["session", "", ""]


def test_a_cookie_of_a_strangers_call_shows_it_nothing(page: Page, site: Site) -> None:
    """Threat 63: a page of the same site brings the cookie, and does not read the answer."""
    site.visit(page, ALLOWED).fetch("/sign-in", credentials="include")
    stranger = site.visit(page, "three.acme.localhost")
    assert stranger.fetch("/cookies", credentials="include") is None


@pytest.mark.parametrize(
    ("to", "token", "status"),
    [
        ("http://acme.localhost:{port}/data", True, 200),
        ("http://acme.localhost:{port}/role", True, 403),
        ("http://acme.localhost:{port}/closed/data", False, None),
        ("http://globex.localhost:{port}/abort/404", False, None),
    ],
    ids=["same-tenant", "to-a-refusal", "to-no-cors", "another-tenant"],
)
def test_a_redirect_is_followed_as_far_as_rules_go(
    allowed: Script, to: str, token: bool, status: int | None
) -> None:
    """Threat 70: across tenants the page is `null`, although both know it."""
    path = "/go?to=" + to.format(port=allowed.site.port)
    read = allowed.fetch(path, token=token)
    assert (read and read.status) == status
    assert allowed.fetch("/abort/404", tenant="globex") is not None


def test_the_browsers_cache_keeps_two_origins_apart(page: Page, site: Site) -> None:
    """Threat 65: pages of one site share a cache, and each reads an answer of its own."""
    for host in ("app.acme.localhost", "two.acme.localhost", "app.acme.localhost"):
        read = site.visit(page, host).fetch("/cached")
        assert read is not None
        assert read.body == "data"
    assert site.visit(page, "three.acme.localhost").fetch("/cached") is None
