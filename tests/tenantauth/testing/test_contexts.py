from tenantauth.environ import GRANT
from tenantauth.route import RouteFacts
from tenantauth.testing import make_context, make_policy
from tests.support import NOW


def test_a_context_is_one_request_to_a_tenants_host() -> None:
    context = make_context()
    assert context.policy.tenant.slug == "acme"
    assert (context.request.host, context.request.received_at) == ("acme.localhost", NOW)
    assert (context.identity, context.route) == (None, RouteFacts())
    assert GRANT not in context.environ


def test_headers_stand_where_servers_put_them() -> None:
    context = make_context(headers={"X-Api-Key": "k"}, token="t")
    assert context.environ["HTTP_X_API_KEY"] == "k"
    assert context.environ["HTTP_AUTHORIZATION"] == "Bearer t"


def test_a_preflight_asks_for_a_method() -> None:
    context = make_context(preflight_for="PUT", origin="https://app.test")
    assert context.is_preflight
    assert context.environ["REQUEST_METHOD"] == context.request.method == "OPTIONS"


def test_facts_of_the_route_can_be_given_one_by_one_or_whole() -> None:
    assert make_context(matched=False).route == RouteFacts(matched=False)
    route = RouteFacts(endpoint="reports")
    assert make_context(make_policy("globex"), route=route).route is route
