import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from werkzeug.test import Client, TestResponse

from tenantauth.context import RequestContext
from tenantauth.defaults import default_layers
from tenantauth.environ import GRANT
from tenantauth.errors import CODES, RegistryUnavailableError, StackError
from tenantauth.events import Events
from tenantauth.identity import Grant, Identity
from tenantauth.layer import Layer
from tenantauth.layers.cors import Cors
from tenantauth.ports import TenantKey
from tenantauth.reply import Answer, HeaderList, Refusal, Reply
from tenantauth.request import RequestFacts
from tenantauth.resolve import ByHeader, ByHost
from tenantauth.route import RouteFacts
from tenantauth.stack import Stack
from tenantauth.testing import FakePolicySource, ManualClock, RecordingSink, make_policy, make_token

ACME = make_policy("acme", origins=["https://app.test"])
TOKEN = make_token(ACME)
PREFLIGHT = {"Origin": "https://app.test", "Access-Control-Request-Method": "PUT"}


@dataclass
class FakeLayer:
    """A layer that writes down what it is asked, and answers as told."""

    name: str
    log: list[str] = field(default_factory=list)
    reply: Reply | None = None
    identity: Identity | None = None
    requires: frozenset[str] = frozenset()
    provides: frozenset[str] = frozenset()
    error: Exception | None = None

    def admit(self, context: RequestContext) -> Reply | None:
        self.log.append(f"{self.name} in")
        if self.error is not None:
            raise self.error
        context.identity = self.identity or context.identity
        return self.reply

    def finish(self, context: RequestContext, headers: HeaderList) -> None:
        self.log.append(f"{self.name} out")
        headers.append((f"X-{self.name}", context.refusal.code if context.refusal else "passed"))


class FakeRoutes:
    """Routes of which all have the same facts; it keeps the methods that it is asked for."""

    def __init__(self, facts: RouteFacts) -> None:
        self.all = facts
        self.methods: list[str] = []

    def facts(self, environ: WSGIEnvironment, method: str) -> RouteFacts:
        self.methods.append(method)
        return self.all


class NoTenant:
    """A resolver that finds no tenant named."""

    def resolve(self, request: RequestFacts, environ: WSGIEnvironment) -> TenantKey | None:
        return None


class App:
    """An app that keeps the environ it was called with."""

    def __init__(self, *headers: tuple[str, str]) -> None:
        self.environ: WSGIEnvironment = {}
        self.calls = 0
        self._headers = [("Content-Type", "text/plain"), *headers]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.environ, self.calls = environ, self.calls + 1
        start_response("200 OK", list(self._headers))
        return [b"app"]


def ask(
    stack: Stack,
    path: str = "/",
    *,
    method: str = "GET",
    host: str = "acme.localhost",
    token: str | None = None,
    headers: dict[str, str] | None = None,
    environ: WSGIEnvironment | None = None,
) -> TestResponse:
    sent = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
    return Client(stack, use_cookies=False).open(
        path,
        method=method,
        base_url="http://localhost",
        headers=sent,
        environ_overrides={"HTTP_HOST": host, **(environ or {})},
    )


def build(app: App, *layers: Layer, **options: object) -> Stack:
    given = {"resolve": ByHost(), "source": FakePolicySource([ACME]), "clock": ManualClock()}
    return Stack(app, layers or default_layers(), **{**given, **options})  # type: ignore[arg-type]  # each test gives what it is about


def code(response: TestResponse) -> str:
    return str(json.loads(response.get_data())["code"])


@pytest.fixture
def app() -> App:
    return App()


def test_layers_admit_in_order_and_finish_backwards(app: App) -> None:
    log: list[str] = []
    ask(build(app, FakeLayer("a", log), FakeLayer("b", log)))
    assert log == ["a in", "b in", "b out", "a out"]
    assert app.calls == 1


def test_only_entered_layers_finish_a_refusal(app: App) -> None:
    log: list[str] = []
    refusing = FakeLayer("b", log, reply=Refusal("forbidden"))
    response = ask(build(app, FakeLayer("a", log), refusing, FakeLayer("c", log)))
    assert log == ["a in", "b in", "b out", "a out"]
    assert (response.status_code, app.calls) == (403, 0)
    assert response.headers["X-a"] == "forbidden"


