"""Tokens: whatever a stranger sends is a refusal, and what passes means what it says."""

from dataclasses import replace
from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tenantauth.errors import TokenError
from tenantauth.keyring import KeyRing
from tenantauth.layers.authenticate import Authenticate
from tenantauth.policy import TenantPolicy, TokenRules
from tenantauth.testing import SigningKey, make_policy, make_token
from tenantauth.testing.tokens import encode_bytes
from tenantauth.tokens.claims import VerifiedClaims
from tenantauth.tokens.verifier import verify
from tests.support import NOW, make_context

KEYS = [SigningKey("es", "ES256"), SigningKey("ed", "EdDSA"), SigningKey("rs", "RS256")]
ACME = make_policy(keys=KEYS)
GOOD = [make_token(ACME, key=key, roles=["viewer"], scope="read") for key in KEYS]
EXPECTED = verify(GOOD[0], ACME, NOW)

# Texts that nearly are what a token says.
NEAR_NAMES = ["acme", "Acme", "globex", "\u0430cme", "alice", "viewer", "read", "", "*"]
NEAR_TERMS = ["at+jwt", "JWT", "ES256", "EdDSA", "none", "HS256", "es", "ed"]
NEAR_ADDRESSES = ["http://acme.localhost", "http://acme.localhost/", "http://ACME.localhost"]
NEAR = st.sampled_from([*NEAR_NAMES, *NEAR_TERMS, *NEAR_ADDRESSES])
NUMBERS = (
    st.integers()
    | st.floats()
    | st.integers(int(NOW) - 2000, int(NOW) + 2000)
    | st.sampled_from([True, False, NOW * 1000, 2**63, -1, 0, 253_402_300_799])
)
# What JSON can say; and NaN, which Python's writer writes.
JSON = st.recursive(
    st.none() | NUMBERS | NEAR | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NEAR | st.text("ab"), inner, max_size=3)
    ),
    max_leaves=8,
)
CLAIMS = ["iss", "aud", "sub", "client_id", "iat", "exp", "nbf", "jti", "tenant", "roles", "scope"]
CLAIMS += ["auth_time", "sid", "acr", "amr", "permissions", "__proto__"]
HEADERS = ["typ", "alg", "kid", "crit", "b64", "zip", "enc", "jwk", "jku", "x5u", "x5c", "cty"]

SEGMENT = (
    st.binary(max_size=60).map(encode_bytes)
    | st.text(max_size=20)
    | st.sampled_from([part for token in GOOD for part in token.split(".")])
)
NEARLY_A_TOKEN = st.lists(SEGMENT, max_size=6).map(".".join)
ANY_TEXT = st.text() | st.binary().map(lambda data: data.decode("latin-1")) | NEARLY_A_TOKEN


def outcome(token: str, policy: TenantPolicy = ACME) -> VerifiedClaims | None:
    """Return what verifies; any other exception than ours fails the test."""
    try:
        return verify(token, policy, NOW)
    except TokenError:
        return None


@given(ANY_TEXT)
@example("..")
@example("\ud800.\ud800.\ud800")
@example("[" * 8000)
def test_any_text_as_a_token_is_a_refusal(text: str) -> None:
    """Threats 17 to 23."""
    assume(text not in GOOD)
    assert outcome(text) is None


@given(
    ANY_TEXT
    | st.builds(
        "{}{}{}".format, st.sampled_from(["Bearer ", "bearer  ", "BEARER\t"]), ANY_TEXT, NEAR
    )
)
@example("Bearer")
@example("Bearer\xa0a.b.c")
@example("Bearer " + "." * 100_000)
def test_any_authorization_field_is_answered_401(field: str) -> None:
    """Threat 56, threat 57: never 500, never a pass."""
    assume(not any(token in field for token in GOOD))
    refusal = Authenticate().admit(make_context(ACME, authorization=field))
    assert refusal is not None
    assert refusal.status == 401
    assert dict(refusal.headers)["WWW-Authenticate"].startswith("Bearer")


@given(
    st.sampled_from(GOOD),
    st.integers(0, 2000),
    st.integers(0, 2),
    st.text("aA0-_=.+/ \n\x00\u2024", max_size=2) | st.text(max_size=1),
)
def test_a_good_token_has_one_spelling(token: str, at: int, removed: int, put: str) -> None:
    """Threat 17, threat 18: whatever is cut out or put in anywhere."""
    at %= len(token) + 1
    other = token[:at] + put + token[at + removed :]
    assume(other != token)
    assert outcome(other) is None


