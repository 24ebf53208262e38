import threading
from collections.abc import Generator

import pytest
from flask import Flask

from tenantauth.flask import TenantAuth, current_identity
from tenantauth.flask.caller import acting, current_caller
from tenantauth.identity import Grant, Identity, Tenant
from tenantauth.testing import FakeRegistry, client

ACME = Tenant("id-acme", "acme", "Acme", "https://acme.test")
JOB = Grant(ACME, Identity("acme", "job", "user"))
OTHER = Grant(ACME, Identity("acme", "other", "user"))


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    TenantAuth(app, registry=FakeRegistry())
    app.add_url_rule("/", "who", lambda: str(current_identity.subject))

    @app.get("/acts")
    def acts() -> list[str | None]:
        with acting(JOB):
            within = current_identity.subject
        return [within, current_identity.subject]

    return app


def test_who_acts_is_the_holder_of_the_grant(app: Flask) -> None:
    with app.app_context(), acting(JOB):
        assert current_caller().grant is JOB


def test_who_acts_within_is_the_innermost(app: Flask) -> None:
    with app.app_context(), acting(JOB):
        with acting(OTHER):
            assert current_caller().grant is OTHER
        assert current_caller().grant is JOB


def test_nobody_acts_afterwards(app: Flask) -> None:
    with app.app_context():
        with acting(JOB):
            pass
        with pytest.raises(RuntimeError, match="request context"):
            current_caller()


def test_acting_needs_an_app() -> None:
    with pytest.raises(RuntimeError, match="application context"), acting(JOB):
        pass


def test_within_a_request_one_can_act_for_somebody_else(app: Flask) -> None:
    assert client(app).get("/acts").json == ["job", "alice"]


def test_a_request_has_a_caller_of_its_own_whoever_acts_around_it(app: Flask) -> None:
    """Threat 54: a job's identity never answers for a request."""
    with app.app_context(), acting(JOB):
        assert client(app).get("/").text == "alice"
        assert client(app, subject=None).get("/").status_code == 401


def test_in_another_app_nobody_acts(app: Flask) -> None:
    other = Flask("other").app_context()
    with app.app_context(), acting(JOB), other, pytest.raises(RuntimeError):
        current_caller()


def test_in_another_thread_nobody_acts(app: Flask) -> None:
    errors = list[str]()

    def ask() -> None:
        with app.app_context():
            try:
                current_caller()
            except RuntimeError as error:
                errors.append(str(error))

    with app.app_context(), acting(JOB):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert len(errors) == 1


def test_who_acts_in_one_context_does_not_in_another_of_the_same_app(app: Flask) -> None:
    """Threat 54: a job that stands still leaves nobody behind."""

    def job() -> Generator[None, None, None]:
        with app.app_context(), acting(JOB):
            yield

    standing = job()
    next(standing)
    with app.app_context(), pytest.raises(RuntimeError):
        current_caller()
    standing.close()