def test_a_layer_can_answer_itself(app: App) -> None:
    response = ask(build(app, FakeLayer("a", reply=Answer(204))))
    assert (response.status_code, response.data, app.calls) == (204, b"", 0)
    assert response.headers["X-a"] == "passed"


class FailsOnTheWayBack(FakeLayer):
    """A layer whose outgoing hook has a bug."""

    def finish(self, context: RequestContext, headers: HeaderList) -> None:
        raise ValueError("the secret")


def test_a_refusal_that_cannot_be_finished_is_an_internal_error(app: App) -> None:
    """Threat 56."""
    response = ask(build(app, FailsOnTheWayBack("a", reply=Refusal("forbidden"))))
    assert (response.status_code, code(response), app.calls) == (500, "internal_error", 0)
    assert response.headers["X-Request-Id"]


@pytest.mark.parametrize("junk", [True, "no", 403, ("401 Unauthorized", [])])
def test_a_layer_that_answers_with_anything_else_refuses(app: App, junk: Any) -> None:
    """Threat 56."""
    response = ask(build(app, FakeLayer("a", reply=junk)))
    assert (response.status_code, code(response), app.calls) == (500, "internal_error", 0)


def test_the_remote_user_is_a_native_string(app: App) -> None:
    """PEP 3333: the bytes of its UTF-8, one a character."""
    ask(build(app), token=make_token(ACME, "\u65e5\u672c"))
    assert app.environ["REMOTE_USER"].encode("latin-1").decode() == "acme/\u65e5\u672c"


def test_a_layer_that_fails_refuses(app: App, caplog: pytest.LogCaptureFixture) -> None:
    """Threats 56 and 106: an error never lets a request pass, and says nothing to the caller."""
    response = ask(build(app, FakeLayer("a", error=ValueError("the secret"))))
    assert (response.status_code, code(response), app.calls) == (500, "internal_error", 0)
    assert response.headers["X-a"] == "internal_error"
    assert "secret" not in response.text
    assert response.headers["X-Request-Id"] in caplog.text


def test_a_source_that_fails_unexpectedly_refuses(app: App) -> None:
    """Threat 56."""
    response = ask(build(app, source=object()))
    assert (response.status_code, app.calls) == (500, 0)


def test_a_stack_in_an_impossible_order_is_never_built(app: App) -> None:
    with pytest.raises(StackError, match="a requires identity"):
        build(app, FakeLayer("a", requires=frozenset({"identity"})))


def test_a_stack_tells_its_layers_in_order(app: App) -> None:
    names = [layer.name for layer in build(app).layers]
    assert names == ["cors", "suspension", "guard", "authenticate", "rate_limit", "authorize"]


@pytest.mark.parametrize(
    ("host", "status", "expected"),
    [
        ("globex.localhost", 404, "unknown_tenant"),
        ("localhost", 404, "unknown_tenant"),
        ("a.acme.localhost", 404, "unknown_tenant"),
        ("", 400, "invalid_request"),
        ("acme.localhost, globex.localhost", 400, "invalid_request"),
        ("acme.localhost@evil.test", 400, "invalid_request"),
        ("acme.localhost/", 400, "invalid_request"),
    ],
    ids=["unknown", "apex", "nested", "none", "two", "user info", "path"],
)
def test_no_host_but_its_own_reaches_a_tenant(
    app: App, host: str, status: int, expected: str
) -> None:
    """Threats 45 and 47: no default tenant, and no fall-back to the server's own name."""
    response = ask(build(app), host=host, token=TOKEN, environ={"SERVER_NAME": "acme.localhost"})
    assert (response.status_code, code(response), app.calls) == (status, expected, 0)


@pytest.mark.parametrize(
    "host", ["ACME.localhost", "acme.localhost:8000", "acme.localhost.", "Acme.LocalHost.:80"]
)
def test_all_spellings_of_a_host_are_one_tenant(app: App, host: str) -> None:
    """Threat 45: case, port and a trailing dot."""
    assert ask(build(app), host=host, token=TOKEN).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "globex.localhost"},
        {"Forwarded": "host=globex.localhost"},
        {"X-Tenant": "globex"},
        {"X-Original-Host": "globex.localhost"},
    ],
    ids=["x-forwarded-host", "forwarded", "x-tenant", "x-original-host"],
)
def test_no_header_names_another_tenant(app: App, headers: dict[str, str]) -> None:
    """Threat 46: with no proxy configured, the Host alone decides."""
    stack = build(app, source=FakePolicySource([ACME, make_policy("globex")]))
    assert ask(stack, token=TOKEN, headers=headers).status_code == 200
    assert app.environ[GRANT].tenant.slug == "acme"


