"""Trusted issuers: no token passes in another's name, and no two callers become one."""

from dataclasses import replace
from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tenantauth.errors import TokenError
from tenantauth.keyring import KeyRing
from tenantauth.policy import TenantPolicy, TokenRules
from tenantauth.testing import FakeKeySource, SigningKey, make_policy, make_token
from tenantauth.testing.tokens import REMOVED
from tenantauth.tokens.claims import VerifiedClaims
from tenantauth.tokens.verifier import verify
from tenantauth.trusted_issuer import TrustedIssuer
from tests.partners import AUDIENCE, partner_token, trust
from tests.support import NOW

A, B, OWN = "https://a.test", "https://b.test", "https://acme.test"
ISSUERS = st.sampled_from([A, B, OWN])
KIDS = st.sampled_from(["shared", "1"])
KEYS = st.builds(SigningKey, KIDS, st.sampled_from(["ES256", "EdDSA"]))
SUBJECTS = st.sampled_from(["alice", "a:alice", "b:alice", "https://a.test|alice"])
TYPES = st.sampled_from(["at+jwt", "JWT"])
# The first use of a kid makes its key.
UNHURRIED = settings(deadline=None)


def outcome(
    token: str, policy: TenantPolicy, source: FakeKeySource | None = None
) -> VerifiedClaims | None:
    """Return what verifies; any other exception than ours fails the test."""
    try:
        return verify(token, policy, NOW, source)
    except TokenError:
        return None


def signed(key: SigningKey, issuer: object, subject: str = "alice", **claims: Any) -> str:
    """Return a token that lacks nothing that any issuer's token needs."""
    said: dict[str, Any] = {"client_id": "web", "jti": "1", "tenant": "acme", "iss": issuer}
    return partner_token(subject, key=key, **(said | claims))


def tenant(own: SigningKey, *issuers: TrustedIssuer) -> TenantPolicy:
    """Return a tenant whose audience is also that of its issuers."""
    policy = make_policy(keys=[own], trusted_issuers=issuers)
    return replace(policy, tokens=TokenRules(OWN, frozenset({AUDIENCE})))


@given(keys=st.tuples(KEYS, KEYS, KEYS), signer=ISSUERS, said=ISSUERS, subject=SUBJECTS)
@example((SigningKey("1"), SigningKey("1"), SigningKey("1")), A, B, "alice")
@UNHURRIED
def test_a_token_passes_as_whom_its_key_belongs_to(
    keys: tuple[SigningKey, SigningKey, SigningKey], signer: str, said: str, subject: str
) -> None:
    """Threat 38, threat 44: whatever kids, key material and subjects they share."""
    key_of = dict(zip((OWN, A, B), keys, strict=True))
    policy = tenant(key_of[OWN], trust(A, key=key_of[A]), trust(B, key=key_of[B]))
    verified = outcome(signed(key_of[signer], said, subject), policy)
    # Equal keys are one key here: who holds both may speak for both.
    ours_as_theirs = said == OWN and subject.startswith(policy.subject_prefixes)
    if key_of[said] == key_of[signer] and not ours_as_theirs:
        assert verified is not None
        assert verified.issuer == said
    else:
        assert verified is None


@given(signer=KEYS, named=KEYS, said=ISSUERS)
@example(SigningKey("1"), SigningKey("shared"), A)
@UNHURRIED
def test_another_key_signs_nothing_under_a_kid_of_the_issuer(
    signer: SigningKey, named: SigningKey, said: str
) -> None:
    """Threat 32, threat 44: the kid and algorithm of one, the key material of another."""
    policy = tenant(named, trust(A, key=named), trust(B, key=named))
    header = {"kid": named.kid, "alg": named.algorithm}
    verified = outcome(signed(signer, said, header=header), policy)
    assert (verified is not None) is (signer == named)


@given(key=KEYS, subject=SUBJECTS, audience=st.sampled_from([AUDIENCE, "https://x.test"]))
@UNHURRIED
def test_an_issuers_token_passes_at_no_tenant_that_does_not_trust_it(
    key: SigningKey, subject: str, audience: str
) -> None:
    """Threat 44: the other one trusts another issuer with the very same key."""
    mine, other = tenant(key, trust(A, key=key)), tenant(key, trust(B, key=key))
    token = signed(key, A, subject, aud=audience)
    assert (outcome(token, mine) is not None) is (audience == AUDIENCE)
    assert outcome(token, other) is None


VALUES = st.sampled_from(["1", "2", 1, 2, 1.0, True, False, 0, ""])
MATCHES = st.dictionaries(st.sampled_from(["org", "team", "org.id"]), VALUES, max_size=2)
JSON = st.recursive(
    st.none() | VALUES | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("id"), inner, max_size=1),
    max_leaves=3,
)
AUDIENCES = st.frozensets(st.sampled_from(["x", "y", "z"]), min_size=1)


