"""The ways of naming a tenant, one by one."""

import base64
import json
from wsgiref.types import WSGIEnvironment

import pytest

from tenantauth.errors import UnresolvedError
from tenantauth.ports import TenantKey
from tenantauth.request import RequestFacts
from tenantauth.resolve import ByHeader, ByHost, ByIssuer, resolve_by
from tenantauth.settings import Settings
from tenantauth.tenant_path import ByPath
from tenantauth.testing import make_policy, make_token

REQUEST = RequestFacts("GET", "/", "acme.localhost", "http", "", 0.0)


def bearer(token: str) -> WSGIEnvironment:
    return {"HTTP_AUTHORIZATION": f"Bearer {token}"}


def claiming(payload: bytes) -> WSGIEnvironment:
    return bearer(f"e30.{base64.urlsafe_b64encode(payload).rstrip(b'=').decode()}.AA")


def test_the_host_names_the_tenant() -> None:
    assert ByHost().resolve(REQUEST, {}) == TenantKey("host", "acme.localhost")


def test_a_shared_host_names_nobody() -> None:
    """Threat 47: the host of all path tenants is none's."""
    assert ByHost(shared="acme.localhost").resolve(REQUEST, {}) is None


def test_the_header_names_the_tenant_by_its_slug() -> None:
    assert ByHeader().resolve(REQUEST, {"HTTP_X_TENANT": "acme"}) == TenantKey("slug", "acme")
    assert ByHeader().resolve(REQUEST, {}) is None


@pytest.mark.parametrize(
    "text",
    ["", " ", "acme,globex", "acme, acme", "ACME", "acme ", "acme\n", "-a", "a_b", "a" * 64, "é"],
)
def test_a_header_that_holds_no_slug_is_refused(text: str) -> None:
    """Threats 46 and 49: two fields arrive joined by a comma, and neither of them is believed."""
    with pytest.raises(UnresolvedError) as caught:
        ByHeader().resolve(REQUEST, {"HTTP_X_TENANT": text})
    assert (caught.value.code, caught.value.reason) == ("invalid_request", "x_tenant_malformed")


def test_the_claimed_issuer_names_the_tenant() -> None:
    policy = make_policy("acme")
    key = ByIssuer().resolve(REQUEST, bearer(make_token(policy)))
    assert key == TenantKey("issuer", policy.tokens.issuer)


@pytest.mark.parametrize(
    "payload",
    [
        b'{"iss": ["a"]}',
        b'{"iss": null}',
        b'{"iss": "a", "iss": "b"}',
        b'{"iss": "a", "\\u0069ss": "b"}',
        b'{"iss": "\xff"}',
        b'["iss"]',
        b"{}",
        json.dumps({"iss": "a" * 513}).encode(),
    ],
    ids=["list", "null", "twice", "escaped twice", "not utf-8", "no object", "none", "long"],
)
def test_a_token_that_is_read_in_two_ways_names_nobody(payload: bytes) -> None:
    """Threats 19, 38, 44 and 102: one strict reading, and a bounded name for a cache to keep."""
    assert ByIssuer().resolve(REQUEST, claiming(payload)) is None


def test_an_issuer_may_be_as_long_as_a_stored_one() -> None:
    longest = json.dumps({"iss": "a" * 512}).encode()
    assert ByIssuer().resolve(REQUEST, claiming(longest)) == TenantKey("issuer", "a" * 512)


@pytest.mark.parametrize("field", ["Bearer a.b", "Bearer a.b.c", "Bearer x, Bearer y", "Bearer"])
def test_a_malformed_token_names_nobody(field: str) -> None:
    assert ByIssuer().resolve(REQUEST, {"HTTP_AUTHORIZATION": field}) is None


@pytest.mark.parametrize("environ", [{}, {"HTTP_AUTHORIZATION": "Basic YTpi"}])
def test_without_a_token_a_caller_is_told_what_is_missing(environ: WSGIEnvironment) -> None:
    with pytest.raises(UnresolvedError) as caught:
        ByIssuer().resolve(REQUEST, environ)
    assert caught.value.code == "unknown_tenant"
    assert caught.value.reason == "no_token_names_a_tenant"
    assert "access token" in str(caught.value.detail)


def test_settings_name_the_ways_in_their_order() -> None:
    ways = resolve_by(Settings(resolve=("path", "host", "header", "issuer")))
    assert [type(way) for way in ways] == [ByPath, ByHost, ByHeader, ByIssuer]


def test_the_base_host_is_shared_only_where_paths_name_tenants() -> None:
    base = RequestFacts("GET", "/", "localhost", "http", "", 0.0)
    (alone,) = resolve_by(Settings())
    host, _ = resolve_by(Settings(resolve=("host", "path")))
    assert (alone.resolve(base, {}), host.resolve(base, {})) == (
        TenantKey("host", "localhost"),
        None,
    )