@pytest.mark.parametrize(
    "environ",
    [
        {"QUERY_STRING": "tenant=globex&tenant_id=id-globex"},
        {"HTTP_COOKIE": "tenant=globex"},
        {"PATH_INFO": "/t/globex/"},
        {"SERVER_NAME": "globex.localhost"},
        {"SSL_TLS_SNI": "globex.localhost"},
        {"wsgi.input": BytesIO(b"tenant=globex"), "CONTENT_LENGTH": "13"},
    ],
    ids=["query", "cookie", "path", "server name", "sni", "body"],
)
def test_nothing_else_names_another_tenant(app: App, environ: WSGIEnvironment) -> None:
    """Threat 46: what no way of resolving reads is of no effect, and left to the app."""
    stack = build(app, source=FakePolicySource([ACME, make_policy("globex")]))
    assert ask(stack, token=TOKEN, environ=environ).status_code == 200
    assert app.environ[GRANT].tenant.slug == "acme"
    assert app.environ["SCRIPT_NAME"] == ""


@pytest.mark.parametrize(
    "name", ["Script-Name", "X-Script-Name", "X-Forwarded-Prefix", "Path-Info", "X-Original-Url"]
)
@pytest.mark.parametrize("value", ["/a", "/healthz"])
def test_no_field_moves_the_path(app: App, name: str, value: str) -> None:
    """Threat 48: what servers make of such fields is theirs; the stack makes nothing of them."""
    assert ask(build(app), "/a/b", token=TOKEN, headers={name: value}).status_code == 200
    assert (app.environ["SCRIPT_NAME"], app.environ["PATH_INFO"]) == ("", "/a/b")


def test_a_token_names_no_other_tenant_than_the_host(app: App) -> None:
    """Threat 46, threat 44."""
    globex = make_policy("globex")
    stack = build(app, source=FakePolicySource([ACME, globex]))
    assert ask(stack, token=make_token(globex)).status_code == 401


def test_a_request_that_names_no_tenant_is_refused(app: App) -> None:
    """Threat 47."""
    assert code(ask(build(app, resolve=NoTenant()), token=TOKEN)) == "unknown_tenant"


def test_a_registry_that_is_away_is_said_with_a_time_to_wait(app: App) -> None:
    """Threat 47, threat 56: without a policy nobody passes."""
    source = FakePolicySource([ACME])
    source.down = True
    response = ask(build(app, source=source), token=TOKEN)
    assert (response.status_code, code(response)) == (503, "registry_unavailable")
    assert (response.headers["Retry-After"], app.calls) == ("2", 0)


def test_the_app_is_handed_the_grant(app: App) -> None:
    ask(build(app), token=TOKEN)
    grant = app.environ[GRANT]
    assert isinstance(grant, Grant)
    assert (grant.tenant, grant.identity.subject) == (ACME.tenant, "alice")
    assert (app.environ["REMOTE_USER"], app.environ["AUTH_TYPE"]) == ("acme/alice", "Bearer")


@pytest.mark.parametrize(
    "environ",
    [
        {"REMOTE_USER": "acme/root"},
        {"AUTH_TYPE": "Bearer"},
        {"tenantauth.grant": Grant(ACME.tenant, Identity("acme", "root", "user"))},
        {"tenantauth.tenantless": True},
        {"HTTP_REMOTE_USER": "acme/root"},
        {"HTTP_TENANTAUTH.GRANT": "acme/root"},
        {"HTTP_X_TENANTAUTH_GRANT": "acme/root"},
    ],
    ids=lambda environ: next(iter(environ)),
)
def test_an_identity_in_the_environ_is_no_identity(app: App, environ: WSGIEnvironment) -> None:
    """Threat 53: with or without a token, what was there before has no effect."""
    assert code(ask(build(app), environ=environ)) == "missing_token"
    assert ask(build(app), token=TOKEN, environ=environ).status_code == 200
    assert app.environ["REMOTE_USER"] == "acme/alice"
    assert app.environ[GRANT].identity.subject == "alice"


