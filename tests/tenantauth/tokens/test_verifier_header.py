"""What a token's header may say, and that nothing in it chooses key or algorithm."""

from typing import Any

import pytest
from joserfc.jws import JWSRegistry

from tenantauth.errors import TokenError
from tenantauth.policy import TenantPolicy
from tenantauth.testing import SigningKey, make_policy, make_token
from tenantauth.testing.tokens import REMOVED, encode_bytes, encode_segment
from tenantauth.tokens.verifier import verify
from tests.support import NOW

ES, ED, RS = (SigningKey(kid, kid) for kid in ("ES256", "EdDSA", "RS256"))
ACME = make_policy(keys=[ES, ED, RS])


def refused(token: str, policy: TenantPolicy = ACME) -> str:
    with pytest.raises(TokenError) as caught:
        verify(token, policy, NOW)
    assert caught.value.code == "invalid_token"
    return caught.value.reason


def accepted(token: str, policy: TenantPolicy = ACME) -> bool:
    return verify(token, policy, NOW).subject == "alice"


def with_header(**header: object) -> str:
    return make_token(ACME, key=ES, header=header)


def signed_as(algorithm: str, key: SigningKey) -> str:
    """Return a token whose header names an algorithm that really signed it, with this key."""
    signing_input, _, _ = make_token(ACME, key=key, header={"alg": algorithm}).rpartition(".")
    signature = JWSRegistry.algorithms[algorithm].sign(signing_input.encode(), key.private)
    return f"{signing_input}.{encode_bytes(signature)}"


@pytest.mark.parametrize("name", ["EdDSA", "Ed25519"])
def test_an_ed25519_key_answers_to_both_of_its_names(name: str) -> None:
    assert accepted(make_token(ACME, key=ED, header={"alg": name}))


@pytest.mark.parametrize("name", ["at+jwt", "AT+JWT", "application/at+jwt"])
def test_an_access_token_names_its_type(name: str) -> None:
    assert accepted(with_header(typ=name))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None, ["none"], 0])
@pytest.mark.parametrize("signature", ["", "AA", None], ids=["empty", "short", "good"])
def test_an_unsigned_token_is_refused(algorithm: object, signature: str | None) -> None:
    """Threat 1."""
    signing_input, _, good = with_header(alg=algorithm).rpartition(".")
    assert refused(f"{signing_input}.{good if signature is None else signature}")


def test_a_duplicate_algorithm_is_refused() -> None:
    """Threat 1, threat 19."""
    header = encode_bytes(b'{"typ":"at+jwt","kid":"ES256","alg":"none","alg":"ES256"}')
    _, payload, signature = make_token(ACME, key=ES).split(".")
    assert refused(f"{header}.{payload}.{signature}") == "not_strict_json"


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256", "PS384", "PS512"])
def test_another_algorithm_of_the_family_is_refused(algorithm: str) -> None:
    """Threat 3: though the signature is correct."""
    assert refused(signed_as(algorithm, RS)) == "wrong_algorithm"


@pytest.mark.parametrize("algorithm", ["EdDSA", "RS256"])
def test_an_algorithm_of_another_key_of_the_ring_is_refused(algorithm: str) -> None:
    """Threat 4: the header's alg differs from the key's."""
    assert refused(with_header(alg=algorithm)) == "wrong_algorithm"


