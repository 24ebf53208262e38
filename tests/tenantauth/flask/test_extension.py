import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from flask import Flask, current_app, request
from flask.views import MethodView
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from tenantauth.defaults import default_layers
from tenantauth.errors import SettingsError, StackError
from tenantauth.flask import FlaskCors, TenantAuth, current_tenant, no_token, public
from tenantauth.layers.authorize import Authorize
from tenantauth.limit import Limit
from tenantauth.ports import TenantKey
from tenantauth.testing import FakePolicySource, RecordingSink, make_policy, make_token
from tenantauth.units import Rate
from tests.partners import partner_token, trust
from tests.servers.documents import document, saying, serving
from tests.tenantauth.flask.apps import ACME, ask, protected, token
from tests.tenantauth.forks import in_child
from tests.tenantauth.tokens.key_documents import KEYS, jwk, key_set

# Run in an interpreter of its own: prints what importing and creating an app has opened.
OPENS_NOTHING = """
import os, sys, threading
touched = []
def watch(event, args):
    if event == "socket.__new__" or event.startswith(("sqlite3.connect", "subprocess", "os.fork")):
        touched.append(event)
    if event == "open" and isinstance(args[0], str) and "tenantauth.key" in args[0]:
        touched.append(args[0])
    if event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        touched.append(args[0])
import flask, tenantauth.flask
sys.addaudithook(watch)
app = flask.Flask("app")
tenantauth.flask.TenantAuth(app)
app.test_client()
print(touched, threading.active_count(), os.listdir("."))
"""


class Thing(MethodView):
    """Reading is open, deleting is not."""

    @public
    def get(self) -> str:
        return "open"

    def delete(self) -> str:
        return "closed"


class Rewriting:
    """A middleware between stack and Flask that changes the environ."""

    def __init__(self, app: WSGIApplication, **changes: str) -> None:
        self._app = app
        self._changes = changes

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._app({**environ, **self._changes}, start_response)


def rewritten(**changes: str) -> Flask:
    """Return an app with an open and a closed view, and such a middleware around it."""
    app = Flask(__name__)
    app.wsgi_app = Rewriting(app.wsgi_app, **changes)  # type: ignore[method-assign]  # as documented
    TenantAuth(app, registry=FakePolicySource([ACME]))
    app.add_url_rule("/open", "open", public(lambda: "open"))
    app.add_url_rule("/closed", "closed", lambda: "closed")
    app.add_url_rule("/open/<int:number>", "number", public(lambda number: f"{number}"))
    return app


