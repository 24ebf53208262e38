"""What a trusted issuer's claims must be, and what becomes of them."""

from typing import Any

import pytest

from tenantauth.errors import TokenError
from tenantauth.testing import make_policy
from tenantauth.testing.tokens import REMOVED
from tenantauth.tokens.claims import VerifiedClaims
from tenantauth.tokens.trusted_claims import check_trusted_claims
from tenantauth.trusted_issuer import TrustedIssuer
from tests.partners import AUDIENCE, ISSUER, trust
from tests.support import NOW

POLICY = make_policy(
    max_ttl_s=3600.0, leeway_s=30.0, roles={"analyst": ["reports:write"], "viewer": []}
)
PLAIN = trust(subject_prefix="p:")
JWT = trust(typ=frozenset({"JWT"}))
MAPPED = trust(
    roles_claim="realm_access.roles", role_map={"partner-admin": "analyst", "reader": "viewer"}
)


def claims(**changes: object) -> dict[str, object]:
    members: dict[str, object] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "bob",
        "iat": int(NOW),
        "exp": int(NOW) + 900,
        **changes,
    }
    return {name: value for name, value in members.items() if value is not REMOVED}


def check(
    issuer: TrustedIssuer = PLAIN, now_s: float = NOW, /, **changes: object
) -> VerifiedClaims:
    return check_trusted_claims(claims(**changes), issuer, POLICY, now_s)


def refused(issuer: TrustedIssuer = PLAIN, now_s: float = NOW, /, **changes: object) -> str:
    with pytest.raises(TokenError) as caught:
        check(issuer, now_s, **changes)
    return f"{caught.value.code}: {caught.value.reason}"


def shown(value: object) -> str:
    """Name a value as every run does: sets have no order."""
    return repr(sorted(value) if isinstance(value, set) else value)[:40]


def test_five_claims_are_enough() -> None:
    verified = check()
    assert (verified.subject, verified.issuer) == ("p:bob", ISSUER)
    assert (verified.client_id, verified.token_id, verified.session_id) == (None, None, None)
    assert (verified.roles, verified.scopes, verified.amr) == (frozenset(), frozenset(), ())


def test_what_more_it_says_is_kept() -> None:
    verified = check(jti="1", sid="s", acr="2", amr=["otp"], auth_time=NOW - 5)
    assert (verified.token_id, verified.session_id, verified.acr) == ("1", "s", "2")
    assert (verified.amr, verified.auth_time_s) == (("otp",), NOW - 5)


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "iat", "exp"])
@pytest.mark.parametrize("value", [REMOVED, None, "", [], {}, True], ids=repr)
def test_a_claim_that_must_be_there_is_missed(name: str, value: object) -> None:
    """Threats 36 to 40."""
    assert refused(**{name: value}).startswith("invalid_token: ")


@pytest.mark.parametrize("name", ["jti", "client_id", "azp", "cid", "appid", "sid", "acr"])
@pytest.mark.parametrize(
    "value", [None, "", 1, ["x"], "a\nb", "x" * 256], ids=lambda v: repr(v)[:9]
)
def test_a_claim_that_may_be_missing_is_text_when_there(name: str, value: object) -> None:
    """Threat 40."""
    assert refused(**{name: value}) == f"invalid_token: bad_{name}"


@pytest.mark.parametrize(
    "subject", ["a\nb", "a\x00", "x" * 256, 5, ["bob"]], ids=lambda v: repr(v)[:9]
)
def test_a_subject_is_a_short_printable_text(subject: object) -> None:
    """Threat 40."""
    assert refused(sub=subject) == "invalid_token: bad_subject"


@pytest.mark.parametrize(
    "issuer",
    [
        [ISSUER],
        [ISSUER, "https://evil.test"],
        ISSUER + "/",
        ISSUER.upper(),
        "https://login.partner",
    ],
    ids=repr,
)
def test_another_issuer_is_refused(issuer: object) -> None:
    """Threat 38, threat 44: also when the verifier had chosen wrongly."""
    assert refused(iss=issuer) == "invalid_token: wrong_issuer"


@pytest.mark.parametrize(
    "audience",
    [POLICY.tokens.issuer, "*", AUDIENCE + "/", f"{AUDIENCE} x", [AUDIENCE, 1], {AUDIENCE: 1}],
    ids=repr,
)
def test_the_audience_is_the_issuers_own_setting(audience: object) -> None:
    """Threat 39, threat 44: that of the tenant's own tokens does not count."""
    assert refused(aud=audience) == "invalid_token: wrong_audience"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"exp": NOW + 3601}, "invalid_token: life_too_long"),
        ({"exp": NOW - 1}, "invalid_token: ends_before_it_begins"),
        ({"iat": NOW + 31}, "invalid_token: issued_in_the_future"),
        ({"nbf": NOW + 31}, "invalid_token: not_yet_valid"),
        ({"iat": NOW - 900, "exp": NOW - 30}, "token_expired: expired"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_tenants_rules_of_time_hold_here_too(changes: dict[str, Any], reason: str) -> None:
    """Threat 37."""
    assert refused(**changes) == reason


@pytest.mark.parametrize("tenant", ["acme", "globex", ["acme"], None, 5, {}], ids=repr)
def test_a_tenant_claim_never_counts(tenant: object) -> None:
    """Threat 41: neither for the caller nor against."""
    assert check(tenant=tenant).subject == "p:bob"


@pytest.mark.parametrize(
    "extra",
    [
        {"nonce": "n"},
        {"at_hash": "x"},
        {"c_hash": "x"},
        {"s_hash": "x"},
        {"nonce": None},
        {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}},
        {"token_use": "id"},
        {"token_use": "refresh"},
        {"typ": "Offline"},
        {"typ": "Logout"},
        {"typ": "ID"},
        {"typ": "Refresh"},
    ],
    ids=repr,
)
def test_where_jwt_will_do_other_kinds_of_token_are_told_by_what_they_say(
    extra: dict[str, Any],
) -> None:
    """Threat 26: ID tokens, logout tokens, security events."""
    assert refused(JWT, **extra) == "invalid_token: not_an_access_token"