@pytest.mark.parametrize(
    "algorithm",
    [
        "es256",
        "ES256 ",
        " ES256",
        "ES256\x00",
        "ES256\n",
        "ES256,none",
        "ES2",
        "ES256K",
        "XS256",
        "E" * 200,
        ["ES256"],
        {"ES256": "ES256"},
        256,
        True,
        None,
        REMOVED,
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_another_spelling_of_the_algorithm_is_refused(algorithm: object) -> None:
    """Threat 5."""
    assert refused(with_header(alg=algorithm)) == "wrong_algorithm"


@pytest.mark.parametrize("text", [b'"alg"', b'["alg"]', b"null", b"1", b"[" * 5000, b"{}"])
def test_a_header_that_is_no_header_is_refused(text: bytes) -> None:
    """Threat 21: never a TypeError."""
    _, payload, signature = make_token(ACME, key=ES).split(".")
    assert refused(f"{encode_bytes(text)}.{payload}.{signature}")


@pytest.mark.parametrize("name", ["crit", "b64", "zip", "enc"])
@pytest.mark.parametrize(
    "value",
    [None, True, False, 0, 5, "", "exp", [], [1], ["exp"], ["b64"], ["alg"], ["x"], {}, "DEF"],
    ids=repr,
)
def test_a_parameter_that_changes_the_rules_is_refused(name: str, value: object) -> None:
    """Threat 15, threat 24, threat 25: though correctly signed."""
    assert refused(with_header(**{name: value})) == "forbidden_header"


def test_a_raw_payload_is_refused() -> None:
    """Threat 25: b64=false signs the text itself."""
    header = encode_segment({"typ": "at+jwt", "alg": "ES256", "kid": "ES256", "b64": False})
    signature = JWSRegistry.algorithms["ES256"].sign(header.encode() + b".{}", ES.private)
    claims = encode_segment({"iss": ACME.tokens.issuer})
    assert refused(f"{header}.{claims}.{encode_bytes(signature)}") == "forbidden_header"
    assert refused(f"{header}.{{}}.{encode_bytes(signature)}") == "not_base64url"


@pytest.mark.parametrize(
    "token_type",
    [
        REMOVED,
        None,
        "",
        "JWT",
        "jwt",
        "rt+jwt",
        "id+jwt",
        "logout+jwt",
        "dpop+jwt",
        "at+jwt ",
        "at+jwt\x00",
        "text/at+jwt",
        ["at+jwt"],
        {"at+jwt": 1},
        1,
        True,
    ],
    ids=ascii,
)
def test_another_type_of_token_is_refused(token_type: object) -> None:
    """Threat 26: refresh, ID, logout and DPoP tokens."""
    assert refused(with_header(typ=token_type)) == "wrong_type"


def test_a_nested_token_is_refused() -> None:
    """Threat 26."""
    inner = make_token(ACME, key=ES)
    header = encode_segment({"typ": "at+jwt", "alg": "ES256", "kid": "ES256", "cty": "JWT"})
    signing_input = f"{header}.{encode_bytes(inner.encode())}"
    signature = JWSRegistry.algorithms["ES256"].sign(signing_input.encode(), ES.private)
    assert refused(f"{signing_input}.{encode_bytes(signature)}") == "not_strict_json"


@pytest.mark.parametrize(
    "kid",
    [
        "../../../dev/null",
        "/etc/passwd",
        "https://evil.test/jwks.json",
        "' OR '1'='1",
        "*)(kid=*",
        "$(reboot)",
        "{{7*7}}",
        "*",
        "ES25?",
        "ES25.",
        ".*",
        "%s%n",
        "ES256\r\nforged: line",
        "es256",
        "ES256 ",
        "ES256\x00",
        "\uff25\uff33256",
        "ES256/RS256",
        "",
        "k" * 4096,
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_a_kid_is_compared_and_nothing_else(kid: str) -> None:
    """Threat 27, threat 29: path, URL, SQL, shell, template, glob, pattern, near misses."""
    assert refused(with_header(kid=kid)) == "unknown_key"


@pytest.mark.parametrize(
    "kid", [REMOVED, None, True, 0, 1, 1.5, [], ["ES256"], {}, {"kid": "ES256"}], ids=repr
)
def test_without_a_kid_no_key_is_tried(kid: object) -> None:
    """Threat 27, threat 28: not even when the ring has one key only."""
    alone = make_policy(keys=[ES])
    assert refused(make_token(alone, key=ES, header={"kid": kid}), alone) == "no_kid"


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256", "jwks"])
def test_a_key_in_the_header_is_never_used(name: str) -> None:
    """Threat 30: mallory's token brings mallory's key."""
    mallory = SigningKey("mallory")
    public = mallory.public.as_dict(private=False)
    value: Any = {"jwk": public, "jwks": {"keys": [public]}}.get(name, "https://evil.test/")
    token = make_token(ACME, key=mallory, header={"kid": "ES256", name: value})
    assert refused(token) == "bad_signature"
    assert refused(make_token(ACME, key=mallory, header={name: value})) == "unknown_key"