@pytest.mark.parametrize("path", ["/", "/static/x.css", "/static/../x"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_every_route_needs_a_token(path: str, method: str) -> None:
    """Threat 55: an unmarked view, static files, HEAD and a plain OPTIONS."""
    app = protected()
    app.add_url_rule("/", view_func=lambda: "secret")
    assert ask(app, path, method=method).status_code == 401


def test_a_valid_token_opens_a_route(tmp_path: Path) -> None:
    app = protected()
    app.static_folder = str(tmp_path)
    (tmp_path / "x.css").write_text("x")
    app.add_url_rule("/", "index", lambda: "hello")
    assert ask(app, token=token()).text == "hello"
    response = ask(app, "/static/x.css", token=token())
    assert response.text == "x"
    response.close()


@pytest.mark.parametrize(
    ("named", "status", "counted"),
    [
        ("127.0.0.1", 200, {"fetches": 1}),
        ("", 503, {"fetches": 1, "failures": 1, "refused_addresses": 1}),
    ],
    ids=["named", "not named"],
)
def test_keys_of_trusted_issuers_come_from_where_the_setting_says(
    named: str, status: int, counted: dict[str, int]
) -> None:
    """Threat 112."""
    with serving(saying(document(key_set(jwk("k1"))))) as server:
        uri = f"http://127.0.0.1:{server.port}/jwks"
        issuer = trust(jwks_uri=uri, algorithms=frozenset({"ES256"}))
        app = Flask(__name__)
        app.config["TENANTAUTH_ISSUER_NETWORKS"] = named
        policy = make_policy("acme", trusted_issuers=[issuer])
        TenantAuth(app, registry=FakePolicySource([policy]))
        app.add_url_rule("/", "index", lambda: "hello")
        bearer = partner_token("bob", key=KEYS["k1"], now_s=time.time())
        assert ask(app, token=bearer).status_code == status
        assert app.extensions["tenantauth"].issuer_keys.counts() == counted


def test_a_plain_options_is_a_request_like_any_other() -> None:
    app = protected()
    app.add_url_rule("/", "index", lambda: "hello")
    response = ask(app, method="OPTIONS", token=token())
    assert (response.status_code, response.allow.as_set()) == (200, {"get", "head", "options"})


def test_another_tenants_token_opens_nothing() -> None:
    """Threat 44."""
    app = protected()
    app.add_url_rule("/", "index", lambda: "hello")
    assert ask(app, token=token(), host="globex.localhost").status_code == 401


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/nowhere", "GET", 404), ("/here/", "POST", 405), ("/here", "GET", 308)],
    ids=["not found", "not allowed", "redirect"],
)
@pytest.mark.parametrize("bearer", [None, "x.y.z", "good"], ids=["none", "invalid", "valid"])
def test_an_unmatched_path_is_answered_by_flask(
    path: str, method: str, status: int, bearer: str | None
) -> None:
    app = protected()
    app.add_url_rule("/here/", "here", lambda: "here")
    app.register_error_handler(404, lambda error: ("the app's own page", 404))
    response = ask(app, path, method=method, token=token() if bearer == "good" else bearer)
    assert response.status_code == status
    assert status != 404 or response.text == "the app's own page"
    assert "X-Request-Id" in response.headers


def test_a_404_handler_learns_who_calls() -> None:
    app = protected()
    app.register_error_handler(404, lambda error: (str(current_tenant.slug), 404))
    assert ask(app, "/nowhere").text == "acme"


@pytest.mark.parametrize("path", ["/inside", "/inside/x", "//inside", "/inside?x=1"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD"])
@pytest.mark.parametrize("bearer", [None, "x.y.z"], ids=["none", "invalid"])
def test_an_app_mounted_inside_is_never_reached_without_a_valid_token(
    path: str, method: str, bearer: str | None
) -> None:
    """Threat 55: Flask itself answers, as if nothing were mounted there."""
    app, reached = mounting()
    assert ask(app, path, method=method, token=bearer).status_code == 404
    assert reached == []


def test_an_app_mounted_inside_is_reached_with_a_valid_token() -> None:
    app, reached = mounting()
    assert ask(app, "/inside/x", token=token()).text == "inside"
    assert reached == ["acme/alice"]


def mounting() -> tuple[Flask, list[str]]:
    reached: list[str] = []

    def inside(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        reached.append(environ.get("REMOTE_USER", ""))
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"inside"]

    app = Flask(__name__)
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/inside": inside})  # type: ignore[method-assign]  # as documented
    TenantAuth(app, registry=FakePolicySource([ACME]))
    return app, reached


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("/open", {"PATH_INFO": "/closed"}),
        ("/nowhere", {"PATH_INFO": "/closed"}),
        ("/open", {"REQUEST_METHOD": "DELETE"}),
        ("/thing", {"REQUEST_METHOD": "DELETE"}),
    ],
    ids=["another route", "from nowhere", "another route's method", "another method"],
)
def test_a_request_changed_behind_the_stack_is_refused(
    path: str, changes: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """Threat 55: what Flask reaches is what the layers were asked about, or nothing."""
    app = rewritten(**changes)
    app.add_url_rule("/open", "delete", lambda: "closed", methods=["DELETE"])
    app.add_url_rule("/thing", view_func=Thing.as_view("thing"))
    # With a valid token: only then are middlewares inside reached from an unmatched path.
    response = ask(app, path, token=token())
    assert (response.status_code, "past the stack" in caplog.text) == (500, True)
    assert "closed" not in response.text


def test_a_path_may_change_behind_the_stack_within_its_route() -> None:
    assert ask(rewritten(PATH_INFO="/open/2"), "/open/1").text == "2"


def test_a_request_past_the_stack_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    """Threat 55: a server that calls the app in another way than `wsgi_app`."""
    app = protected()
    app.add_url_rule("/", view_func=public(lambda: "open"))
    past = Client(lambda environ, start: Flask.wsgi_app(app, environ, start))
    response = past.get("/", base_url="http://acme.localhost")
    assert (response.status_code, "past the stack" in caplog.text) == (500, True)


def test_nothing_of_the_app_runs_for_a_refused_caller() -> None:
    app, ran = protected(), []
    app.before_request(lambda: ran.append("before"))
    app.teardown_request(lambda error: ran.append("teardown"))
    app.add_url_rule("/", view_func=lambda: "hello")
    ask(app)
    assert ran == []


def test_error_handlers_of_the_app_do_not_change_a_refusal() -> None:
    """Threat 56: a handler for everything makes no 401 a 200."""
    app = protected()
    app.register_error_handler(Exception, lambda error: ("fine", 200))
    app.add_url_rule("/", view_func=lambda: "hello")
    assert ask(app).status_code == 401


def test_a_tenantless_path_needs_no_tenant_and_has_none() -> None:
    app = Flask(__name__)
    TenantAuth(app, registry=FakePolicySource(), tenantless=("/ping",))
    app.add_url_rule("/ping", "ping", lambda: str("tenantauth.grant" in request.environ))
    app.add_url_rule("/pings", "pings", lambda: "pong")
    assert ask(app, "/ping", host="10.0.0.1").text == "False"
    assert ask(app, "/pings", host="10.0.0.1").status_code == 404


def test_health_is_answered_before_any_tenant_exists() -> None:
    app = Flask(__name__)
    TenantAuth(app, registry=FakePolicySource())
    assert ask(app, "/healthz", host="10.0.0.1").json == {"status": "ok"}
    assert ask(app, "/readyz", host="10.0.0.1").status_code == 200


def test_an_application_factory_gives_each_app_its_own() -> None:
    auth = TenantAuth()
    apps = [Flask("one"), Flask("two")]
    for slug, app in zip(("acme", "globex"), apps, strict=True):
        auth.init_app(app, registry=FakePolicySource([make_policy(slug)]))
        app.add_url_rule("/", view_func=public(lambda: str(current_tenant.slug)))
    one, two = apps
    assert (ask(one).text, ask(two).status_code) == ("acme", 404)
    assert ask(two, host="globex.localhost").text == "globex"
    assert one.extensions["tenantauth"] is not two.extensions["tenantauth"]


def test_two_apps_in_one_process_keep_to_their_own_marks() -> None:
    one, two = protected(), protected()
    one.add_url_rule("/", "index", no_token(lambda: current_app.name))
    two.add_url_rule("/", "index", lambda: current_app.name)
    assert (ask(one).status_code, ask(two).status_code) == (200, 401)


def test_a_second_extension_on_one_app_is_an_error() -> None:
    app = protected()
    inside = app.wsgi_app
    with pytest.raises(RuntimeError, match="already"):
        TenantAuth(app, registry=FakePolicySource())
    assert app.wsgi_app is inside


def test_the_config_of_an_app_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENANTAUTH_STALENESS", "9s")
    assert protected().extensions["tenantauth"].settings.staleness_s == 9.0
    app = protected(TENANTAUTH_STALENESS="5s")
    assert app.extensions["tenantauth"].settings.staleness_s == 5.0


def test_bad_settings_are_said_at_once_and_leave_the_app_alone() -> None:
    app = Flask(__name__)
    app.config.update(TENANTAUTH_STALENESS="soon", TENANTAUTH_ALLOW_HTTP="perhaps")
    with pytest.raises(SettingsError) as caught:
        TenantAuth(app, registry=FakePolicySource())
    assert len(caught.value.problems) == 2
    assert "tenantauth" not in app.extensions


def test_a_setting_that_is_none_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    protected(TENANTAUTH_STALENES="1s")
    assert "TENANTAUTH_STALENESS" in caplog.text


def test_layers_that_cannot_work_are_said_at_once() -> None:
    with pytest.raises(StackError):
        TenantAuth(Flask(__name__), registry=FakePolicySource(), layers=[Authorize()])


@pytest.mark.parametrize("left_out", ["suspension", "authenticate", "authorize"])
def test_layers_that_would_let_too_many_in_are_refused_when_built(left_out: str) -> None:
    """Threat 55: marks on views hold only where a layer asks them."""
    layers = [layer for layer in default_layers() if layer.name != left_out]
    with pytest.raises(StackError):
        TenantAuth(Flask(__name__), registry=FakePolicySource([ACME]), layers=layers)


@pytest.mark.parametrize(
    ("scheme", "config", "status"),
    [("http", {}, 403), ("https", {}, 200), ("http", {"TENANTAUTH_ALLOW_HTTP": "1"}, 200)],
    ids=["http", "https", "http allowed"],
)
def test_tokens_need_https_unless_allowed(scheme: str, config: dict[str, str], status: int) -> None:
    policy = make_policy(host="acme.test")
    app = Flask(__name__)
    app.config.update(config)
    TenantAuth(app, registry=FakePolicySource([policy]))
    app.add_url_rule("/", view_func=lambda: "hello")
    sent = {"Authorization": f"Bearer {make_token(policy, now_s=time.time())}"}
    assert (
        app.test_client().get("/", base_url=f"{scheme}://acme.test", headers=sent).status_code
        == status
    )


def test_refusals_go_to_the_sink() -> None:
    sink, app = RecordingSink(), Flask(__name__)
    TenantAuth(app, registry=FakePolicySource([ACME]), sink=sink)
    app.add_url_rule("/", view_func=lambda: "hello")
    ask(app)
    assert [event.code for event in sink.events] == ["missing_token"]


def test_refusals_are_one_log_line_by_default(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    ask(protected(), host="nobody.test")
    (line,) = (record.getMessage() for record in caplog.records)
    assert line.startswith("refused code=unknown_tenant reason=nothing_names_a_tenant request_id=")
    assert line.endswith(" untrusted_host=nobody.test")


def test_the_state_hands_out_policies_by_slug() -> None:
    state = protected().extensions["tenantauth"]
    assert state.policy("acme") is ACME
    assert state.source.get(TenantKey("host", "acme.localhost")) is ACME


def test_creating_an_app_opens_nothing(tmp_path: Path) -> None:
    """Threat 80: with the installed registry, no thread, file or socket before a request."""
    found = subprocess.run(
        [sys.executable, "-c", OPENS_NOTHING],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        # Compiled modules are Python's to write, not the app's.
        env={
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(Path(__file__).parents[3]),
        },
    )
    assert found.stdout == "[] 1 []\n"


def test_a_fork_drops_everything_that_was_opened() -> None:
    """Threat 80: the child answers with a follower of its own."""
    others = set(threading.enumerate())

    def started() -> str:
        return str([thread.name for thread in threading.enumerate() if thread not in others])

    app = protected()
    app.add_url_rule("/", "index", public(started))
    assert ask(app).text == "['tenantauth-follower']"
    assert in_child(lambda: f"{started()} {ask(app).text}") == "[] ['tenantauth-follower']"
    app.extensions["tenantauth"].source.close()


def test_refusals_can_be_counted() -> None:
    app = protected()
    for _ in range(2):
        ask(app, host="nobody.test")
    assert app.extensions["tenantauth"].counters.refused() == {("-", "unknown_tenant"): 2}


def with_defaults(config: dict[str, Any] | None = None, **defaults: Any) -> Flask:
    """Return an app for acme, which has rules of its own, and globex, which has none."""
    app = Flask(__name__)
    app.config.update(config or {})
    acme = make_policy(origins=["https://app.test"], limits=[Limit("own", Rate(9, 86_400))])
    TenantAuth(app, registry=FakePolicySource([acme, make_policy("globex")]), **defaults)
    app.add_url_rule("/", "index", public(lambda: "hello"))
    return app


@pytest.mark.parametrize("none", [[], (), {}], ids=repr)
def test_settings_of_flask_cors_do_not_overrule_code_that_wants_no_cors(none: Any) -> None:
    """Threat 64."""
    with pytest.raises(SettingsError, match="CORS_ORIGINS as well"):
        with_defaults({"CORS_ORIGINS": "https://all.test"}, cors=none)
    ask(with_defaults(cors=none))


def test_app_wide_limits_are_for_tenants_without_their_own() -> None:
    app = with_defaults(limits=["few=1/day:tenant"])
    hosts = ("globex.localhost", "globex.localhost", "acme.localhost", "acme.localhost")
    assert [ask(app, host=host).status_code for host in hosts] == [200, 429, 200, 200]
    assert ask(app).headers["RateLimit-Policy"] == '"own";q=9;w=86400'


def test_an_app_wide_cors_rule_is_for_tenants_without_one() -> None:
    app = with_defaults(cors={"origins": ["https://all.test"], "max_age": "5s"})
    sent = {"Origin": "https://all.test"}
    allowed = [
        ask(app, host=host, headers=sent).headers.get("Access-Control-Allow-Origin")
        for host in ("globex.localhost", "acme.localhost")
    ]
    assert allowed == ["https://all.test", None]


@pytest.mark.parametrize(
    ("config", "defaults"),
    [
        ({"CORS_ORIGINS": "https://all.test", "CORS_RESOURCES": "/*"}, {}),
        ({}, {"cors": FlaskCors(origins="https://all.test")}),
    ],
    ids=["settings", "keywords"],
)
def test_the_words_of_flask_cors_are_an_app_wide_rule(
    config: dict[str, Any], defaults: dict[str, Any]
) -> None:
    """Threat 70: a tenant with a rule of its own is asked no further."""
    app = with_defaults(config=config, **defaults)
    sent = {"Origin": "https://all.test"}
    allowed = [
        ask(app, host=host, headers=sent).headers.get("Access-Control-Allow-Origin")
        for host in ("globex.localhost", "acme.localhost")
    ]
    assert allowed == ["https://all.test", None]


@pytest.mark.parametrize(
    "defaults",
    [{"limits": ["often"]}, {"cors": {"origins": ["all"]}}, {"cors": {"origin": "*"}}],
    ids=["limit", "origin", "field"],
)
def test_app_wide_defaults_that_cannot_work_are_said_at_once(defaults: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # each says something else
        with_defaults(**defaults)


@pytest.mark.parametrize("defaults", [{"limits": ["a=1/day"]}, {"cors": {"origins": []}}])
def test_app_wide_defaults_beside_layers_of_ones_own_are_an_error(defaults: dict[str, Any]) -> None:
    """Threat 55: they would be silently without effect."""
    with pytest.raises(StackError, match="default layers"):
        with_defaults(layers=default_layers(), **defaults)
