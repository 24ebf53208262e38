from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from tenantauth.flask import TenantAuth, no_token, public, require
from tenantauth.flask.marks import Mark, published
from tenantauth.testing import FakePolicySource
from tests.tenantauth.flask.apps import ACME, ask, token

Around = Callable[[WSGIApplication], WSGIApplication]


def inside(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"mounted"]


def closing(app: WSGIApplication) -> WSGIApplication:
    """Wrap an app as middlewares of one function do."""

    def wrapper(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return app(environ, start_response)

    return wrapper


def catching(mark: Mark, around: Around = lambda app: app) -> Flask:
    """Return an app with a catch-all route, and another app mounted inside."""
    app = Flask(__name__)
    mounting = DispatcherMiddleware(app.wsgi_app, {"/inside": inside})
    app.wsgi_app = around(mounting)  # type: ignore[method-assign,assignment]  # as documented
    TenantAuth(app, registry=FakePolicySource([ACME]))
    app.add_url_rule("/", "all", mark(lambda path="": f"caught {path}"), defaults={"path": ""})
    app.add_url_rule("/<path:path>", "all")
    return app


@pytest.mark.parametrize("mark", [public, no_token, published], ids=["public", "none", "published"])
@pytest.mark.parametrize("path", ["/inside", "/inside/x", "/inside/"])
def test_a_catch_all_route_opens_no_mounted_app(mark: Mark, path: str) -> None:
    """Threat 55: the route of Flask's that matches is not what would answer."""
    assert ask(catching(mark), path).status_code == 401
    assert ask(catching(mark), path, token=token()).text == "mounted"


@pytest.mark.parametrize("path", ["/", "/insides", "/other/inside"])
def test_beside_a_mounted_app_the_catch_all_answers(path: str) -> None:
    assert ask(catching(public), path).text == f"caught {path[1:]}"


@pytest.mark.parametrize("around", [ProxyFix, closing], ids=["class", "function"])
def test_a_dispatcher_deeper_inside_is_found(around: Around) -> None:
    assert ask(catching(public, around), "/inside/x").status_code == 401


def test_an_app_that_is_mounted_later_counts_too() -> None:
    mounts: dict[str, WSGIApplication] = {"/first": inside}
    app = catching(public, lambda own: DispatcherMiddleware(own, mounts))
    mounts["/later"] = inside
    assert ask(app, "/later").status_code == 401


def test_what_the_route_requires_is_required_of_the_mount_too() -> None:
    app = catching(require(roles="analyst"))
    assert ask(app, "/inside", token=token()).status_code == 403


def test_a_mounted_app_below_a_prefix_is_found() -> None:
    """Threat 48."""
    moved = {"SCRIPT_NAME": "/prefix", "PATH_INFO": "/inside/x"}
    assert ask(catching(public), environ=moved).status_code == 401
