from typing import Any

import pytest

from tenantauth.route import RouteFacts, TokenEverywhere, method_asked_for
from tenantauth.testing import make_context


def test_the_defaults_of_a_route_deny() -> None:
    facts = RouteFacts()
    assert facts.authentication == "required"
    assert not facts.published
    assert not facts.limit_exempt


def test_an_app_that_says_nothing_needs_a_token_everywhere() -> None:
    """Threat 55: without routes, no path and no method is open."""
    assert TokenEverywhere().facts({"PATH_INFO": "/anything"}, "OPTIONS") == RouteFacts()


ORIGIN = "https://app.test"


@pytest.mark.parametrize(
    ("request_of", "preflights", "asked_for"),
    [
        ({"origin": ORIGIN, "preflight_for": "PUT"}, True, "PUT"),
        ({"origin": ORIGIN, "preflight_for": "PUT"}, False, "OPTIONS"),
        ({"preflight_for": "PUT"}, True, "OPTIONS"),
        ({"origin": ORIGIN, "method": "OPTIONS"}, True, "OPTIONS"),
        ({"origin": ORIGIN, "headers": {"Access-Control-Request-Method": "PUT"}}, True, "GET"),
    ],
    ids=["a preflight", "the app answers it", "no origin", "no method", "no OPTIONS"],
)
def test_only_a_preflight_that_is_answered_asks_for_another_method(
    request_of: dict[str, Any], preflights: bool, asked_for: str
) -> None:
    request = make_context(**request_of).request
    assert method_asked_for(request, preflights=preflights) == asked_for