@given(st.sampled_from(KEYS), st.sampled_from(HEADERS) | st.text(max_size=5), JSON)
def test_a_changed_header_means_the_same_or_is_refused(
    key: SigningKey, name: str, value: Any
) -> None:
    """Threats 1 to 5, 24 to 30: though the key of the tenant signed it."""
    token = make_token(ACME, key=key, roles=["viewer"], scope="read", header={name: value})
    verified = outcome(token)
    assert verified is None or verified == EXPECTED


@given(st.sampled_from(KEYS), st.sampled_from(CLAIMS) | st.text(max_size=5), JSON)
@example(KEYS[0], "exp", int(NOW) + 10)
@example(KEYS[0], "roles", ["admin", "viewer"])
@example(KEYS[0], "tenant", ["acme"])
@example(KEYS[0], "exp", True)
def test_a_changed_claim_is_what_it_says_or_is_refused(
    key: SigningKey, name: str, value: Any
) -> None:
    """Threats 36 to 43: by the same type and value, and nothing else changes with it."""
    claims: dict[str, Any] = {"roles": ["viewer"], "scope": "read", "x": 1, name: value}
    subject = claims.pop("sub", "alice")
    token = make_token(ACME, subject, key=key, jti=claims.pop("jti", "token-of-alice"), **claims)
    verified = outcome(token)
    assert verified is None or plain(verified) == plain(EXPECTED) | said(name, value)


def plain(verified: VerifiedClaims) -> dict[str, object]:
    fields = VerifiedClaims.__dataclass_fields__.keys() - {"members"}
    return {name: getattr(verified, name) for name in fields}


def said(name: str, value: Any) -> dict[str, object]:
    """Return the one field that an accepted claim may change, read as an honest reader would."""
    texts = {"sub": "subject", "client_id": "client_id", "jti": "token_id"}
    texts |= {"sid": "session_id", "acr": "acr"}
    times = {"iat": "issued_at_s", "exp": "expires_at_s", "auth_time": "auth_time_s"}
    if name in texts:
        assert isinstance(value, str)
        return {texts[name]: value}
    if name in times:
        assert isinstance(value, int | float)
        assert not isinstance(value, bool)
        return {times[name]: value}
    if name == "roles":
        assert isinstance(value, list)
        return {"roles": frozenset(value)}
    if name == "amr":
        assert isinstance(value, list)
        return {"amr": tuple(value)}
    if name == "scope":
        return {"scopes": frozenset(value.split())}
    assert name not in ("iss", "tenant") or value in (ACME.tokens.issuer, "acme")
    return {}


SLUGS = st.lists(st.sampled_from(["acme", "globex", "acme-2", "a"]), min_size=2, max_size=2)


@given(
    slugs=SLUGS.filter(lambda pair: pair[0] != pair[1]),
    kid=st.sampled_from(["shared", "acme-1"]),
    algorithms=st.tuples(*[st.sampled_from(["ES256", "EdDSA", "RS256"])] * 2),
    subject=st.sampled_from(["alice", "acme", "globex"]),
    share_issuer=st.booleans(),
)
@settings(deadline=None)  # The first use of a kid makes its key, and RSA takes its time.
def test_a_token_never_passes_at_another_tenant(
    slugs: list[str], kid: str, algorithms: tuple[str, str], subject: str, *, share_issuer: bool
) -> None:
    """Threat 32, threat 44: with shared kids, subjects, audiences, issuers and key material.

    Two keys of one kid and algorithm are the very same here.
    """
    keys = [SigningKey(kid, algorithm) for algorithm in algorithms]
    audience = frozenset({"https://api.test"})
    mine, other = (
        replace(
            make_policy(slug),
            keyring=KeyRing([key.verification_key()]),
            tokens=TokenRules("https://issuer.test" if share_issuer else slug, audience),
        )
        for slug, key in zip(slugs, keys, strict=True)
    )
    token = make_token(mine, subject, key=keys[0])
    assert verify(token, mine, NOW).subject == subject
    assert outcome(token, other) is None