@pytest.mark.parametrize("extra", [{}, {"token_use": "access"}, {"typ": "Bearer"}], ids=repr)
def test_where_jwt_will_do_access_tokens_pass(extra: dict[str, Any]) -> None:
    assert check(JWT, **extra).subject.endswith("bob")


def test_what_calls_itself_an_access_token_may_have_a_nonce() -> None:
    assert check(nonce="n", at_hash="x").subject == "p:bob"


def test_claims_must_match() -> None:
    """Threat 44."""
    issuer = trust(match={"org.id": "org_123"})
    assert check(issuer, org={"id": "org_123"}).subject == f"{ISSUER}|bob"
    assert refused(issuer, org={"id": "org_124"}) == "invalid_token: no_match"


def test_the_subject_may_stand_elsewhere() -> None:
    issuer = trust(subject_claim=r"https://partner\.test/id", subject_prefix="p:")
    assert check(issuer, **{"https://partner.test/id": "77"}).subject == "p:77"
    assert refused(issuer) == "invalid_token: bad_subject"


@pytest.mark.parametrize("name", ["client_id", "azp", "cid", "appid"])
def test_a_client_has_the_prefix_too(name: str) -> None:
    """Threat 82: it cannot use up the limit of a client of ours."""
    assert check(**{name: "web"}).client_id == "p:web"


def test_the_standard_name_of_a_client_goes_first() -> None:
    assert check(client_id="a", azp="b", appid="c").client_id == "p:a"


@pytest.mark.parametrize(
    ("said", "roles"),
    [
        (["partner-admin", "reader", "other"], {"analyst", "viewer"}),
        ("partner-admin", {"analyst"}),
        ([], set()),
        (None, set()),
        (["analyst", "viewer"], set()),
        (["Partner-Admin"], set()),
        (["x" * 5000], set()),
        ("partner-admin reader", set()),
        ("partner-admin,reader", set()),
        (["partner-admin,reader"], set()),
        (["partner-admin\r\nreader", "partner-admin\x00"], set()),
        ("", set()),
    ],
    ids=shown,
)
def test_only_mapped_roles_pass_and_none_by_splitting(said: object, roles: set[str]) -> None:
    """Threat 42."""
    assert check(MAPPED, realm_access={"roles": said}).roles == roles


@pytest.mark.parametrize(
    "said",
    [1, True, {}, {"partner-admin": True}, [["partner-admin"]], ["reader", 1], [None]],
    ids=repr,
)
def test_roles_of_another_form_are_refused(said: object) -> None:
    """Threat 42."""
    assert refused(MAPPED, realm_access={"roles": said}) == "invalid_token: bad_roles"


@pytest.mark.parametrize("extra", [{}, {"realm_access": "reader"}, {"realm_access": ["reader"]}])
def test_where_no_roles_are_there_are_none(extra: dict[str, Any]) -> None:
    assert check(MAPPED, **extra).roles == frozenset()


@pytest.mark.parametrize("name", ["roles", "permissions", "groups"])
def test_without_a_map_nobody_has_a_role(name: str) -> None:
    """Threat 42, threat 43: not even one that is called as ours."""
    assert check(**{name: ["analyst"]}).roles == frozenset()


@pytest.mark.parametrize(
    ("extra", "scopes"),
    [
        ({"scope": "a b"}, {"a", "b"}),
        ({"scp": "a b"}, {"a", "b"}),
        ({"scp": ["a", "b"]}, {"a", "b"}),
        ({"scope": "a", "scp": ["b"]}, {"a"}),
        ({}, set()),
    ],
    ids=shown,
)
def test_scopes_stand_in_scope_or_scp(extra: dict[str, Any], scopes: set[str]) -> None:
    assert check(**extra).scopes == scopes


@pytest.mark.parametrize(
    "scope", [None, 1, {}, [1], ["a b"], ["é"], ["a\n"], "a\nb", [[]]], ids=ascii
)
def test_scopes_of_another_form_are_refused(scope: object) -> None:
    """Threat 42: a scope of a list is never split."""
    assert refused(scp=scope) == "invalid_token: bad_scp"


def test_an_issuers_callers_may_have_to_hold_a_role() -> None:
    issuer = trust(
        roles_claim="r", role_map=MAPPED.role_map, requires_any_role=frozenset({"analyst"})
    )
    assert check(issuer, r=["partner-admin"]).roles == {"analyst"}
    assert refused(issuer, r=["reader"]) == "invalid_token: no_required_role"
    assert refused(issuer) == "invalid_token: no_required_role"
