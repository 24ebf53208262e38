from collections.abc import Iterator

import pytest
from flask import Flask

from tenantauth.flask import TenantAuth, authenticated, public, refused
from tenantauth.identity import Identity
from tenantauth.ports import RefusedEvent
from tenantauth.testing import FakeRegistry, client

Heard = list[tuple[Flask, str | None]]


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    TenantAuth(app, registry=FakeRegistry())
    app.add_url_rule("/", "closed", lambda: "closed")
    app.add_url_rule("/open", "open", public(lambda: "open"))
    return app


@pytest.fixture
def heard(app: Flask) -> Iterator[Heard]:
    """Listen to both signals."""
    said: Heard = []

    def on_authenticated(sender: Flask, identity: Identity) -> None:
        said.append((sender, identity.subject))

    def on_refused(sender: Flask, event: RefusedEvent) -> None:
        said.append((sender, event.code))

    with (
        authenticated.connected_to(on_authenticated, app),
        refused.connected_to(on_refused, app),
    ):
        yield said


def test_a_caller_with_a_token_is_announced_by_the_app(app: Flask, heard: Heard) -> None:
    client(app).get("/")
    assert heard == [(app, "alice")]


def test_an_anonymous_caller_is_not_announced(app: Flask, heard: Heard) -> None:
    client(app, subject=None).get("/open")
    assert heard == []


@pytest.mark.parametrize(
    ("host", "code"),
    [("acme.localhost", "missing_token"), ("nobody.localhost", "unknown_tenant")],
)
def test_a_refusal_of_the_stack_is_announced(
    app: Flask, heard: Heard, host: str, code: str
) -> None:
    client(app, subject=None).get("/", base_url=f"http://{host}")
    assert heard == [(app, code)]


def test_another_app_is_another_sender(heard: Heard) -> None:
    other = Flask("other")
    TenantAuth(other, registry=FakeRegistry())
    client(other).get("/")
    assert heard == []


def test_a_receiver_that_fails_opens_and_closes_nothing(app: Flask) -> None:
    """Threat 56."""

    def fail(sender: Flask, event: RefusedEvent) -> None:
        raise OSError("away")

    with refused.connected_to(fail, app):
        assert client(app, subject=None).get("/").status_code == 401