def test_an_anonymous_request_leaves_no_user(app: App) -> None:
    """Threat 53: an open route sees nobody, whatever a server in front says."""
    stack = build(app, routes=FakeRoutes(RouteFacts(authentication="optional")))
    fields = ("HTTP_REMOTE_USER", "HTTP_X_REMOTE_USER", "HTTP_X_USER", "HTTP_X_FORWARDED_USER")
    said = dict.fromkeys(("REMOTE_USER", "AUTH_TYPE", *fields), "root")
    assert ask(stack, environ=said).status_code == 200
    assert app.environ[GRANT].identity == Identity("acme")
    assert not {"REMOTE_USER", "AUTH_TYPE"} & app.environ.keys()


def test_without_an_identity_layer_nobody_is_granted_anything(app: App) -> None:
    ask(build(app, FakeLayer("a")), environ={"REMOTE_USER": "root"})
    assert not {GRANT, "REMOTE_USER"} & app.environ.keys()


METHODS = ["GET", "HEAD", "POST", "OPTIONS", "TRACE", "CONNECT", "get", "PROPFIND"]


@pytest.mark.parametrize("method", [*METHODS, "VERSION-CONTROL", "A" * 1000], ids=lambda m: m[:20])
def test_without_routes_a_token_is_needed_for_every_method(app: App, method: str) -> None:
    """Threats 55 and 59."""
    assert ask(build(app), method=method).status_code == 401
    assert ask(build(app), method=method, token=TOKEN).status_code == 200
    assert app.calls == 1


@pytest.mark.parametrize("method", ["OPTIONS", "GET"])
def test_a_target_that_is_no_path_needs_a_token(app: App, method: str) -> None:
    """Threat 59: `OPTIONS *` asks of the whole server, and no tenant has one."""
    response = ask(build(app), method=method, environ={"PATH_INFO": "*", "RAW_URI": "*"})
    assert (response.status_code, app.calls) == (401, 0)


def test_an_overridden_method_is_not_looked_at(app: App) -> None:
    """Threat 55: method override headers change nothing."""
    routes = FakeRoutes(RouteFacts())
    ask(build(app, routes=routes), method="POST", headers={"X-HTTP-Method-Override": "GET"})
    assert routes.methods == ["POST"]


@pytest.mark.parametrize(
    ("token", "reached"), [(None, "unmatched"), ("x.y.z", "unmatched"), (TOKEN, "app")]
)
@pytest.mark.parametrize("layers", ["default", "none that identifies"])
def test_an_unknown_path_reaches_the_app_with_a_valid_token_only(
    token: str | None, reached: str, layers: str
) -> None:
    """Threat 55: what is mounted inside the app is not reached by strangers."""
    app, unmatched = App(), App()
    routes = FakeRoutes(RouteFacts(matched=False))
    own = () if layers == "default" else (FakeLayer("a"),)
    ask(build(app, *own, routes=routes, unmatched=unmatched), token=token)
    expected = reached if layers == "default" else "unmatched"
    assert (app.calls, unmatched.calls) == ((1, 0) if expected == "app" else (0, 1))


def test_a_preflight_asks_for_the_route_of_the_real_request(app: App) -> None:
    """Threat 66: it needs no token and reaches neither counters nor the app."""
    routes = FakeRoutes(RouteFacts())
    response = ask(build(app, routes=routes), method="OPTIONS", headers=PREFLIGHT)
    assert (response.status_code, routes.methods, app.calls) == (204, ["PUT"], 0)


def test_a_preflight_that_asks_for_no_method_is_malformed_and_opens_no_other_route(
    app: App,
) -> None:
    """Threat 66."""
    routes = FakeRoutes(RouteFacts())
    headers = {**PREFLIGHT, "Access-Control-Request-Method": ""}
    response = ask(build(app, routes=routes), method="OPTIONS", headers=headers)
    assert (response.status_code, routes.methods, app.calls) == (400, ["OPTIONS"], 0)


