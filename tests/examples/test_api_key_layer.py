"""How a layer of your own is tested: by its hooks, and once in an app."""

import secrets

import pytest
from flask import Flask

from examples.api_key_layer import ApiKey, ApiKeys, digest
from tenantauth import Guard, Identity, Settings, layers_from
from tenantauth.flask import TenantAuth, current_identity, no_token, public, require
from tenantauth.testing import FakeRegistry, client, make_context, make_policy

KEY = secrets.token_urlsafe(32)
ACME = make_policy(roles={"exporter": ["reports:read"]})
LAYER = ApiKeys([ApiKey("acme", "nightly-export", digest(KEY), frozenset({"exporter"}))])


def test_a_key_is_its_machine() -> None:
    context = make_context(ACME, headers={"X-Api-Key": KEY})
    assert LAYER.admit(context) is None
    assert context.identity == Identity(
        "acme",
        subject="nightly-export",
        kind="client",
        client_id="nightly-export",
        roles=frozenset({"exporter"}),
        permissions=frozenset({"reports:read"}),
    )


@pytest.mark.parametrize(
    "key", ["", "wrong", KEY[:-1], KEY + " "], ids=["empty", "wrong", "shorter", "longer"]
)
def test_another_key_is_refused(key: str) -> None:
    context = make_context(ACME, headers={"X-Api-Key": key})
    refusal = LAYER.admit(context)
    assert refusal is not None
    assert (refusal.code, refusal.reason) == ("invalid_token", "unknown_api_key")
    assert context.identity is None


def test_a_key_is_good_at_its_tenant_only() -> None:
    """Threat 44."""
    refusal = LAYER.admit(make_context(make_policy("globex"), headers={"X-Api-Key": KEY}))
    assert refusal is not None
    assert refusal.reason == "unknown_api_key"


@pytest.mark.parametrize(
    ("headers", "authentication"),
    [
        ({}, "required"),
        ({"X-Api-Key": KEY, "Authorization": "Bearer x"}, "required"),
        ({"X-Api-Key": "wrong"}, "ignored"),
    ],
    ids=["no key", "a token", "ignored"],
)
def test_what_is_none_of_its_business_is_left_alone(
    headers: dict[str, str], authentication: str
) -> None:
    context = make_context(ACME, headers=headers, authentication=authentication)
    assert LAYER.admit(context) is None
    assert context.identity is None


def test_a_key_over_plain_http_is_refused() -> None:
    context = make_context(ACME, headers={"X-Api-Key": KEY}, host="api.acme.test")
    refusal = LAYER.admit(context)
    assert refusal is not None
    assert refusal.code == "insecure_transport"


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    cors, suspension, _, *others = layers_from(Settings())
    guard = Guard(credentials=("HTTP_AUTHORIZATION", "HTTP_X_API_KEY"))
    registry = FakeRegistry()
    TenantAuth(app, registry=registry, layers=[cors, suspension, guard, LAYER, *others])
    app.add_url_rule("/who", "who", lambda: str(current_identity.subject))
    app.add_url_rule("/open", "open", public(lambda: str(current_identity.subject)))
    app.add_url_rule("/none", "none", no_token(lambda: str(current_identity.subject)))
    app.add_url_rule("/export", "export", require(roles="exporter")(lambda: "exported"))
    return app


@pytest.mark.parametrize(
    ("path", "text"),
    [("/who", "nightly-export"), ("/open", "nightly-export"), ("/none", "None")],
)
def test_an_app_sees_the_machine_where_it_looks(app: Flask, path: str, text: str) -> None:
    machine = client(app, subject=None)
    assert machine.get(path, headers={"X-Api-Key": KEY}).text == text


def test_a_machine_is_asked_for_its_roles_as_anybody(app: Flask) -> None:
    machine = client(app, subject=None)
    assert machine.get("/export", headers={"X-Api-Key": KEY}).text == "exported"
    assert client(app).get("/export").status_code == 403


def test_a_token_counts_where_there_are_both(app: Flask) -> None:
    assert client(app).get("/who", headers={"X-Api-Key": KEY}).text == "alice"


@pytest.mark.parametrize("path", ["/who", "/open"])
def test_a_wrong_key_lets_nobody_pass(app: Flask, path: str) -> None:
    refused = client(app, subject=None).get(path, headers={"X-Api-Key": "wrong"})
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_without_any_credential_a_token_is_asked_for(app: Flask) -> None:
    assert client(app, subject=None).get("/who").json["code"] == "missing_token"  # type: ignore[index]  # a problem


def test_an_address_that_tries_many_keys_is_held_back(app: Flask) -> None:
    """Threat 77: by the guard, which looks before the layer does."""
    machine = client(app, make_policy(guard="3/minute"), subject=None, limits=True)
    statuses = [machine.get("/who", headers={"X-Api-Key": "wrong"}).status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
