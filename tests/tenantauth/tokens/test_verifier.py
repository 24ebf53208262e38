import base64
import json
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

import pytest
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry

from tenantauth.errors import TokenError
from tenantauth.keyring import KeyRing, VerificationKey
from tenantauth.policy import TenantPolicy
from tenantauth.testing import SigningKey, make_policy, make_token
from tenantauth.testing.tokens import REMOVED, encode_bytes, encode_segment
from tenantauth.tokens.verifier import verify
from tests.support import NOW

ES, ED, RS = (SigningKey(kid, kid) for kid in ("ES256", "EdDSA", "RS256"))
ACME = make_policy(keys=[ES, ED, RS])
ECDSA_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def refused(token: str, policy: TenantPolicy = ACME) -> str:
    with pytest.raises(TokenError) as caught:
        verify(token, policy, NOW)
    assert caught.value.code == "invalid_token"
    return caught.value.reason


def accepted(token: str, policy: TenantPolicy = ACME) -> bool:
    return verify(token, policy, NOW).subject == "alice"


@pytest.mark.parametrize("key", [ES, ED, RS], ids=lambda key: key.kid)
def test_a_token_of_the_tenant_is_verified(key: SigningKey) -> None:
    verified = verify(make_token(ACME, "bob", key=key, roles=["x"]), ACME, NOW)
    assert verified.subject == "bob"
    assert verified.roles == {"x"}


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(bytes(64), id="psychic"),
        pytest.param(b"\xff" * 64, id="all-ones"),
        pytest.param(ECDSA_ORDER.to_bytes(32) * 2, id="order"),
        pytest.param((ECDSA_ORDER - 1).to_bytes(32) * 2, id="order-less-one"),
        pytest.param(b"\x01", id="one-byte"),
        pytest.param(bytes(63), id="short"),
        pytest.param(bytes(65), id="long"),
        pytest.param(bytes(4000), id="very-long"),
    ],
)
@pytest.mark.parametrize("key", [ES, ED, RS], ids=lambda key: key.kid)
def test_a_made_up_signature_is_refused(key: SigningKey, signature: bytes) -> None:
    """Threat 7, threat 8."""
    signing_input, _, _ = make_token(ACME, key=key).rpartition(".")
    assert refused(f"{signing_input}.{encode_bytes(signature)}") == "bad_signature"


@pytest.mark.parametrize("segment", [0, 1, 2], ids=["header", "payload", "signature"])
@pytest.mark.parametrize("key", [ES, ED, RS], ids=lambda key: key.kid)
def test_a_signature_covers_every_segment(key: SigningKey, segment: int) -> None:
    mine = make_token(ACME, "alice", key=key).split(".")
    other = make_token(ACME, "mallory", key=key, header={"x": 1}).split(".")
    mine[segment] = other[segment]
    assert refused(".".join(mine)) == "bad_signature"


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="empty"),
        pytest.param(".", id="one-dot"),
        pytest.param("..", id="two-dots"),
        pytest.param("...", id="three-dots"),
        pytest.param("a.b.c.d.e", id="jwe"),
        pytest.param(json.dumps({"payload": "", "signatures": []}), id="json"),
        pytest.param('{"protected":"a.b.c"}', id="polyglot"),
        pytest.param("\x00", id="nul"),
        pytest.param("." * 100_000, id="many-dots"),
        pytest.param("\ud800.\ud800.\ud800", id="surrogates"),
        pytest.param("é.é.é", id="not-ascii"),
    ],
)
def test_a_text_of_another_shape_is_refused(token: str) -> None:
    """Threat 14, threat 17, threat 23."""
    assert refused(token)


def spellings() -> dict[str, Callable[[str], str]]:
    return {
        "space-before": lambda token: " " + token,
        "space-after": lambda token: token + " ",
        "newline-after": lambda token: token + "\n",
        "padding": lambda token: token + "=",
        "dot-after": lambda token: token + ".",
        "nul-after": lambda token: token + "\x00",
        "space-inside": lambda token: token.replace(".", " .", 1),
        "lookalike-dot": lambda token: token.replace(".", "\u2024", 1),
        "no-header": lambda token: token[token.index(".") :],
        "no-payload": lambda token: f"{token.split('.')[0]}..{token.split('.')[2]}",
        "no-signature": lambda token: token.rpartition(".")[0] + ".",
        "cut": lambda token: token[:-1],
        "longer": lambda token: token + "A",
    }


@pytest.mark.parametrize("name", spellings())
def test_another_spelling_of_a_good_token_is_refused(name: str) -> None:
    """Threat 17, threat 18: one token, one text."""
    assert refused(spellings()[name](make_token(ACME, key=ES)))


