"""The demo's pages in a real browser: what CORS lets a page do cannot be shown without one."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.running_demo import RunningDemo

pytestmark = pytest.mark.browser

Tenants = pytest.mark.parametrize("tenant", ["acme", "globex"])


@pytest.fixture
def acme(page: Page, demo: RunningDemo) -> Page:
    return visit(page, demo, "acme")


def visit(page: Page, demo: RunningDemo, tenant: str) -> Page:
    page.goto(demo.place.page(tenant))
    ready(page)
    return page


def ready(page: Page) -> None:
    expect(page.locator("[data-call=reports]")).to_have_attribute("aria-disabled", "false")


def press(page: Page, call: str) -> Locator:
    """Press a button and return the card of its call."""
    cards = page.locator(".exchange")
    before = cards.count()
    page.click(f"[data-call={call}]")
    expect(cards).to_have_count(before + 1)
    ready(page)
    return cards.first


def pick(page: Page, user: str) -> None:
    page.get_by_role("radio", name=user).check()
    expect(page.locator("#token-line")).to_contain_text(user)
    ready(page)


def status(card: Locator) -> str:
    return card.locator("summary .chip").inner_text()


@Tenants
@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("reports", "200"),
        ("forecast", "200"),
        ("missing", "401"),
        ("expired", "401"),
        ("foreign", "401"),
        ("elsewhere", "blocked"),
    ],
)
def test_a_button_gets_the_answer_that_it_names(
    page: Page, demo: RunningDemo, tenant: str, call: str, answer: str
) -> None:
    visit(page, demo, tenant)
    assert page.locator(f"[data-call={call}] .expect").inner_text() == answer
    assert status(press(page, call)) == answer


@Tenants
def test_a_user_without_the_role_is_refused(page: Page, demo: RunningDemo, tenant: str) -> None:
    visit(page, demo, tenant)
    pick(page, "Bob" if tenant == "acme" else "Hugo")
    card = press(page, "forecast")
    assert status(card) == "403"
    expect(card).to_contain_text("insufficient_role")


def test_a_refusal_shows_its_headers_and_its_body(acme: Page) -> None:
    card = press(acme, "missing")
    expect(card.get_by_role("term").filter(has_text="www-authenticate")).to_be_visible()
    expect(card).to_contain_text('"code": "missing_token"')


def test_a_token_of_the_other_tenant_is_refused(acme: Page) -> None:
    expect(press(acme, "foreign")).to_contain_text('"code": "invalid_token"')


def test_the_browser_keeps_the_other_tenants_answers_from_the_page(acme: Page) -> None:
    """Threat 70: another tenant's origin is allowed nothing."""
    card = press(acme, "elsewhere")
    expect(card).to_contain_text("globex.localhost")
    expect(card.get_by_role("definition")).to_have_count(0)


def test_a_burst_ends_with_a_wait_that_counts_down(acme: Page) -> None:
    pick(acme, "Bob")
    card = press(acme, "burst")
    assert status(card) == "429"
    expect(card.locator(".retry")).to_have_text(re.compile(r"try again in \d+ s"))
    expect(acme.locator("#quota-name")).to_have_text("user: 0 of 10 calls left")


def test_the_gauge_follows_the_rate_limit_headers(page: Page, demo: RunningDemo) -> None:
    visit(page, demo, "acme")
    press(page, "reports")
    meter = page.get_by_role("meter")
    expect(meter).to_have_attribute("aria-valuemax", "10")
    left = int(meter.get_attribute("aria-valuenow") or -1)
    expect(page.locator(".pip.lit")).to_have_count(left)


def test_the_claims_of_the_token_are_shown(acme: Page) -> None:
    pick(acme, "Bob")
    claims = acme.locator("#token-claims")
    expect(claims).to_contain_text("http://acme.localhost")
    expect(claims).to_contain_text("viewer")


def test_the_newest_card_is_first_and_the_only_open_one(acme: Page) -> None:
    press(acme, "missing")
    press(acme, "expired")
    cards = acme.locator(".exchange")
    expect(cards.first).to_contain_text("token_expired")
    assert [card.get_attribute("open") for card in cards.all()] == ["", None]


@pytest.fixture(params=["light", "dark"])
def phone(request: pytest.FixtureRequest, chromium: Browser, demo: RunningDemo) -> Iterator[Page]:
    context = chromium.new_context(
        viewport={"width": 360, "height": 740}, color_scheme=request.param
    )
    yield visit(context.new_page(), demo, "globex")
    context.close()


def test_a_narrow_screen_needs_no_scrolling_sideways(phone: Page) -> None:
    press(phone, "foreign")
    assert phone.evaluate("document.documentElement.scrollWidth") == 360


def test_everything_can_be_done_by_keyboard(acme: Page) -> None:
    acme.locator("[data-call=missing]").focus()
    acme.keyboard.press("Enter")
    expect(acme.locator(".exchange")).to_have_count(1)
    expect(acme.locator("[data-call=missing]")).to_be_focused()
    expect(acme.get_by_role("status")).to_have_text("GET /reports without a token: 401")
