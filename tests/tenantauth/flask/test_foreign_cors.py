import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest
from flask import Blueprint, Flask
from flask.views import MethodView
from flask_cors import CORS, cross_origin

from tenantauth.flask import TenantAuth, no_token, public, require
from tenantauth.flask.foreign_cors import ForeignCors, foreign_cors
from tenantauth.flask.state import state_of
from tenantauth.testing import FakePolicySource, make_policy

APP = "https://app.acme.test"
ACME = make_policy(origins=[APP])


def make_app() -> Flask:
    return Flask("shop", root_path=".", static_folder=None)


def protect(app: Flask) -> Flask:
    TenantAuth(app, registry=FakePolicySource([ACME]))
    return app


def found(app: Flask) -> list[ForeignCors]:
    return list(foreign_cors(app, state_of(app).routes.routes))


def page() -> str:
    return "hello"


def ask(app: Flask, origin: str, method: str = "GET", **headers: str) -> Any:
    return app.test_client().open(
        "/", method=method, base_url="http://acme.localhost", headers={"Origin": origin, **headers}
    )


def test_an_app_without_it_is_not_told_of_it() -> None:
    app = protect(make_app())
    app.after_request(lambda response: response)
    app.add_url_rule("/", "page", public(page))
    assert found(app) == []


def cors_before(app: Flask) -> None:
    CORS(app)
    protect(app)


def cors_after(app: Flask) -> None:
    protect(app)
    CORS(app)


@pytest.mark.parametrize("put_on", [cors_before, cors_after])
def test_it_is_found_on_an_app_before_and_after_the_stack(put_on: Callable[[Flask], None]) -> None:
    """Threat 68."""
    app = make_app()
    app.after_request(lambda response: response)
    put_on(app)
    (foreign,) = found(app)
    assert foreign.place == "app shop"
    assert foreign.replacement.startswith(
        "remove it, and write TenantAuth(app, cors=FlaskCors(origins='*'))"
    )


def test_it_is_found_on_a_blueprint() -> None:
    """Threat 68."""
    app, api = make_app(), Blueprint("api", "shop")
    CORS(api)
    app.register_blueprint(api)
    (foreign,) = found(protect(app))
    assert foreign.place == "blueprint api"
    assert foreign.replacement.startswith("remove it, and say in the tenants' rules")


class Shelf(MethodView):
    def get(self) -> str:
        return "books"


class Decorated(Shelf):
    decorators = [cross_origin()]  # noqa: RUF012  # as Flask types it


class OneMethod(MethodView):
    @cross_origin()
    def get(self) -> str:
        return "books"


def wrapped(view: Any) -> Any:
    @wraps(view)
    def wrapper() -> object:
        return view()

    return wrapper


def hidden(view: Any) -> Any:
    return lambda: view() or None


@pytest.mark.parametrize(
    "view",
    [
        cross_origin()(page),
        wrapped(cross_origin()(page)),
        hidden(cross_origin()(page)),
        public(cross_origin()(wrapped(page))),
        Decorated.as_view("page"),
        OneMethod.as_view("page"),
    ],
    ids=["function", "below-a-wrapper", "hidden", "above-a-wrapper", "class", "method"],
)
def test_a_decorated_view_is_found_once(view: Any) -> None:
    """Threat 68."""
    app = protect(make_app())
    app.add_url_rule("/", "page", view)
    app.add_url_rule("/twice", "page", view)
    (foreign,) = found(app)
    assert (foreign.place, foreign.wrapper) == ("endpoint page", "@cross_origin")


def test_what_to_write_says_the_decorators_own_options() -> None:
    app = protect(make_app())
    view = no_token(cross_origin(max_age=5)(lambda: "hello"))
    app.add_url_rule("/feed", "page", view)
    (foreign,) = found(app)
    assert foreign.replacement.startswith("write @cors(max_age=5), and give /feed a rule")


def test_marks_that_contradict_each_other_do_not_hide_it() -> None:
    app, auth = make_app(), TenantAuth(registry=FakePolicySource([ACME]))
    auth.mark("page", public)
    auth.init_app(app)
    app.add_url_rule("/", "page", require(roles="a")(cross_origin()(lambda: "hello")))
    (foreign,) = found(app)
    assert foreign.replacement.startswith("remove it; origins")


def busy_app() -> Flask:
    """An app in which Flask-CORS stands everywhere, and lets everybody in."""
    app = make_app()
    CORS(app, origins="*", supports_credentials=True, allow_private_network=True)
    app.add_url_rule("/", "page", public(cross_origin(supports_credentials=True)(page)))
    return protect(app)


def test_only_on_tenantless_paths_it_decides() -> None:
    """Threat 68: they meet no layer, and what is said of it does not promise otherwise."""
    app = make_app()
    CORS(app, origins="*", supports_credentials=True)
    app.add_url_rule("/", "page", page)
    TenantAuth(app, registry=FakePolicySource([ACME]), tenantless=["/"])
    evil = "https://evil.test"
    assert ask(app, evil).headers["Access-Control-Allow-Origin"] == evil
    assert "except on tenantless paths" in str(found(app)[0])


def test_it_is_said_once_at_the_first_request(caplog: pytest.LogCaptureFixture) -> None:
    app = busy_app()
    assert caplog.messages == []
    with caplog.at_level(logging.WARNING, "tenantauth"):
        ask(app, APP)
        ask(app, APP)
    said = [each for each in caplog.messages if "decides nothing" in each]
    assert [each.partition(" on ")[0] for each in said] == ["CORS(…)", "@cross_origin"]


@pytest.mark.parametrize("headers", [{}, {"Access-Control-Request-Method": "GET"}], ids=str)
@pytest.mark.parametrize("method", ["GET", "OPTIONS", "HEAD"])
def test_its_headers_never_leave(method: str, headers: dict[str, str]) -> None:
    """Threat 68, threat 71: not even on answers to OPTIONS that it writes itself."""
    sent = {**headers, "Access-Control-Request-Private-Network": "true"}
    answer = ask(busy_app(), "https://evil.test", method, **sent)
    assert [name for name, _ in answer.headers if name.startswith("Access-Control-")] == []
    assert answer.headers.getlist("Vary")[0].startswith("Origin")
    allowed = ask(busy_app(), APP, method, **sent).headers
    assert allowed.getlist("Access-Control-Allow-Origin") == [APP]
    assert "Access-Control-Allow-Private-Network" not in allowed