def test_spare_bits_of_a_signature_make_no_second_token() -> None:
    """Threat 18."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = make_token(ACME, key=ES)
    twin = token[:-1] + alphabet[alphabet.index(token[-1]) + 1]
    assert base64.urlsafe_b64decode(twin.split(".")[2] + "==") == base64.urlsafe_b64decode(
        token.split(".")[2] + "=="
    )
    assert refused(twin) == "not_canonical_base64url"


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b'{"tenant":"acme","tenant":"globex"}', id="duplicate"),
        pytest.param(b"[]", id="list"),
        pytest.param(b"null", id="null"),
        pytest.param(b"", id="empty"),
        pytest.param(b"not json", id="text"),
        pytest.param('{"sub":"x"}'.encode("utf-16"), id="utf-16"),
        pytest.param(b'{"exp":NaN}', id="nan"),
        pytest.param(b'{"exp":1e999}', id="infinite"),
        pytest.param(b"[" * 5000, id="deep"),
        pytest.param(rb'{"sub":"\ud800"}', id="surrogate"),
    ],
)
def test_signed_claims_of_another_form_are_refused(payload: bytes) -> None:
    """Threats 19 to 22: also when our own key signed them."""
    header, _, _ = make_token(ACME, key=ES).split(".")
    signing_input = f"{header}.{encode_bytes(payload)}"
    signature = JWSRegistry.algorithms["ES256"].sign(signing_input.encode(), ES.private)
    assert refused(f"{signing_input}.{encode_bytes(signature)}")


def test_a_detached_payload_is_refused() -> None:
    """Threat 25."""
    header, _, signature = make_token(ACME, key=ES).split(".")
    assert refused(f"{header}..{signature}") == "not_base64url"


def test_a_key_that_left_the_ring_is_refused() -> None:
    """Threat 31: revoked."""
    token = make_token(ACME, key=ES)
    assert refused(token, replace(ACME, keyring=KeyRing([ED.verification_key()]))) == "unknown_key"


def test_a_revoked_key_under_an_active_kid_is_refused() -> None:
    """Threat 31."""
    token = make_token(ACME, key=SigningKey("revoked"), header={"kid": "ES256"})
    assert refused(token) == "bad_signature"


@pytest.mark.parametrize("state", ["pending", "active", "grace"])
def test_a_key_verifies_in_every_published_state(state: Any) -> None:
    """Threat 31, threat 94: before its first token and until its last ends."""
    policy = replace(ACME, keyring=KeyRing([ES.verification_key(state)]))
    assert accepted(make_token(ACME, key=ES), policy)


def test_two_tenants_may_share_a_kid() -> None:
    """Threat 32, threat 44: each ring is looked up by itself."""
    mine, theirs = SigningKey("shared", "ES256"), SigningKey("shared", "EdDSA")
    acme, globex = make_policy("acme", keys=[mine]), make_policy("globex", keys=[theirs])
    assert accepted(make_token(acme, key=mine), acme)
    foreign = make_token(globex, key=theirs, iss=acme.tokens.issuer)
    assert refused(foreign, acme) == "wrong_algorithm"


@pytest.mark.parametrize("mine", [("acme", "globex"), ("globex", "acme")], ids=lambda pair: pair[0])
def test_a_token_of_another_tenant_is_refused_even_with_the_same_key(mine: tuple[str, str]) -> None:
    """Threat 44: one key material under one kid at two tenants."""
    own, other = (make_policy(slug, keys=[ES]) for slug in mine)
    assert refused(make_token(own, key=ES), other) == "wrong_issuer"


def test_our_issuer_with_the_key_of_another_tenant_is_refused() -> None:
    """Threat 44: globex signs what acme would say."""
    globex = SigningKey("globex-1")
    assert refused(make_token(ACME, key=globex)) == "unknown_key"
    assert refused(make_token(ACME, key=globex, header={"kid": "ES256"})) == "bad_signature"


def test_the_claims_are_looked_at_only_behind_the_signature() -> None:
    header, _, signature = make_token(ACME, key=ES).split(".")
    expired = encode_segment({"iss": ACME.tokens.issuer, "exp": 0})
    assert refused(f"{header}.{expired}.{signature}") == "bad_signature"


@pytest.mark.parametrize(
    "header",
    [{"kid": "other"}, {"typ": "JWT"}, {"kid": REMOVED}, {"alg": "none"}, {"crit": ["x"]}],
    ids=repr,
)
@pytest.mark.parametrize("issuer", ["https://acme.test/", "", None, 5, ["x"], REMOVED], ids=repr)
def test_a_wrong_issuer_is_told_before_anything_of_the_header(
    issuer: object, header: dict[str, object]
) -> None:
    """Threat 38: the commonest mistake would else be told as one of the key."""
    assert refused(make_token(ACME, header=header, iss=issuer)) == "wrong_issuer"


def test_an_expired_token_is_told_apart() -> None:
    with pytest.raises(TokenError) as caught:
        verify(make_token(ACME, key=ES), ACME, NOW + 10_000)
    assert caught.value.code == "token_expired"


def test_a_key_for_another_operation_verifies_nothing() -> None:
    """Threat 35: the model's own errors end as a refusal."""
    only_signs = ECKey.generate_key("P-256", {"key_ops": ["sign"]})
    ring = KeyRing([VerificationKey("ES256", "ES256", "active", only_signs)])
    assert refused(make_token(ACME, key=ES), replace(ACME, keyring=ring)) == "bad_signature"


def test_a_megabyte_is_refused_at_once() -> None:
    """Threat 23."""
    token = make_token(ACME, key=ES, x="x" * 1_000_000)
    began = perf_counter()
    assert refused(token) == "too_large"
    assert perf_counter() - began < 0.1


def test_an_error_shows_nothing_of_the_token() -> None:
    """Threat 106."""
    token = make_token(ACME, "secret-subject", key=ES, tenant="secret-tenant")
    with pytest.raises(TokenError) as caught:
        verify(token, ACME, NOW)
    assert "secret" not in f"{caught.value!r} {caught.value.__context__!r}"
    assert token.split(".")[1] not in repr(caught.value)
