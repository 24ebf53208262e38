"""Signing keys as JSON Web Keys."""

import json
import re

import pytest
from joserfc.jwk import ECKey, OctKey

from tenantauth.jwk import PUBLIC_ALGORITHMS, read_jwk
from tenantauth.keyring import VerificationKey
from tenants.keys import (
    ALGORITHMS,
    GeneratedKey,
    generate,
    import_private,
    published,
    shown_jwk,
)

PUBLIC = {
    "ES256": {"crv", "x", "y"},
    "ES384": {"crv", "x", "y"},
    "EdDSA": {"crv", "x"},
    "RS256": {"n", "e"},
    "PS256": {"n", "e"},
    "HS256": set(),
    "HS512": set(),
}


@pytest.fixture(scope="module", params=ALGORITHMS)
def key(request: pytest.FixtureRequest) -> GeneratedKey:
    """A key of each algorithm; made once, as one for RS256 takes its time."""
    return generate(request.param)


def test_a_public_key_has_its_own_members_and_no_others(key: GeneratedKey) -> None:
    expected = {"kty", "kid", "use", "alg"} | PUBLIC[key.algorithm]
    assert set(key.public_jwk) == expected
    assert (key.public_jwk["use"], key.public_jwk["alg"]) == ("sig", key.algorithm)


def test_threat_106_the_repr_of_a_new_key_shows_no_secret(key: GeneratedKey) -> None:
    private_jwk = json.loads(key.private_jwk_bytes)
    secret = private_jwk.get("d", private_jwk.get("k"))
    assert secret not in repr(key)
    assert secret not in json.dumps(key.public_jwk)


def test_the_private_half_is_read_back_as_the_same_pair(key: GeneratedKey) -> None:
    private = import_private(key.private_jwk_bytes)
    assert private.is_private
    assert shown_jwk(private, key.kid, key.algorithm) == key.public_jwk


def test_the_key_sizes_are_those_of_their_algorithms() -> None:
    curves = [generate(name).public_jwk["crv"] for name in ("ES256", "ES384", "EdDSA")]
    modulus = import_private(generate("RS256").private_jwk_bytes).public_key
    assert curves == ["P-256", "P-384", "Ed25519"]
    assert getattr(modulus, "key_size", None) == 3072


def test_threat_117_a_kid_can_be_neither_an_option_nor_guessed() -> None:
    kids = {generate().kid for _ in range(50)}
    assert len(kids) == 50
    assert all(re.fullmatch("[0-9a-f]{24}", kid) for kid in kids)


@pytest.mark.parametrize("algorithm", ["none", "HS384", "es256", "RS512", "Ed25519", ""])
def test_other_algorithms_are_refused(algorithm: str) -> None:
    with pytest.raises(ValueError, match="is not one of: ES256, ES384, EdDSA, RS256, PS256"):
        generate(algorithm)


@pytest.mark.parametrize("algorithm", PUBLIC_ALGORITHMS)
def test_a_compiled_key_is_published_as_it_was_made(algorithm: str) -> None:
    key = generate(algorithm)
    compiled = read_jwk(key.public_jwk, algorithms={algorithm})
    assert published([compiled]) == {"keys": [key.public_jwk]}


@pytest.mark.parametrize(("algorithm", "size"), [("HS256", 32), ("HS512", 64)])
def test_threat_6_a_made_secret_is_as_long_as_its_hash(algorithm: str, size: int) -> None:
    secrets = {generate(algorithm).private_jwk_bytes for _ in range(20)}
    assert len(secrets) == 20
    assert all(len(getattr(import_private(each), "raw_value", b"")) == size for each in secrets)


def test_threat_33_a_private_key_in_a_ring_is_published_without_its_secret() -> None:
    private = ECKey.generate_key("P-256")
    (jwk,) = published([VerificationKey("k", "ES256", "active", private)])["keys"]
    assert "d" not in jwk


def test_threat_33_a_symmetric_key_is_never_published() -> None:
    secret = OctKey.generate_key(256)
    assert published([VerificationKey("k", "HS256", "active", secret)]) == {"keys": []}
