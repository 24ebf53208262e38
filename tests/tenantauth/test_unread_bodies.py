"""Bodies are the app's: the stack never reads one."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from werkzeug.test import Client

from tenantauth.defaults import default_layers
from tenantauth.resolve import ByHost
from tenantauth.stack import Stack
from tenantauth.testing import FakePolicySource, ManualClock, make_policy, make_token
from tests.tenantauth.flask.apps import ask, protected, token

ACME = make_policy()


class Unread:
    """An input that nobody may touch."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"the body was asked for {name}")


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("204 No Content", [])
    return []


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", ""])
@pytest.mark.parametrize("method", ["POST", "GET", "OPTIONS"])
@pytest.mark.parametrize(
    ("token", "status"), [(make_token(ACME), 204), ("junk", 401)], ids=["passed", "refused"]
)
def test_a_body_of_any_size_and_kind_is_left_to_the_app(
    kind: str, method: str, token: str, status: int
) -> None:
    """Threat 61."""
    clock = ManualClock()
    layers = default_layers(clock=clock)
    stack = Stack(app, layers, resolve=ByHost(), source=FakePolicySource([ACME]), clock=clock)
    overrides = {"wsgi.input": Unread(), "CONTENT_LENGTH": str(10**12), "CONTENT_TYPE": kind}
    answer = Client(stack).open(
        "/",
        method=method,
        base_url="http://acme.localhost",
        headers={"Authorization": f"Bearer {token}"},
        environ_overrides=overrides,
    )
    assert answer.status_code == status


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_nor_does_the_flask_side_read_one(method: str) -> None:
    """Threat 61: a view that has no use for a body is called without one."""
    flask = protected()
    flask.add_url_rule("/deaf", view_func=lambda: "heard", methods=[method])
    environ = {"wsgi.input": Unread(), "CONTENT_LENGTH": str(10**12)}
    environ["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
    answer = ask(flask, "/deaf", method=method, token=token(), environ=environ)
    assert (answer.status_code, answer.text) == (200, "heard")
