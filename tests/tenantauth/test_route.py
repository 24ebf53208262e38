from tenantauth.route import RouteFacts, TokenEverywhere


def test_the_defaults_of_a_route_deny() -> None:
    facts = RouteFacts()
    assert facts.authentication == "required"
    assert not facts.published
    assert not facts.limit_exempt


def test_an_app_that_says_nothing_needs_a_token_everywhere() -> None:
    """Threat 55: without routes, no path and no method is open."""
    assert TokenEverywhere().facts({"PATH_INFO": "/anything"}, "OPTIONS") == RouteFacts()
