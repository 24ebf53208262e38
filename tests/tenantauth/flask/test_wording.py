"""Refusals in the app's own words."""

import logging
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask, Request, Response, jsonify, request, send_file, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.exceptions import HTTPException, TooManyRequests, Unauthorized
from werkzeug.routing import BaseConverter
from werkzeug.test import TestResponse

from tenantauth.flask import Refused, TenantAuth, current_tenant, require
from tenantauth.flask.refusals import RefusedTooManyRequests, RefusedUnauthorized
from tenantauth.limit import Limit
from tenantauth.testing import FakePolicySource
from tenantauth.units import Rate
from tests.tenantauth.flask.apps import ACME, ask, protected, token

PAGE = {"Origin": "https://app.test"}


def words(refused: Refused) -> tuple[str, int]:
    return f"ours: {refused.problem['code']}", 200


def code_of(answer: TestResponse) -> Any:
    return answer.get_json()["code"]


def closed(**config: str) -> Flask:
    app = protected(limits=(), **config)
    app.get("/", endpoint="home")(lambda: "view")
    return app


@pytest.mark.parametrize(
    "kind",
    [401, Unauthorized, Refused, RefusedUnauthorized],
    ids=["status", "class of the status", "Refused", "its class"],
)
def test_a_handler_that_means_the_refusal_writes_its_body(kind: Any) -> None:
    app = closed()
    app.register_error_handler(kind, words)
    answer = ask(app, headers=PAGE)
    assert answer.text == "ours: missing_token"
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "https://app.test"
    assert answer.headers["X-Request-Id"]


@pytest.mark.parametrize("kind", [Exception, HTTPException, 500, 404, KeyError])
def test_a_handler_for_anything_else_is_not_asked(kind: Any) -> None:
    app = closed()
    app.register_error_handler(kind, words)
    assert code_of(ask(app)) == "missing_token"


def test_the_429_of_a_tutorial_renders_ours_and_the_headers_stay() -> None:
    app = protected(limits=[Limit("user", Rate(1, 60), by="subject")])
    app.get("/", endpoint="home")(lambda: "view")

    @app.errorhandler(429)
    def too_many(error: TooManyRequests) -> Any:
        return jsonify(error="slow down", wait=error.retry_after), 429, {"Retry-After": "1"}

    assert ask(app, token=token()).text == "view"
    answer = ask(app, token=token())
    assert answer.status_code == 429
    assert answer.json == {"error": "slow down", "wait": 60}
    assert answer.headers.getlist("Retry-After") == ["60"]
    assert answer.headers["RateLimit"] == '"user";r=0;t=60'


def test_a_catch_all_page_does_not_turn_a_refusal_into_200(tmp_path: Path) -> None:
    app = closed()
    (tmp_path / "index.html").write_text("<h1>single page</h1>")

    @app.errorhandler(404)
    def page(error: HTTPException) -> Any:
        return send_file(tmp_path / "index.html")

    answer = ask(app, host="nobody.localhost")
    assert (answer.status_code, answer.text) == (404, "<h1>single page</h1>")
    assert answer.mimetype == "text/html"


def test_no_hook_of_the_app_runs_for_a_refused_caller() -> None:
    app, ran = closed(), list[str]()

    @app.before_request
    def before() -> None:
        ran.append("before")

    @app.after_request
    def after(response: Response) -> Response:
        ran.append("after")
        return response

    app.register_error_handler(401, words)
    assert ask(app).status_code == 401
    assert ran == []


def test_without_such_a_handler_flask_is_not_entered() -> None:
    app, entered = closed(), list[str]()
    app.teardown_appcontext(lambda error: entered.append("context"))
    app.register_error_handler(Exception, words)
    ask(app)
    assert entered == []


def test_a_handler_that_raises_yields_our_body(caplog: pytest.LogCaptureFixture) -> None:
    app = closed()

    @app.errorhandler(Refused)
    def broken(refused: Refused) -> str:
        raise RuntimeError("its template is missing")

    with caplog.at_level(logging.ERROR, "tenantauth"):
        answer = ask(app)
    assert (answer.status_code, code_of(answer)) == (401, "missing_token")
    assert "missing_token could not be worded" in caplog.text


