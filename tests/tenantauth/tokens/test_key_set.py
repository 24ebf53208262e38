import pytest

from tenantauth.errors import FetchError
from tenantauth.outbound.fetch import Fetched
from tenantauth.testing import SigningKey
from tenantauth.tokens.key_set import KeySet
from tests.tenantauth.tokens.key_documents import jwk, key_set

ES256 = frozenset({"ES256"})


def read(body: bytes, max_age_s: float | None = None, jitter: float = 0.5) -> KeySet:
    return KeySet(Fetched(body, max_age_s), fetched_at=1000, jitter=jitter)


@pytest.mark.parametrize(
    ("max_age_s", "fresh_s"),
    [(None, 3600), (0, 300), (299, 300), (600, 600), (86_400, 86_400), (999_999_999, 86_400)],
)
def test_keys_are_fresh_as_long_as_their_server_said_within_bounds(
    max_age_s: float | None, fresh_s: float
) -> None:
    assert read(key_set(jwk()), max_age_s).expires_at == 1000 + fresh_s


def test_keys_end_a_day_after_they_were_fetched() -> None:
    """Threat 114: however long their server can be kept from us."""
    assert {read(key_set(jwk()), age).ends_at for age in (None, 0, 10**9)} == {1000 + 86_400}


@pytest.mark.parametrize(("jitter", "share"), [(0.0, 0.7), (1.0, 0.9)])
def test_keys_are_fetched_again_before_they_are_outdated(jitter: float, share: float) -> None:
    assert read(key_set(jwk()), 1000, jitter).refresh_at == pytest.approx(1000 + 1000 * share)


@pytest.mark.parametrize(
    "bad",
    [
        jwk("k2", use="enc"),
        jwk("k2", alg="none"),
        jwk("k2", kty="oct", k="AAAA"),
        jwk("k2", kty="new"),
        jwk("k2", kid=None),
        jwk("k2", x="AAAA"),
        7,
    ],
    ids=["use", "alg", "symmetric", "type", "no kid", "point", "number"],
)
def test_one_bad_key_does_not_lose_the_good_one(bad: object) -> None:
    """Threats 33, 34 and 35."""
    keys = read(key_set(bad, jwk("k1")))
    assert [key.kid for key in keys.ring(ES256)] == ["k1"]
    assert len(keys.refused) == 1


def test_of_two_keys_with_one_kid_the_first_is_used() -> None:
    """Threat 32."""
    first = jwk("k1")
    (key,) = read(key_set(first, jwk("k2", kid="k1"))).ring(ES256)
    assert key.key.as_dict(private=False)["x"] == first["x"]


def test_no_more_than_100_keys_are_looked_at() -> None:
    """Threat 114."""
    keys = read(key_set(*({"a": 1} for _ in range(20_000)), jwk("k1")))
    assert len(keys.ring(ES256)) == 0
    assert len(keys.refused) == 101


def test_a_key_is_bound_to_an_algorithm_that_the_tenant_allows() -> None:
    rsa = SigningKey("r", "RS256").verification_key().key.as_dict(private=False)
    keys = read(key_set({**rsa, "kid": "r"}))
    bound = {ring: keys.ring(frozenset({ring})).get("r") for ring in ("RS256", "PS256", "ES256")}
    assert [key and key.algorithm for key in bound.values()] == ["RS256", "PS256", None]


@pytest.mark.parametrize("name", ["EdDSA", "Ed25519"])
def test_both_names_of_ed25519_allow_its_keys(name: str) -> None:
    okp = SigningKey("e", "EdDSA").verification_key().key.as_dict(private=False)
    keys = read(key_set({**okp, "kid": "e", "alg": name}))
    assert keys.ring(frozenset({name})).get("e") is not None


def test_rings_of_other_algorithms_do_not_meet() -> None:
    """Threat 4."""
    keys = read(key_set(jwk("k1")))
    assert keys.ring(frozenset({"RS256"})).get("k1") is None
    assert keys.ring(ES256).get("k1") is not None


def test_a_set_without_keys_is_a_set() -> None:
    """Threat 31: an issuer may have withdrawn them all."""
    assert len(read(key_set()).ring(ES256)) == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b"null",
        b'{"keys": {}}',
        b'{"keys": null}',
        b'{"keys": []}}',
        b'{"keys": [], "keys": []}',
        b'{"keys": [NaN]}',
        b"\xff\xfe",
        b'{"keys": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        key_set(jwk("k1"))[:-1],
    ],
    ids=lambda body: repr(body[:20]),
)
def test_anything_else_is_no_key_set(body: bytes) -> None:
    """Threat 114."""
    with pytest.raises(FetchError, match="no key set"):
        read(body)