def test_an_options_without_origin_is_a_request_like_any_other(app: App) -> None:
    """Threat 55: the method asked for in a header must not choose the facts of what is reached."""
    routes = FakeRoutes(RouteFacts())
    headers = {"Access-Control-Request-Method": "PUT"}
    response = ask(build(app, routes=routes), method="OPTIONS", headers=headers)
    assert (response.status_code, routes.methods) == (401, ["OPTIONS"])


def test_a_preflight_that_no_layer_answers_is_a_request_like_any_other(app: App) -> None:
    """Threat 55: a stack without CORS asks for the facts of OPTIONS, which the app will see."""
    routes = FakeRoutes(RouteFacts())
    ask(build(app, FakeLayer("a"), routes=routes), method="OPTIONS", headers=PREFLIGHT)
    assert (routes.methods, app.calls) == (["OPTIONS"], 1)


@pytest.mark.parametrize("host", ["", "10.0.0.1", "not a host", "unknown.test"])
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_answered_for_any_host(app: App, path: str, host: str) -> None:
    response = ask(build(app), path, host=host)
    assert (response.status_code, app.calls) == (200, 0)


@pytest.mark.parametrize("path", ["/healthz/", "//healthz", "/healthz/x", "/HEALTHZ", "/x/readyz"])
def test_a_path_near_a_health_check_is_none(app: App, path: str) -> None:
    """Threat 73: tenantless paths are exact."""
    assert ask(build(app), environ={"PATH_INFO": path}).status_code == 401


def test_a_tenantless_path_reaches_the_app_without_a_grant(app: App) -> None:
    stack = build(app, tenantless=("/ping",))
    response = ask(stack, "/ping", host="any.test", token=TOKEN, environ={"REMOTE_USER": "root"})
    assert (response.status_code, app.calls) == (200, 1)
    assert not {GRANT, "REMOTE_USER"} & app.environ.keys()
    assert "X-Request-Id" in response.headers


def test_a_bare_string_is_one_tenantless_path(app: App) -> None:
    """Threat 55: its characters, and with them "/", are not."""
    stack = build(app, tenantless="/ping")
    assert ask(stack, "/ping", host="any.test").status_code == 200
    assert ask(stack, "/").status_code == 401


def test_health_paths_that_are_not_tenantless_are_the_apps(app: App) -> None:
    stack = build(app, tenantless=())
    assert ask(stack, "/healthz").status_code == 401
    assert (ask(stack, "/healthz", token=TOKEN).status_code, app.calls) == (200, 1)


def test_readiness_that_fails_is_no_traceback(app: App) -> None:
    """Threat 56."""

    def ready() -> str | None:
        raise RegistryUnavailableError("away")

    response = ask(build(app, ready=ready), "/readyz")
    assert (response.status_code, response.get_json()) == (503, {"status": "unavailable"})


@pytest.mark.parametrize("path", ["/healthz", "/", "/ping"])
@pytest.mark.parametrize("token", [None, TOKEN])
def test_every_answer_has_one_request_id(path: str, token: str | None) -> None:
    stack = build(App(("X-Request-Id", "of the app")), tenantless=("/healthz", "/ping"))
    (name,) = ask(stack, path, token=token).headers.getlist("X-Request-Id")
    assert name != "of the app"


def test_the_app_and_the_caller_are_told_the_same_request_id(app: App) -> None:
    response = ask(build(app, proxies=1), token=TOKEN, headers={"X-Request-Id": "r-1"})
    assert response.headers["X-Request-Id"] == app.environ["tenantauth.request_id"] == "r-1"


def test_a_refusal_is_a_problem_that_is_not_stored(app: App) -> None:
    response = ask(build(app))
    problem = json.loads(response.data)
    assert response.content_type == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    assert problem["request_id"] == response.headers["X-Request-Id"]
    assert response.content_length == len(response.data)


def test_a_refusal_to_head_has_no_body(app: App) -> None:
    response = ask(build(app), method="HEAD")
    assert (response.status_code, response.data) == (401, b"")
    assert response.content_length


def test_a_refusal_can_be_read_by_the_tenants_pages(app: App) -> None:
    """Threat 67."""
    response = ask(build(app), headers={"Origin": "https://app.test"})
    assert response.status_code == 401
    assert response.headers["Access-Control-Allow-Origin"] == "https://app.test"