@given(
    mine=MATCHES,
    theirs=MATCHES,
    audiences=st.tuples(AUDIENCES, AUDIENCES),
    said=st.dictionaries(st.sampled_from(["org", "team"]), JSON),
)
@example({"org": 1}, {"org": True}, (frozenset("x"), frozenset("x")), {"org": 1})
def test_of_two_tenants_that_exclude_each_other_one_takes_a_token(
    mine: dict[str, Any],
    theirs: dict[str, Any],
    audiences: tuple[frozenset[str], frozenset[str]],
    said: dict[str, Any],
) -> None:
    """Threat 44: what `overlaps` promises holds for every token."""
    issuers = [
        trust(A, match=match, audience=audience)
        for match, audience in zip((mine, theirs), audiences, strict=True)
    ]
    assume(not issuers[0].overlaps(issuers[1]))
    for audience in audiences[0] | audiences[1]:
        token = partner_token(iss=A, aud=audience, **said)
        passed = [outcome(token, make_policy(trusted_issuers=[issuer])) for issuer in issuers]
        assert None in passed


PREFIXES = st.text("ab:|", min_size=1, max_size=3)


@given(st.tuples(PREFIXES, PREFIXES), st.lists(st.text("ab:|", min_size=1, max_size=4), min_size=3))
@example(("a:", "b:"), ["x", "x", "a:x"])
@UNHURRIED
def test_two_issuers_and_the_tenant_never_name_one_caller(
    prefixes: tuple[str, str], subjects: list[str]
) -> None:
    """Threat 44: prefixes and subjects chosen to meet."""
    key = SigningKey("1")
    issuers = [
        trust(name, key=key, subject_prefix=prefix)
        for name, prefix in zip((A, B), prefixes, strict=True)
    ]
    try:
        policy = tenant(key, *issuers)
    except ValueError:
        assert prefixes[0].startswith(prefixes[1]) or prefixes[1].startswith(prefixes[0])
        return
    callers: dict[str, str] = {}
    for subject in subjects:
        for issuer in (A, B, OWN):
            verified = outcome(signed(key, issuer, subject), policy)
            if verified is not None:
                assert callers.setdefault(verified.subject, issuer) == issuer
                assert verified.client_id is not None
                assert verified.client_id.startswith(policy.subject_prefixes) is (issuer != OWN)


ROLE = st.sampled_from(["staff", "boss", "admin", "analyst", ""]) | st.text(
    "sb, \n\x00", max_size=3
)
JOINED = st.lists(ROLE, max_size=4).flatmap(
    lambda roles: st.sampled_from([",", " ", "\r\n", "\x00", ";", "|"]).map(
        lambda by: by.join(roles)
    )
)


@given(JOINED | st.lists(ROLE | JOINED, max_size=4) | JSON)
@example("staff,boss")
@example(["staff,boss", "boss"])
def test_a_role_is_granted_only_to_who_has_exactly_the_mapped_one(said: Any) -> None:
    """Threat 42: no joining, no splitting, no coercion."""
    role_map = {"staff": "analyst", "boss": "admin"}
    policy = make_policy(trusted_issuers=[trust(roles_claim="r", role_map=role_map)])
    verified = outcome(partner_token(r=said), policy)
    texts = [said] if isinstance(said, str) else said
    if texts is None:
        texts = []
    if isinstance(texts, list) and all(isinstance(each, str) for each in texts):
        assert verified is not None
        assert verified.roles == {role_map[each] for each in texts if each in role_map}
    else:
        assert verified is None


NAMES = ["iss", "aud", "sub", "iat", "exp", "nbf", "tenant", "scope", "scp", "azp", "sid", "org"]
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | ISSUERS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), ANY, max_size=3), TYPES)
def test_any_claims_are_a_refusal_or_the_issuers_own_caller(said: dict[str, Any], typ: str) -> None:
    """Threats 36 to 43: never another error, never another tenant's or our own caller."""
    issuer = trust(A, match={"org": "1"}, subject_prefix="a:", typ=frozenset({"at+jwt", "JWT"}))
    policy = make_policy(trusted_issuers=[issuer])
    claims = {"iss": A, "org": "1"} | said
    for name in ("key", "header", "now_s", "ttl_s", "policy", "subject"):
        claims.pop(name, None)
    subject = claims.pop("sub", "alice")
    verified = outcome(partner_token(subject, header={"typ": typ}, **claims), policy)
    assert verified is None or (verified.issuer, verified.subject) == (A, f"a:{subject}")
    assert verified is None or claims["org"] == "1"


@given(issuers=st.tuples(ISSUERS, ISSUERS), key=KEYS, claimed=st.sampled_from([REMOVED, "acme"]))
@UNHURRIED
def test_published_keys_are_those_of_the_issuer_alone(
    issuers: tuple[str, str], key: SigningKey, claimed: object
) -> None:
    """Threat 32, threat 44: what one publishes verifies nothing for another."""
    publishing, said = issuers
    policy = tenant(SigningKey("own"), *(trust(n, key=key, jwks_uri=f"{n}/jwks") for n in (A, B)))
    source = FakeKeySource({publishing: KeyRing([key.verification_key()])})
    verified = outcome(signed(key, said, tenant=claimed), policy, source)
    assert (verified is not None) is (publishing == said != OWN)


@given(st.sampled_from(["at+jwt", "JWT", "jwt", "ID", ""]), st.text(max_size=8))
def test_the_tenants_own_tokens_pass_as_before_beside_trusted_issuers(typ: str, said: str) -> None:
    """Threat 26: what is allowed to a partner changes nothing for ours."""
    policy = make_policy(trusted_issuers=[trust(typ=frozenset({"JWT"}))])
    without = replace(policy, trusted_issuers=())
    token = make_token(policy, header={"typ": typ}, nonce=said)
    assert (outcome(token, policy) is None) is (outcome(token, without) is None)
