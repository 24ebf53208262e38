"""Public halves of stored keys, read strictly."""

from typing import Any

import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from tenantauth.jwk import PUBLIC_ALGORITHMS
from tenants.keys import generate
from tenants.public_keys import import_public_key, import_verifying_key

EC = generate("ES256").public_jwk


@pytest.mark.parametrize("algorithm", PUBLIC_ALGORITHMS)
def test_a_generated_key_is_read_back_without_its_secret(algorithm: str) -> None:
    """threat 33"""
    key = import_public_key(generate(algorithm).public_jwk, algorithm)
    assert not key.is_private


@pytest.mark.parametrize(
    ("jwk", "algorithm"),
    [
        pytest.param(EC, "RS256", id="EC for RS256"),
        pytest.param(EC, "EdDSA", id="EC for EdDSA"),
        pytest.param(EC, "HS256", id="symmetric algorithm"),
        pytest.param(EC, "none", id="no algorithm"),
        pytest.param(ECKey.generate_key("P-384").as_dict(), "ES256", id="another curve"),
        pytest.param(OKPKey.generate_key("X25519").as_dict(), "EdDSA", id="not for signatures"),
        pytest.param(OctKey.generate_key().as_dict(), "ES256", id="symmetric key"),
        pytest.param({**EC, "d": "AA"}, "ES256", id="private member"),
        pytest.param({**EC, "k": "AA"}, "ES256", id="symmetric member"),
        pytest.param({**EC, "x": EC["y"]}, "ES256", id="not on the curve"),
        pytest.param({**EC, "x": 5}, "ES256", id="member is a number"),
        pytest.param({"kty": "EC", "crv": "P-256"}, "ES256", id="no coordinates"),
        pytest.param({}, "ES256", id="empty"),
    ],
)
def test_a_key_of_another_kind_is_refused(jwk: dict[str, Any], algorithm: str) -> None:
    """threat 12, threat 13, threat 33, threat 35"""
    with pytest.raises(ValueError, match=r"\w"):
        import_public_key({"kid": "k", **jwk}, algorithm)


def test_a_short_rsa_key_is_refused() -> None:
    """threat 12"""
    with pytest.warns(SecurityWarning):
        jwk = RSAKey.generate_key(1024).as_dict(private=False)
    with pytest.raises(ValueError, match="2048 bits or more, not 1024"):
        import_public_key({**jwk, "kid": "k"}, "RS256")


def open_nothing() -> bytes:
    raise AssertionError("a public key verifies without a secret")


def test_a_public_key_never_asks_for_a_secret() -> None:
    assert not import_verifying_key(EC, "ES256", open_nothing).is_private


def test_a_symmetric_key_verifies_with_its_opened_secret() -> None:
    made = generate("HS256")
    key = import_verifying_key(made.public_jwk, "HS256", lambda: made.private_jwk_bytes)
    assert isinstance(key, OctKey)


def test_threat_2_a_pair_is_no_secret() -> None:
    """What was sealed for another algorithm is not taken for an HMAC key."""
    made = generate("ES256")
    with pytest.raises(ValueError, match="not one for HS256"):
        import_verifying_key(made.public_jwk, "HS256", lambda: made.private_jwk_bytes)