@pytest.mark.parametrize("refused", sorted(CODES))
def test_every_refusal_of_a_layer_can_be_read(app: App, refused: str) -> None:
    """Threat 67: 401, 403, 429 and 5xx alike."""
    stack = build(app, Cors(), FakeLayer("b", reply=Refusal(refused)))
    response = ask(stack, headers={"Origin": "https://app.test"})
    assert code(response) == refused
    assert response.headers["Access-Control-Allow-Origin"] == "https://app.test"
    assert "Retry-After" in response.headers["Access-Control-Expose-Headers"]


def test_an_error_of_a_layer_can_be_read(app: App) -> None:
    """Threat 67."""
    stack = build(app, Cors(), FakeLayer("b", error=ValueError("a bug")))
    response = ask(stack, headers={"Origin": "https://app.test"})
    assert (response.status_code, code(response)) == (500, "internal_error")
    assert response.headers["Access-Control-Allow-Origin"] == "https://app.test"


@pytest.mark.parametrize("headers", [{"Origin": "https://app.test"}, PREFLIGHT], ids=["get", "ask"])
@pytest.mark.parametrize(
    ("host", "is_down", "status"),
    [("nobody.localhost", False, 404), ("acme.localhost/", False, 400), ("localhost", True, 503)],
    ids=["unknown tenant", "malformed host", "policies away"],
)
def test_without_a_tenant_no_page_reads_anything(
    app: App, host: str, is_down: bool, status: int, headers: dict[str, str]
) -> None:
    """Threat 70: there is nobody who could allow it."""
    source = FakePolicySource([ACME])
    source.down = is_down
    method = "OPTIONS" if headers is PREFLIGHT else "GET"
    response = ask(build(app, source=source), method=method, host=host, headers=headers)
    assert response.status_code == status
    assert [name for name, _ in response.headers if name.lower().startswith("access")] == []


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [("GET", {}, 401), ("OPTIONS", PREFLIGHT, 204), ("GET", {"X-Tenant": "?"}, 400)],
    ids=["refusal", "preflight", "nobody"],
)
def test_every_answer_depends_on_the_field_that_named_the_tenant(
    app: App, method: str, headers: dict[str, str], status: int
) -> None:
    """Threat 51, threat 66: no cache hands it to another tenant's callers."""
    stack = build(app, resolve=(ByHost(), ByHeader()), proxies=1)
    response = ask(stack, method=method, headers={"X-Tenant": "acme", **headers})
    assert response.status_code == status
    assert "X-Tenant" in response.headers["Vary"]


def test_a_refusal_is_told_to_operators_with_its_reason() -> None:
    sink = RecordingSink()
    stack = build(App(), events=Events(sink))
    response = ask(stack, "/r", token="x.y.z", environ={"REMOTE_ADDR": "192.0.2.1"})
    (event,) = sink.events
    assert (event.code, event.tenant, event.method) == ("invalid_token", "acme", "GET")
    assert (event.untrusted_path, event.address) == ("/r", "192.0.2.1")
    assert event.request_id == response.headers["X-Request-Id"]
    assert event.reason
    assert not event.untrusted_host
    assert "x.y.z" not in repr(event)


def test_a_refusal_without_tenant_is_told_too() -> None:
    sink = RecordingSink()
    stack = build(App(), events=Events(sink))
    ask(stack, host="")
    ask(stack, host="Unknown.test:8000")
    assert [(event.code, event.tenant, event.untrusted_host) for event in sink.events] == [
        ("invalid_request", None, ""),
        ("unknown_tenant", None, "unknown.test"),
    ]


def test_one_requests_identity_is_not_the_nexts(app: App) -> None:
    """Threat 54: nothing is kept in the stack between requests."""
    stack = build(app, routes=FakeRoutes(RouteFacts(authentication="optional")))
    seen = []
    for token in (TOKEN, None, make_token(ACME, "bob"), None):
        ask(stack, token=token)
        seen.append(app.environ[GRANT].identity.subject)
    assert seen == ["alice", None, "bob", None]


def test_an_error_of_the_app_is_the_apps(app: App) -> None:
    def fails(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        raise LookupError("of the app")

    failing: Callable[..., Iterable[bytes]] = fails
    with pytest.raises(LookupError, match="of the app"):
        ask(build(failing), token=TOKEN)  # type: ignore[arg-type]  # any WSGI app will do
