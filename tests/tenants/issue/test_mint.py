"""Access tokens as RFC 9068 writes them."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.errors import SecurityWarning

from tenants.issue.mint import Issuer, SigningKey, build_claims, sign
from tenants.issue.wanted import WantedToken
from tenants.keys import ALGORITHMS, GeneratedKey, generate

ACME = Issuer("acme", "https://acme.example", ("https://api.example",))


@pytest.fixture(scope="module", params=ALGORITHMS)
def pair(request: pytest.FixtureRequest) -> GeneratedKey:
    return generate(request.param)


def opened(pair: GeneratedKey) -> SigningKey:
    return SigningKey.open(pair.kid, pair.algorithm, pair.private_jwk_bytes)


def decode(segment: str) -> dict[str, object]:
    members: dict[str, object] = json.loads(base64.urlsafe_b64decode(segment + "=="))
    return members


def test_the_header_says_type_algorithm_and_key_and_nothing_else(pair: GeneratedKey) -> None:
    header = decode(sign({"sub": "alice"}, opened(pair)).split(".")[0])
    assert header == {"typ": "at+jwt", "alg": pair.algorithm, "kid": pair.kid}


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "RS256", "PS256"])
def test_a_peer_verifies_with_the_published_key_alone(algorithm: str) -> None:
    pair = generate(algorithm)
    key = type(opened(pair).key).import_key(dict(pair.public_jwk))
    decoded = jwt.decode(sign({"sub": "alice"}, opened(pair)), key, algorithms=[algorithm])
    assert decoded.claims == {"sub": "alice"}


def test_a_peer_that_knows_only_the_old_name_verifies_ed25519() -> None:
    pair = generate("EdDSA")
    key = type(opened(pair).key).import_key(dict(pair.public_jwk))
    token = sign({"sub": "alice"}, opened(pair))
    with pytest.warns(SecurityWarning, match="EdDSA"):
        assert jwt.decode(token, key, algorithms=["EdDSA"]).claims == {"sub": "alice"}


def test_an_ed25519_signature_is_the_plain_one_of_rfc_8032() -> None:
    pair = generate("EdDSA")
    private = opened(pair).key.private_key
    assert isinstance(private, Ed25519PrivateKey)
    signed, _, signature = sign({"sub": "alice"}, opened(pair)).rpartition(".")
    decoded = base64.urlsafe_b64decode(signature + "==")
    private.public_key().verify(decoded, signed.encode())


def test_threat_106_the_repr_of_an_opened_key_shows_no_secret(pair: GeneratedKey) -> None:
    members = json.loads(pair.private_jwk_bytes)
    assert members.get("d", members.get("k")) not in repr(opened(pair))


def test_a_users_claims_are_all_there() -> None:
    wanted = WantedToken(subject="alice", roles=("analyst",), scopes=("a", "b"), extra={"x": 1})
    claims = build_claims(wanted, ACME, 1000, 900)
    jti = claims.pop("jti")
    assert isinstance(jti, str)
    assert len(jti) >= 22
    assert claims == {
        "iss": "https://acme.example",
        "aud": "https://api.example",
        "sub": "alice",
        "client_id": "web",
        "iat": 1000,
        "exp": 1900,
        "auth_time": 1000,
        "scope": "a b",
        "roles": ["analyst"],
        "tenant": "acme",
        "x": 1,
    }


def test_a_client_has_not_signed_in() -> None:
    claims = build_claims(WantedToken(subject="batch", client_id="batch"), ACME, 1000, 900)
    assert "auth_time" not in claims


def test_without_scopes_there_is_no_scope_and_without_roles_an_empty_list() -> None:
    claims = build_claims(WantedToken(subject="alice"), ACME, 1000, 900)
    assert ("scope" in claims, claims["roles"]) == (False, [])


def test_several_audiences_are_a_list() -> None:
    several = Issuer("acme", "https://acme.example", ("https://a.example", "https://b.example"))
    claims = build_claims(WantedToken(subject="alice"), several, 1000, 900)
    assert claims["aud"] == ["https://a.example", "https://b.example"]


def test_no_two_tokens_share_a_jti() -> None:
    wanted = WantedToken(subject="alice")
    assert len({str(build_claims(wanted, ACME, 1000, 900)["jti"]) for _ in range(50)}) == 50
