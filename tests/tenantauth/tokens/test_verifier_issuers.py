"""Whose keys a token is held against: `iss` selects among trusted issuers, and nothing else."""

from typing import Any

import pytest

from tenantauth.errors import IssuerUnavailableError, TokenError
from tenantauth.keyring import KeyRing
from tenantauth.policy import TenantPolicy
from tenantauth.ports import KeySource
from tenantauth.testing import FakeKeySource, SigningKey, make_policy, make_token
from tenantauth.testing.tokens import REMOVED
from tenantauth.tokens.verifier import verify
from tests.partners import ISSUER, KEY, partner_token, trust
from tests.support import NOW

OTHER = "https://login.other.test"
ACME = make_policy(trusted_issuers=[trust(subject_prefix="p:"), trust(OTHER, key=SigningKey("o"))])


def refused(token: str, policy: TenantPolicy = ACME, source: KeySource | None = None) -> str:
    with pytest.raises(TokenError) as caught:
        verify(token, policy, NOW, source)
    assert caught.value.code == "invalid_token"
    return caught.value.reason


def accepted(token: str, policy: TenantPolicy = ACME, source: KeySource | None = None) -> bool:
    return verify(token, policy, NOW, source).subject.endswith("bob")


def test_a_token_of_a_trusted_issuer_is_verified() -> None:
    verified = verify(partner_token(), ACME, NOW)
    assert (verified.subject, verified.issuer) == ("p:bob", ISSUER)


def test_the_tenants_own_tokens_go_on() -> None:
    assert verify(make_token(ACME), ACME, NOW).subject == "alice"


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
def test_every_public_algorithm_verifies(algorithm: str) -> None:
    key = SigningKey("k", algorithm)
    policy = make_policy(trusted_issuers=[trust(key=key)])
    assert verify(partner_token(key=key), policy, NOW).issuer == ISSUER


@pytest.mark.parametrize("allowed", ["EdDSA", "Ed25519"])
@pytest.mark.parametrize("said", ["EdDSA", "Ed25519"])
def test_ed25519_has_two_names(allowed: str, said: str) -> None:
    key = SigningKey("k", "EdDSA")
    policy = make_policy(trusted_issuers=[trust(key=key, algorithms=frozenset({allowed}))])
    assert accepted(partner_token(key=key, header={"alg": said}), policy)


def test_a_key_of_an_algorithm_that_is_not_allowed_verifies_nothing() -> None:
    """Threat 4: though the issuer publishes it."""
    policy = make_policy(trusted_issuers=[trust(algorithms=frozenset({"ES256"}))])
    assert refused(partner_token(), policy) == "algorithm_not_allowed"


@pytest.mark.parametrize("algorithm", ["RS512", "PS256", "HS256", "ES256", "none", None])
def test_the_algorithm_is_the_keys_own(algorithm: object) -> None:
    """Threats 1 to 4."""
    assert refused(partner_token(header={"alg": algorithm})) == "wrong_algorithm"


@pytest.mark.parametrize("kid", [REMOVED, None, 1, ["partner-1"]], ids=repr)
def test_a_kid_is_required(kid: object) -> None:
    """Threat 28: a provider with one key is no exception."""
    assert refused(partner_token(header={"kid": kid})) == "no_kid"


@pytest.mark.parametrize("name", ["crit", "b64", "zip", "enc"])
def test_a_parameter_that_changes_the_rules_is_refused(name: str) -> None:
    """Threat 24, threat 25."""
    assert refused(partner_token(header={name: ["x"]})) == "forbidden_header"


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c"])
def test_a_key_or_address_in_a_token_is_never_used(name: str) -> None:
    """Threat 30: the signature holds under no key but the issuer's."""
    forged = SigningKey("forged", "RS256")
    header = {"kid": "partner-1", name: forged.public.as_dict(private=False)}
    assert refused(partner_token(key=forged, header=header)) == "bad_signature"


JWT_ONLY = trust(typ=frozenset({"JWT"}))
BOTH = trust(typ=frozenset({"at+jwt", "JWT"}))


@pytest.mark.parametrize(
    ("issuer", "typ"),
    [
        (trust(), "AT+JWT"),
        (trust(), "application/at+jwt"),
        (JWT_ONLY, "JWT"),
        (JWT_ONLY, "jwt"),
        (BOTH, "JWT"),
        (BOTH, "at+jwt"),
    ],
    ids=lambda value: value if isinstance(value, str) else " or ".join(sorted(value.typ)),
)
def test_a_type_of_the_issuers_passes(issuer: object, typ: str) -> None:
    policy = make_policy(trusted_issuers=[issuer])  # type: ignore[list-item]  # of a parameter
    assert accepted(partner_token(header={"typ": typ}), policy)


@pytest.mark.parametrize("typ", [REMOVED, None, "JWT", "logout+jwt", "dpop+jwt", "", ["at+jwt"]])
def test_another_type_is_refused(typ: object) -> None:
    """Threat 26."""
    assert refused(partner_token(header={"typ": typ})) == "wrong_type"


