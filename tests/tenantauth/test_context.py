import pytest
from werkzeug.test import create_environ

from tenantauth.context import RequestContext
from tenantauth.environ import read_request
from tenantauth.route import RouteFacts
from tenantauth.testing import make_policy

ORIGIN = {"Origin": "https://app.test"}
ASKS = {"Access-Control-Request-Method": "GET"}


def context(method: str, headers: dict[str, str]) -> RequestContext:
    environ = create_environ(method=method, base_url="http://acme.localhost", headers=headers)
    request = read_request(environ, received_at=0.0, proxies=0, host_proxies=0)
    return RequestContext(
        environ=environ, request=request, policy=make_policy(), route=RouteFacts(), request_id="1"
    )


def test_a_preflight_has_an_origin_and_asks_for_a_method() -> None:
    assert context("OPTIONS", ORIGIN | ASKS).is_preflight


@pytest.mark.parametrize(
    ("method", "headers"),
    [("GET", ORIGIN | ASKS), ("OPTIONS", ORIGIN), ("OPTIONS", ASKS), ("OPTIONS", {})],
    ids=["another method", "asks for nothing", "no origin", "plain"],
)
def test_anything_else_is_no_preflight(method: str, headers: dict[str, str]) -> None:
    """Threat 66: only what a browser sends before a request is answered without a token."""
    assert not context(method, headers).is_preflight


def test_a_context_begins_without_identity() -> None:
    """Threat 54: nothing of another request is in it."""
    first, second = context("GET", {}), context("GET", {})
    first.extra["seen"] = True
    assert (second.identity, second.decision, second.refusal, second.extra) == (
        None,
        None,
        None,
        {},
    )
