import pytest
from flask import Flask, redirect, request, session
from werkzeug.test import EnvironBuilder

from tenantauth.flask import TenantAuth, current_identity
from tenantauth.testing import FakeRegistry, TenantClient, client, make_policy


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    app.secret_key = "not a secret"
    TenantAuth(app, registry=FakeRegistry())

    @app.route("/", methods=["GET", "POST"])
    def where() -> dict[str, object]:
        session["visits"] = session.get("visits", 0) + 1
        return {"url": request.url, "visits": session["visits"]}

    app.add_url_rule("/away", "away", lambda: redirect("/"))
    return app


@pytest.fixture
def alice(app: Flask) -> TenantClient:
    return client(app)


def test_requests_go_to_the_tenants_host(alice: TenantClient) -> None:
    assert alice.get("/?x=1").json == {"url": "http://acme.localhost/?x=1", "visits": 1}
    assert alice.open(path="/", method="POST").status_code == 200


def test_a_host_outside_loopback_is_spoken_to_over_https(app: Flask) -> None:
    own = client(app, make_policy(host="api.acme.test"))
    assert own.get("/").json == {"url": "https://api.acme.test/", "visits": 1}


@pytest.mark.parametrize(
    "target",
    [{"path": "http://globex.localhost/"}, {"path": "/", "base_url": "http://globex.localhost"}],
    ids=["absolute", "base_url"],
)
def test_a_host_of_the_requests_own_wins(alice: TenantClient, target: dict[str, str]) -> None:
    assert alice.open(**target).json["code"] == "unknown_tenant"  # type: ignore[index]  # a problem


def test_a_built_request_is_sent_as_it_is(alice: TenantClient) -> None:
    builder = EnvironBuilder("/", "http://acme.localhost")
    assert alice.open(builder).json == {"url": "http://acme.localhost/", "visits": 1}


@pytest.mark.parametrize("authorization", ["", "Basic YTpi"])
def test_an_authorization_of_the_requests_own_wins(alice: TenantClient, authorization: str) -> None:
    answer = alice.get("/", headers={"Authorization": authorization})
    assert answer.json["code"] == "missing_token"  # type: ignore[index]  # a problem


def test_cookies_are_kept(alice: TenantClient) -> None:
    alice.get("/")
    assert alice.get("/").json["visits"] == 2  # type: ignore[index]  # a dict


def test_redirects_are_followed_as_the_same_caller(alice: TenantClient) -> None:
    assert alice.get("/away", follow_redirects=True).status_code == 200


def test_a_context_can_be_kept_as_in_flask(alice: TenantClient) -> None:
    with alice:
        alice.get("/")
        assert current_identity.subject == "alice"


def test_outer_middleware_runs_too(app: Flask) -> None:
    inner, seen = app.wsgi_app, list[str]()

    def middleware(environ: dict[str, object], start: object) -> object:
        seen.append(str(environ["PATH_INFO"]))
        return inner(environ, start)  # type: ignore[arg-type]  # passed on as they are

    app.wsgi_app = middleware  # type: ignore[assignment, method-assign]  # as apps do
    assert client(app).get("/").status_code == 200
    assert seen == ["/"]