def test_only_the_types_that_are_listed_pass() -> None:
    assert refused(partner_token(), make_policy(trusted_issuers=[JWT_ONLY])) == "wrong_type"


def test_jwt_is_no_type_of_the_tenants_own_tokens() -> None:
    """Threat 26: what one trusted issuer may write, the others may not."""
    policy = make_policy(trusted_issuers=[JWT_ONLY])
    assert refused(make_token(policy, header={"typ": "JWT"}), policy) == "wrong_type"


def test_our_own_key_says_nothing_in_the_name_of_a_trusted_issuer() -> None:
    """Threat 44."""
    assert refused(make_token(ACME, iss=ISSUER)) == "unknown_issuer_key"
    forged = make_token(ACME, iss=ISSUER, header={"kid": "partner-1", "alg": "RS256"})
    assert refused(forged) == "bad_signature"


def test_a_trusted_issuers_key_says_nothing_in_our_name() -> None:
    """Threat 44: its key under our kid, and our issuer with its key."""
    assert refused(make_token(ACME, key=KEY)) == "unknown_key"
    forged = make_token(ACME, key=KEY, header={"kid": "acme-1"})
    assert refused(forged) == "wrong_algorithm"


def test_a_trusted_issuers_key_says_nothing_in_anothers_name() -> None:
    """Threat 44."""
    assert refused(partner_token(iss=OTHER)) == "unknown_issuer_key"
    forged = partner_token(iss=OTHER, key=SigningKey("x"), header={"kid": "o"})
    assert refused(forged) == "bad_signature"


@pytest.mark.parametrize(
    "issuer",
    [
        [ISSUER],
        [ISSUER, OTHER],
        {ISSUER: 1},
        None,
        True,
        ISSUER + "/",
        ISSUER + " ",
        ISSUER + "\x00",
        ISSUER.upper(),
        ISSUER[:-1],
        ISSUER + ":443",
        "https://login.p\u0430rtner.test",
        "https://login.p\uff41rtner.test",
    ],
    ids=ascii,
)
def test_what_is_not_exactly_a_trusted_issuers_name_selects_nothing(issuer: object) -> None:
    """Threat 38, threat 44: a list, and everything that looks alike."""
    assert refused(partner_token(iss=issuer)) == "wrong_issuer"


def test_an_issuer_is_trusted_by_the_tenant_that_says_so_and_by_no_other() -> None:
    """Threat 44."""
    assert refused(partner_token(), make_policy("globex")) == "wrong_issuer"


def test_two_tenants_share_an_issuer_by_what_its_tokens_say() -> None:
    """Threat 44: one issuer, one audience, one key."""
    acme = make_policy(trusted_issuers=[trust(match={"org": "acme"})])
    globex = make_policy("globex", trusted_issuers=[trust(match={"org": "globex"})])
    token = partner_token(org="acme")
    assert accepted(token, acme)
    assert refused(token, globex) == "no_match"


@pytest.mark.parametrize("claim", ["sub", "client_id"])
def test_our_own_callers_cannot_be_named_as_a_trusted_issuers(claim: str) -> None:
    """Threat 44: nobody is two callers, and no two callers are one."""
    claims: dict[str, Any] = {claim: "p:bob"}
    assert refused(make_token(ACME, **claims)) == "name_of_trusted_issuer"


PUBLISHED = trust(jwks_uri=f"{ISSUER}/jwks")
REMOTE = make_policy(trusted_issuers=[PUBLISHED])


def test_published_keys_come_from_the_key_source() -> None:
    source = FakeKeySource({ISSUER: KeyRing([KEY.verification_key()])})
    assert verify(partner_token(), REMOTE, NOW, source).issuer == ISSUER
    source.published = {}
    assert refused(partner_token(), REMOTE, source) == "unknown_issuer_key"


def test_an_issuer_with_keys_of_its_own_never_asks_the_source() -> None:
    source = FakeKeySource()
    source.down = True
    assert accepted(partner_token(), ACME, source)
    assert accepted(make_token(REMOTE, "bob"), REMOTE, source)


def test_without_a_source_published_keys_are_unavailable() -> None:
    with pytest.raises(IssuerUnavailableError):
        verify(partner_token(), REMOTE, NOW)


@pytest.mark.parametrize("header", [{"typ": "JWT"}, {"kid": REMOVED}, {"crit": ["x"]}], ids=repr)
def test_no_source_is_asked_for_a_token_that_cannot_pass(header: dict[str, object]) -> None:
    """Threat 29."""
    source = FakeKeySource()
    source.down = True
    assert refused(partner_token(header=header), REMOTE, source)


def test_a_signature_is_looked_at_before_the_claims() -> None:
    header, payload, _ = partner_token(aud="x").split(".")
    assert refused(f"{header}.{payload}.{'A' * 342}") == "bad_signature"