def test_a_handler_sees_the_request_and_whose_refusal_it_is() -> None:
    app = closed()
    app.get("/things/<int:number>", endpoint="thing")(lambda number: "view")

    @app.errorhandler(Refused)
    def tell(refused: Refused) -> Any:
        return [current_tenant.slug, request.path, request.view_args, refused.problem["status"]]

    assert ask(app, "/things/7").json == ["acme", "/things/7", {"number": 7}, 401]


def test_a_blueprints_handler_goes_before_the_apps() -> None:
    app, blueprint = closed(), Blueprint("shop", __name__)
    blueprint.get("/shop")(lambda: "view")
    blueprint.register_error_handler(401, lambda refused: "blueprint")
    app.register_blueprint(blueprint)
    app.register_error_handler(401, lambda refused: "app")
    assert (ask(app, "/shop").text, ask(app, "/").text) == ("blueprint", "app")


def test_an_async_handler_is_awaited() -> None:
    app = closed()

    @app.errorhandler(Refused)
    async def tell(refused: Refused) -> str:
        return "awaited"

    assert ask(app).text == "awaited"


def test_cors_headers_of_a_handler_do_not_pass() -> None:
    app = closed()
    app.register_error_handler(
        401, lambda refused: ("x", {"Access-Control-Allow-Origin": "*", "Content-Language": "en"})
    )
    answer = ask(app)
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Content-Language"] == "en"


def test_the_extension_words_refusals_of_apps_that_do_not() -> None:
    auth = TenantAuth()
    auth.refusal(lambda refused: "the extension's")
    silent, own = Flask("silent"), Flask("own")
    for app in (silent, own):
        app.get("/")(lambda: "view")
        auth.init_app(app, registry=FakePolicySource([ACME]))
    own.register_error_handler(401, lambda refused: "its own")
    assert (ask(silent).text, ask(own).text) == ("the extension's", "its own")


def test_the_envelope_is_a_setting() -> None:
    app = closed(TENANTAUTH_ERROR_FORMAT="envelope")
    answer = ask(app)
    assert answer.json == {
        "status": "failed",
        "error": {"code": "missing_token", "message": "An access token is required"},
    }
    assert (answer.status_code, answer.mimetype) == (401, "application/json")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_condition_that_raises_is_an_internal_error_that_handlers_word() -> None:
    app = closed()
    app.register_error_handler(500, words)

    def broken(identity: object, request: object) -> bool:
        raise KeyError("department")

    app.get("/broken", endpoint="broken")(require(check=broken)(lambda: "view"))
    answer = ask(app, "/broken", token=token())
    assert (answer.status_code, answer.text) == (500, "ours: internal_error")


def test_a_refusal_of_a_status_is_one_of_its_classes() -> None:
    assert issubclass(RefusedTooManyRequests, Refused | TooManyRequests)
    assert RefusedTooManyRequests.code == 429


def test_a_refused_head_has_no_body_and_is_worded_all_the_same() -> None:
    app = closed()
    app.register_error_handler(401, words)
    answer = ask(app, method="HEAD")
    assert (answer.status_code, answer.text) == (401, "")
    assert answer.headers["Content-Length"] == str(len("ours: missing_token"))


class Sessions(SecureCookieSessionInterface):
    """Sessions of a server, which would be asked with a stranger's cookie."""

    opened = 0

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        self.opened += 1
        return super().open_session(app, request)


class Looked(BaseConverter):
    """A converter that would ask a database."""

    used = 0

    def to_python(self, value: str) -> str:
        type(self).used += 1
        return value


def test_no_session_is_opened_and_no_converter_runs_for_a_stranger() -> None:
    app, sessions = closed(), Sessions()
    app.session_interface = sessions
    app.url_map.converters["looked"] = Looked
    app.add_url_rule("/<looked:name>", "looked", lambda name: name)
    app.register_error_handler(Refused, lambda refused: url_for("home"))
    assert ask(app, "/x", host="nobody.localhost").text == "/"
    assert (sessions.opened, Looked.used) == (0, 0)


def test_a_handler_that_hands_an_upstream_answer_on_frames_nothing() -> None:
    app = closed()
    upstream = {"Transfer-Encoding": "chunked", "CDN-Cache-Control": "max-age=999"}
    app.register_error_handler(401, lambda refused: ("upstream", upstream))
    answer = ask(app)
    assert answer.text == "upstream"
    assert not upstream.keys() & answer.headers.keys()
