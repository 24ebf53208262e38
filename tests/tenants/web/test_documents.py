"""The documents that a tenant publishes."""

from dataclasses import replace

from joserfc.jwk import KeySet, OctKey

from tenantauth.keyring import KeyRing, VerificationKey
from tenantauth.policy import TenantPolicy
from tenantauth.testing import SigningKey, make_policy
from tenants.web.documents import jwks, metadata


def with_keys(*keys: VerificationKey) -> TenantPolicy:
    return replace(make_policy("acme"), keyring=KeyRing(keys))


def test_all_keys_that_verify_are_published_in_order() -> None:
    policy = with_keys(
        SigningKey("old").verification_key("grace"),
        SigningKey("now", "EdDSA").verification_key("active"),
        SigningKey("next", "RS256").verification_key("pending"),
    )
    published = jwks(policy)["keys"]
    assert [(key["kid"], key["alg"]) for key in published] == [
        ("old", "ES256"),
        ("now", "EdDSA"),
        ("next", "RS256"),
    ]
    assert len(KeySet.import_key_set({"keys": [dict(key) for key in published]}).keys) == 3


def test_threat_33_a_symmetric_key_is_never_published() -> None:
    secret = VerificationKey("hmac", "HS256", "active", OctKey.generate_key(256))
    assert jwks(with_keys(secret)) == {"keys": []}


def test_threat_33_a_private_half_is_never_published() -> None:
    private = VerificationKey("k", "ES256", "active", SigningKey("k").private)
    assert set(jwks(with_keys(private))["keys"][0]) == {"kty", "kid", "use", "alg", "crv", "x", "y"}


def test_the_metadata_promises_only_what_is_there() -> None:
    assert metadata(make_policy("acme")) == {
        "issuer": "http://acme.localhost",
        "jwks_uri": "http://acme.localhost/.well-known/jwks.json",
        "response_types_supported": [],
        "grant_types_supported": [],
    }
