from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from tenantauth.defaults import default_layers
from tenantauth.origins import OriginSet
from tenantauth.policy import CorsRule, TenantPolicy
from tenantauth.resolve import ByHost
from tenantauth.stack import Stack
from tenantauth.testing import FakePolicySource, make_policy
from tenants.preflight import Call, CallAnswer, ask
from tests.properties import fetch_model

APP = "https://app.acme.test"
LISTED = OriginSet.parse([APP])
ACME = make_policy(
    cors=[
        CorsRule(LISTED, methods=("GET", "PUT", "PATCH")),
        CorsRule(LISTED, "/upload", allow_headers=("X-Part",), credentials=True),
        CorsRule(OriginSet(), "/closed"),
        CorsRule(OriginSet.parse(["*"]), "/feed"),
    ]
)

CALLS = [
    pytest.param(Call(APP), None, id="get"),
    pytest.param(Call(APP, "/api/me", "put", ("Authorization",)), None, id="put"),
    pytest.param(Call(APP, "/x", "HEAD", ("Accept",)), None, id="simple"),
    pytest.param(Call(APP, "/x", "DELETE"), "the method DELETE", id="method"),
    pytest.param(Call(APP, "/x", "patch"), "the method patch; browsers tell", id="small-letters"),
    pytest.param(Call(APP, "/x", "GET", ("X-Part", "X-B")), "the header X-Part, X-B", id="header"),
    pytest.param(Call(APP, "/upload/1", "PUT", ("x-part",)), None, id="longer-rule"),
    pytest.param(
        Call(APP, "/upload", "PUT", ("X-Part", "Authorization")), "header Authorization", id="token"
    ),
    pytest.param(Call(APP, "/closed/x"), "lets no page in", id="nobody"),
    pytest.param(Call("https://evil.test"), "does not allow the origin", id="stranger"),
    pytest.param(Call("null"), "null is the origin of sandboxed pages", id="null"),
    pytest.param(Call("app.acme.test"), "is not an origin", id="no-origin"),
    pytest.param(Call("null", "/feed"), None, id="every-page"),
]
UNSENT = [
    pytest.param(Call(APP, "/x", "a b"), "is not one method", id="no-method"),
    pytest.param(Call(APP, "/x", "GET", ("X\r\n",)), "is not a list of names", id="no-header"),
]


@pytest.mark.parametrize(("call", "reason"), [*CALLS, *UNSENT])
def test_a_page_is_told_whether_it_may_call_and_why_not(call: Call, reason: str | None) -> None:
    """Threat 63."""
    answer = ask(ACME, call)
    assert answer.allowed is (reason is None)
    assert (reason or "") in (answer.reason or "")


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [b""]


@pytest.mark.parametrize(("call", "reason"), CALLS)
def test_it_is_what_a_browser_finds_at_the_whole_stack(call: Call, reason: str | None) -> None:
    """Threat 63: nothing is said of the rules that requests would not meet."""
    stack = Stack(app, default_layers(), resolve=ByHost(), source=FakePolicySource([ACME]))
    asked = fetch_model.Call(call.path, call.method, tuple((each, "1") for each in call.headers))
    read = fetch_model.Page(stack, call.origin).fetch(asked)
    assert (read is not None) is ask(ACME, call).allowed is (reason is None)


@pytest.mark.parametrize("origin", [f"{APP}/", f"{APP}:443", "https://APP.acme.test"])
def test_an_origin_in_another_spelling_is_told_the_one_that_is_sent(origin: str) -> None:
    assert ask(ACME, Call(origin)).reason == f"browsers send {APP}, which the rule does allow"


@pytest.mark.parametrize(
    ("policy", "call", "rule"),
    [
        (ACME, Call(APP, "/uploads"), "/"),
        (ACME, Call(APP, "/upload//x"), "/upload"),
        (make_policy(), Call(APP), None),
    ],
)
def test_the_rule_is_the_one_that_requests_meet(
    policy: TenantPolicy, call: Call, rule: str | None
) -> None:
    assert ask(policy, call).rule == rule


def test_the_header_fields_are_those_of_the_preflights_answer() -> None:
    assert ask(ACME, Call(APP, "/upload", "PUT")) == CallAnswer(
        True,
        None,
        "/upload",
        {
            "Vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
            "Access-Control-Allow-Origin": APP,
            "Access-Control-Allow-Credentials": "true",
            "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
            "Access-Control-Allow-Headers": "X-Part",
            "Access-Control-Max-Age": "600",
        },
    )


def test_a_tenant_without_rules_is_told_that_an_app_may_have_some() -> None:
    assert "an app's rules are not asked" in (ask(make_policy(), Call(APP)).reason or "")
