"""The routes of the token service, behind a real stack."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tenantauth.flask import TenantAuth
from tenantauth.ports import PolicySource
from tenantauth.testing import FakePolicySource, make_policy
from tenants.registry import Registry
from tenants.web import token_service

JWKS = "/.well-known/jwks.json"
METADATA = "/.well-known/oauth-authorization-server"
ACME = "http://acme.localhost"


def make_client(registry: PolicySource | Registry) -> FlaskClient:
    app = Flask(__name__)
    TenantAuth(app, registry=registry)
    app.register_blueprint(token_service())
    return app.test_client()


@pytest.fixture
def source() -> FakePolicySource:
    return FakePolicySource([make_policy("acme", origins=["https://app.acme.example"])])


def test_anybody_gets_the_keys_without_a_token(source: FakePolicySource) -> None:
    answer = make_client(source).get(JWKS, base_url=ACME)
    assert (answer.status_code, answer.mimetype) == (200, "application/jwk-set+json")
    assert answer.get_json()["keys"][0]["kid"] == "acme-1"
    assert answer.headers["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize("path", [JWKS, METADATA])
def test_threat_95_a_reader_that_has_it_already_is_told_so(
    source: FakePolicySource, path: str
) -> None:
    client = make_client(source)
    first = client.get(path, base_url=ACME)
    again = client.get(path, base_url=ACME, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == "public, max-age=300"


def test_threat_95_new_keys_have_a_new_etag(source: FakePolicySource) -> None:
    client = make_client(source)
    first = client.get(JWKS, base_url=ACME).headers["ETag"]
    source.put(make_policy("acme", keys=[]))
    other = make_client(source).get(JWKS, base_url=ACME, headers={"If-None-Match": first})
    assert other.status_code == 200
    assert other.headers["ETag"] != first


@pytest.mark.parametrize("path", [JWKS, METADATA])
def test_a_suspended_tenants_documents_are_served(path: str) -> None:
    client = make_client(FakePolicySource([make_policy("acme", suspended=True)]))
    assert client.get(path, base_url=ACME).status_code == 200


@pytest.mark.parametrize("path", [JWKS, METADATA])
def test_any_origin_may_read_without_credentials(source: FakePolicySource, path: str) -> None:
    answer = make_client(source).get(path, base_url=ACME, headers={"Origin": "https://a.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("path", [JWKS, METADATA])
def test_a_bad_token_is_not_looked_at(source: FakePolicySource, path: str) -> None:
    headers = {"Authorization": "Bearer junk"}
    assert make_client(source).get(path, base_url=ACME, headers=headers).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_documents_are_for_reading(source: FakePolicySource, method: str) -> None:
    answer = make_client(source).open(JWKS, base_url=ACME, method=method)
    assert answer.status_code == 405


def test_the_metadata_names_the_keys_below_the_issuer_whatever_was_asked(
    source: FakePolicySource,
) -> None:
    answer = make_client(source).get(METADATA, base_url="http://acme.localhost:8000")
    document = answer.get_json()
    assert answer.mimetype == "application/json"
    assert document["issuer"] == "http://acme.localhost"
    # A shared cache keeps it: no caller may choose what others are told.
    assert document["jwks_uri"] == "http://acme.localhost" + JWKS


def test_threat_50_each_tenant_publishes_its_own_keys_only() -> None:
    client = make_client(FakePolicySource([make_policy("acme"), make_policy("globex")]))
    kids = [
        client.get(JWKS, base_url=f"http://{slug}.localhost").get_json()["keys"][0]["kid"]
        for slug in ("acme", "globex")
    ]
    assert kids == ["acme-1", "globex-1"]


def test_what_is_served_is_what_the_service_says(registry: Registry) -> None:
    registry.tenants.create("acme")
    answer = make_client(registry).get(JWKS, base_url=ACME)
    assert answer.get_json() == registry.keys.jwks("acme")


def test_a_warm_request_reads_no_policy_again(source: FakePolicySource) -> None:
    client = make_client(source)
    client.get(JWKS, base_url=ACME)
    reads = source.reads
    for _ in range(3):
        client.get(JWKS, base_url=ACME)
    assert source.reads == reads
