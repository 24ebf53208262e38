"""Targets at the verifier: a token as text, and each of its parts really signed."""

import json
from dataclasses import replace

from joserfc.jws import JWSRegistry

from benchmarks.fuzzing.target import Target, encoded, text_of
from tenantauth.errors import TokenError
from tenantauth.keyring import KeyRing
from tenantauth.policy import TenantPolicy
from tenantauth.testing import SigningKey, make_policy, make_token
from tenantauth.testing.clock import START_S as NOW
from tenantauth.testing.tokens import encode_bytes, encode_segment
from tenantauth.tokens.claims import VerifiedClaims
from tenantauth.tokens.strict import decode_segment
from tenantauth.tokens.verified_cache import Verifier
from tenantauth.trusted_issuer import ALGORITHMS, TrustedIssuer

KEY = SigningKey("key", "EdDSA")
_KEYS = (KEY, SigningKey("es", "ES256"), SigningKey("rs", "RS256"))
PARTNER = SigningKey("partner", "EdDSA")
_RING = KeyRing([PARTNER.verification_key()])
_AUDIENCE = frozenset({"https://api.test"})
# No guard: after sixty bad tokens it would answer everything, and hide what lies behind.
_GUARD = "1000000000/minute"
ACME = make_policy(
    "acme",
    keys=_KEYS,
    guard=_GUARD,
    trusted_issuers=[TrustedIssuer("https://partner.test", _AUDIENCE, ALGORITHMS, _RING)],
)
# The same keys under other names: nothing signed for acme may pass here.
GLOBEX = replace(
    make_policy(
        "globex",
        guard=_GUARD,
        trusted_issuers=[TrustedIssuer("https://other.test", _AUDIENCE, ALGORITHMS, _RING)],
    ),
    keyring=KeyRing([KEY.verification_key()]),
)
GOOD = tuple(make_token(ACME, key=key, roles=["viewer"], scope="read") for key in _KEYS)

HEADER = decode_segment(GOOD[0].split(".")[0])
CLAIMS = decode_segment(GOOD[0].split(".")[1])
_PARTNERS = json.dumps(
    {"iss": "https://partner.test", "aud": "https://api.test", "sub": "bob"}
    | {"iat": int(NOW), "exp": int(NOW) + 60, "scope": "read", "nested": {"roles": ["a"]}}
).encode()
_VERIFIER = Verifier()
_ALGORITHMS = ("EdDSA", "Ed25519", "ES256", "RS256")
_ADDRESS = "http://127.0.0.1:9/jwks.json"
_PUBLIC = KEY.public.as_dict(private=False)

# Members that have opened other verifiers (RFC 8725, and the advisories of many libraries).
_HEADERS: tuple[dict[str, object], ...] = (
    {"alg": "none"},
    {"alg": ["EdDSA"]},
    {"alg": "HS256"},
    {"jku": _ADDRESS},
    {"x5u": _ADDRESS},
    {"jwk": _PUBLIC},
    {"jwks": {"keys": [_PUBLIC]}},
    {"x5c": ["MIIB"], "x5t": "AA", "x5t#S256": "AA"},
    {"crit": ["exp"], "exp": 1},
    {"crit": 5},
    {"b64": False},
    {"zip": "DEF"},
    {"enc": "A128GCM", "p2c": 2**31 - 1},
    {"kid": "../../dev/null"},
    {"kid": _ADDRESS},
    {"kid": ["key"]},
    {"typ": "JWT"},
    {"cty": "JWT"},
)
_CLAIMS: tuple[dict[str, object], ...] = (
    {"iss": _ADDRESS},
    {"iss": ["http://acme.localhost"]},
    {"aud": {"https://api.test": 1}},
    {"tenant": ["acme"]},
    {"tenant": "globex"},
    {"exp": 2**63},
    {"exp": True},
    {"exp": "9999999999"},
    {"nbf": -1},
    {"roles": "admin"},
    {"roles": ["a,b", "a\r\nb"]},
    {"scope": "a b\tc"},
    {"sub": "a" * 256},
    {"__proto__": {"roles": ["admin"]}},
)
_ODD_JSON = (b'"alg"', b"null", b"[" * 100, b'{"a":NaN}', b'{"a":1e400}', rb'{"a":"\ud800"}')
_WORDS = encoded(
    *("alg", "none", "EdDSA", "kid", "typ", "crit", "b64", "zip", "enc", "jku", "x5u", "jwk"),
    *("iss", "aud", "sub", "exp", "nbf", "iat", "jti", "tenant", "roles", "scope", "client_id"),
    *('"', "{", "}", "[", "]", ":", ",", "\\u0061", "\\ud800", "1e400", "NaN", "true", "null"),
    *(
        "=",
        "..",
        ".",
        "\ufeff",
        "\x00",
        "https://127.0.0.1/",
        "acme",
        "globex",
        "at+jwt",
        "https://partner.test",
    ),
)


def _read_token(data: bytes) -> None:
    _check(text_of(data))


def _read_header(data: bytes) -> None:
    _check(_signed(KEY, encode_bytes(data), encode_bytes(CLAIMS)))


def _read_claims(data: bytes) -> None:
    _check(_signed(KEY, encode_bytes(HEADER), encode_bytes(data)))


def _read_partner(data: bytes) -> None:
    header = {"typ": "at+jwt", "alg": "EdDSA", "kid": "partner"}
    _check(_signed(PARTNER, encode_segment(header), encode_bytes(data)))


def _signed(key: SigningKey, header: str, payload: str) -> str:
    signing_input = f"{header}.{payload}"
    signature = JWSRegistry.algorithms["EdDSA"].sign(signing_input.encode(), key.private)
    return f"{signing_input}.{encode_bytes(signature)}"


def _check(token: str) -> None:
    verified = _outcome(token, ACME)
    # The second time it is remembered, and nothing that was refused ever is.
    assert _outcome(token, ACME) == verified
    if verified is None:
        return
    assert _outcome(token, GLOBEX) is None
    header, payload, _ = token.split(".")
    assert json.loads(decode_segment(header))["alg"] in _ALGORITHMS
    claims = json.loads(decode_segment(payload))
    assert verified.expires_at_s == claims["exp"] > NOW - 60
    if claims["iss"] == "https://partner.test":
        assert verified.subject == f"https://partner.test|{claims['sub']}"
        assert not verified.roles
    else:
        assert (claims["iss"], claims["tenant"]) == ("http://acme.localhost", "acme")
        assert verified.subject == claims["sub"]


def _outcome(token: str, policy: TenantPolicy) -> VerifiedClaims | None:
    try:
        return _VERIFIER.verify(token, policy, NOW)
    except TokenError:
        return None


def _variants(members: bytes, changes: tuple[dict[str, object], ...]) -> tuple[bytes, ...]:
    changed = [json.dumps(json.loads(members) | change).encode() for change in changes]
    return (members, *changed, *_ODD_JSON)


_ATTACKS = tuple(
    f"{encode_segment(json.loads(HEADER) | change)}.{encode_bytes(CLAIMS)}.{encode_bytes(end)}"
    for change in _HEADERS
    for end in (b"\0", b"\0" * 64)
)

TARGETS = (
    Target("token", _read_token, encoded(*GOOD, *_ATTACKS, "..", "a.b.c.d.e"), _WORDS),
    Target("header", _read_header, _variants(HEADER, _HEADERS), _WORDS),
    Target("partner", _read_partner, _variants(_PARTNERS, _CLAIMS), _WORDS),
    Target("claims", _read_claims, _variants(CLAIMS, _CLAIMS), _WORDS),
)
