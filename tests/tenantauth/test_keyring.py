import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from tenantauth.keyring import SYMMETRIC, KeyRing, PublicKey, VerificationKey

EC = ECKey.generate_key("P-256", private=False)
RSA = RSAKey.generate_key(2048, private=False)


def key(kid: str, algorithm: str = "ES256") -> VerificationKey:
    return VerificationKey(kid, algorithm, "active", EC)


def test_a_key_is_found_by_its_own_kid() -> None:
    ring = KeyRing([key("a"), key("b")])
    found = ring.get("b")
    assert found is not None
    assert found.kid == "b"


@pytest.mark.parametrize("kid", ["", "A", "a ", "c", "a\x00", "../a", "*", "\ud800", "a" * 100_000])
def test_any_other_kid_finds_nothing_even_where_the_ring_has_one_key(kid: str) -> None:
    assert KeyRing([key("a")]).get(kid) is None


def test_an_unknown_kid_leaves_nothing_behind() -> None:
    """Threat 29: however many are asked for."""
    ring = KeyRing([key("a")])
    assert [ring.get(f"{number}") for number in range(100)] == [None] * 100
    assert [each.kid for each in ring] == ["a"]


def test_two_keys_of_one_kid_are_refused() -> None:
    """Threat 32."""
    with pytest.raises(ValueError, match="share the kid 'a'"):
        KeyRing([key("a"), key("b"), key("a")])


def test_a_ring_counts_and_lists_its_keys_in_order() -> None:
    ring = KeyRing([key("b"), key("a")])
    assert len(ring) == 2
    assert [each.kid for each in ring] == ["b", "a"]


def test_an_empty_ring_finds_nothing() -> None:
    assert KeyRing().get("a") is None
    assert len(KeyRing()) == 0


@pytest.mark.parametrize(("algorithm", "public"), [("ES256", EC), ("RS256", RSA)])
def test_a_key_is_meant_by_its_own_algorithm_only(algorithm: str, public: PublicKey) -> None:
    assert VerificationKey("a", algorithm, "active", public).header_algorithms == {algorithm}


@pytest.mark.parametrize("algorithm", ["none", "", "HS256", "ES384", "RS256", "EdDSA", "es256"])
def test_an_algorithm_that_is_not_the_keys_is_refused(algorithm: str) -> None:
    """Threats 1 and 4: no row of a database makes a key verify by another algorithm."""
    with pytest.raises(ValueError, match="cannot be used with algorithm"):
        VerificationKey("a", algorithm, "active", EC)


@pytest.mark.parametrize(("algorithm", "size"), [("HS256", 32), ("HS512", 64)])
def test_threat_6_a_secret_shorter_than_its_hash_is_no_key(algorithm: str, size: int) -> None:
    VerificationKey("a", algorithm, "active", OctKey.generate_key(size * 8))
    with pytest.raises(ValueError, match="cannot be used with algorithm"):
        VerificationKey("a", algorithm, "active", OctKey.generate_key(size * 8 - 8))


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "RS256", "PS256", "EdDSA", "Ed25519"])
def test_a_secret_is_no_key_of_a_public_algorithm(algorithm: str) -> None:
    """Threat 2, threat 35: nor is a public key a secret."""
    with pytest.raises(ValueError, match="cannot be used with algorithm"):
        VerificationKey("a", algorithm, "active", OctKey.generate_key(512))
    with pytest.raises(ValueError, match="cannot be used with algorithm"):
        VerificationKey("a", "HS256", "active", RSA)


def test_the_algorithms_that_verify_with_what_signs_are_known() -> None:
    """Threat 2: these are never published, and never taken from others."""
    assert set(SYMMETRIC) == {"HS256", "HS512"}


def test_threat_13_a_point_of_another_curve_is_no_key() -> None:
    p384 = ECKey.generate_key("P-384", private=False)
    VerificationKey("a", "ES384", "active", p384)
    with pytest.raises(ValueError, match="cannot be used with algorithm"):
        VerificationKey("a", "ES256", "active", p384)


@pytest.mark.parametrize("algorithm", ["EdDSA", "Ed25519"])
def test_an_ed25519_key_is_meant_by_both_of_its_names(algorithm: str) -> None:
    ed25519 = OKPKey.generate_key("Ed25519", private=False)
    assert VerificationKey("a", algorithm, "grace", ed25519).header_algorithms == {
        "EdDSA",
        "Ed25519",
    }


def test_the_repr_of_a_ring_and_of_a_key_shows_no_key_material() -> None:
    secret = ECKey.generate_key("P-256")
    held = VerificationKey("a", "ES256", "active", secret)
    members = secret.as_dict(private=True)
    assert repr(KeyRing([held])) == "<KeyRing a>"
    assert not any(str(members[name]) in repr(held) for name in ("x", "y", "d"))
    assert "Key object" not in repr(held)
