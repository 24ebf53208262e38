from dataclasses import replace
from typing import Any

import pytest

from tenantauth.errors import TokenError
from tenantauth.testing import make_policy
from tenantauth.testing.tokens import REMOVED
from tenantauth.tokens.claims import VerifiedClaims, check_claims
from tests.support import NOW

POLICY = make_policy(max_ttl_s=3600.0, leeway_s=30.0)
ISSUER = "http://acme.localhost"

# JSON of every type but text.
NOT_TEXT: list[object] = [None, True, 0, 1.5, [], ["x"], {}, {"x": "x"}]
NOT_A_TIME: list[object] = [
    None,
    True,
    False,
    "1800000000",
    "",
    [],
    [NOW],
    {},
    -1,
    -0.5,
    float("nan"),
    float("inf"),
    253_402_300_800,
    NOW * 1000,
    2**63,
    10**400,
]


def claims(**changes: object) -> dict[str, object]:
    members: dict[str, object] = {
        "iss": ISSUER,
        "aud": ISSUER,
        "sub": "alice",
        "client_id": "web",
        "iat": int(NOW),
        "exp": int(NOW) + 900,
        "jti": "1",
        "tenant": "acme",
        **changes,
    }
    return {name: value for name, value in members.items() if value is not REMOVED}


def check(now_s: float = NOW, /, **changes: Any) -> VerifiedClaims:
    return check_claims(claims(**changes), POLICY, now_s)


def refused(now_s: float = NOW, /, **changes: Any) -> str:
    with pytest.raises(TokenError) as caught:
        check(now_s, **changes)
    assert caught.value.code == "invalid_token"
    return caught.value.reason


def test_good_claims_are_verified() -> None:
    verified = check(roles=["analyst"], scope="a b", auth_time=NOW - 5, sid="s", acr="1", amr=["x"])
    assert verified == VerifiedClaims(
        subject="alice",
        client_id="web",
        token_id="1",
        issuer=ISSUER,
        issued_at_s=NOW,
        expires_at_s=NOW + 900,
        roles=frozenset({"analyst"}),
        scopes=frozenset({"a", "b"}),
        auth_time_s=NOW - 5,
        session_id="s",
        acr="1",
        amr=("x",),
        members=verified.members,
    )


def test_what_a_token_need_not_say_is_empty() -> None:
    verified = check()
    assert (verified.roles, verified.scopes, verified.amr) == (frozenset(), frozenset(), ())
    assert (verified.auth_time_s, verified.session_id, verified.acr) == (None, None, None)


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "client_id", "iat", "exp", "jti", "tenant"])
@pytest.mark.parametrize("value", [REMOVED, None, "", [], {}], ids=repr)
def test_a_claim_that_must_be_there_is_missed(name: str, value: object) -> None:
    """Threats 37 to 41: missing, null or empty."""
    assert refused(**{name: value})


@pytest.mark.parametrize("name", ["iat", "exp", "nbf", "auth_time"])
@pytest.mark.parametrize("value", NOT_A_TIME, ids=lambda value: repr(value)[:20])
def test_a_time_is_a_finite_number_of_seconds(name: str, value: object) -> None:
    """Threat 36: text, bool, list, NaN, negative, milliseconds, 2^63."""
    assert refused(**{name: value}) == f"bad_{name}"


@pytest.mark.parametrize("seconds", [930.0, 930.5, 10_000.0])
def test_a_token_has_expired_on_its_last_second(seconds: float) -> None:
    """Threat 36: `exp` equal to now, after the leeway."""
    with pytest.raises(TokenError, match="expired") as caught:
        check(NOW + seconds)
    assert caught.value.code == "token_expired"


def test_a_token_lives_until_its_leeway_is_over() -> None:
    """Threat 105: the leeway is bounded and exact."""
    assert check(NOW + 929.5).subject == "alice"


def test_another_fault_of_an_expired_token_is_told_as_invalid() -> None:
    assert refused(NOW + 10_000, tenant="globex") == "wrong_tenant"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"exp": NOW + 3601}, "life_too_long"),
        ({"exp": 253_402_300_799}, "life_too_long"),
        ({"exp": NOW}, "ends_before_it_begins"),
        ({"exp": NOW - 1}, "ends_before_it_begins"),
        ({"iat": NOW + 31}, "issued_in_the_future"),
        ({"nbf": NOW + 31}, "not_yet_valid"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_times_that_do_not_fit_are_refused(changes: dict[str, Any], reason: str) -> None:
    """Threat 37: a life over the policy, `iat` in the future or after `exp`."""
    assert refused(**changes) == reason


def test_lists_are_read_up_to_their_bound() -> None:
    """Threat 22: what a token lists is bounded, as deep and as long as it may be."""
    roles = [str(number) for number in range(200)]
    verified = check(aud=[ISSUER, *roles[1:]], roles=roles)
    assert len(verified.roles) == 200
    assert refused(roles=[*roles, "one more"]) == "bad_roles"
    assert refused(amr=[*roles, "one more"]) == "bad_amr"


def test_a_policy_may_bound_lives_below_a_second() -> None:
    """Threat 37."""
    with pytest.raises(TokenError, match="life_too_long"):
        check_claims(claims(exp=NOW + 0.75), make_policy(max_ttl_s=0.5), NOW)


@pytest.mark.parametrize(
    "changes",
    [{"exp": NOW + 3600}, {"exp": NOW + 1}, {"iat": NOW + 30}, {"nbf": NOW + 30}, {"nbf": 0}],
)
def test_times_at_their_bound_are_accepted(changes: dict[str, Any]) -> None:
    assert check(**changes).subject == "alice"


@pytest.mark.parametrize(
    "issuer",
    [
        *NOT_TEXT,
        [ISSUER],
        [ISSUER, "http://evil.test"],
        "http://acme",
        "http://acme.localhost.evil.test",
        "x" + ISSUER,
        ISSUER + "/",
        ISSUER + ":80",
        ISSUER + "\x00",
        ISSUER + " ",
        "https://acme.localhost",
        "HTTP://ACME.localhost",
        "http://\u0430cme.localhost",
        "http://\uff41cme.localhost",
        "http://globex.localhost",
    ],
    ids=ascii,
)
def test_another_issuer_is_refused(issuer: object) -> None:
    """Threat 38, threat 44: list, prefix, suffix, case, slash, port, homoglyph, NUL."""
    assert refused(iss=issuer) == "wrong_issuer"


@pytest.mark.parametrize(
    "audience", [ISSUER, [ISSUER], ["http://other.test", ISSUER], [ISSUER, ISSUER]]
)
def test_one_of_several_audiences_is_enough(audience: object) -> None:
    assert check(aud=audience).subject == "alice"


@pytest.mark.parametrize(
    "audience",
    [
        *NOT_TEXT,
        "",
        "*",
        "http://acme",
        ISSUER + "/",
        ISSUER + " http://other.test",
        ISSUER + ",http://other.test",
        ["http://other.test"],
        [ISSUER, 1],
        [ISSUER, None],
        [ISSUER, [ISSUER]],
        [[ISSUER]],
        {ISSUER: ISSUER},
        [ISSUER] * 201,
    ],
    ids=lambda value: repr(value)[:40],
)
def test_another_audience_is_refused(audience: object) -> None:
    """Threat 39: substring, joined text, wildcard, mixed types, hundreds of values."""
    assert refused(aud=audience) == "wrong_audience"


@pytest.mark.parametrize("name", ["sub", "client_id", "jti", "sid", "acr"])
@pytest.mark.parametrize(
    "value",
    [*NOT_TEXT, "", "a\x00b", "a\r\nb", "a\x1b[2J", "a\u2028b", "a\u202eb", "a" * 256, "a" * 5000],
    ids=lambda value: ascii(value)[:20],
)
def test_an_identifier_is_a_short_printable_text(name: str, value: object) -> None:
    """Threat 40, threat 107: other types, control characters, 5 KB."""
    assert refused(**{name: value}) == f"bad_{name}"


@pytest.mark.parametrize("subject", ["a" * 255, "\u00c5sa", "a b", "a/b:c%2F"])
def test_a_subject_is_any_printable_text_up_to_its_bound(subject: str) -> None:
    assert check(sub=subject).subject == subject


@pytest.mark.parametrize(
    "tenant",
    [
        *NOT_TEXT,
        ["acme"],
        ["acme", "globex"],
        {"acme": True},
        "Acme",
        "ACME",
        "acme ",
        " acme",
        "acme,globex",
        "acme/globex",
        "acme\x00",
        "\u0430cme",
        "\uff41cme",
        "id-acme",
        "globex",
    ],
    ids=ascii,
)
def test_another_tenant_is_refused(tenant: object) -> None:
    """Threat 41, threat 44: list, object, case, homoglyph, separators."""
    assert refused(tenant=tenant) == "wrong_tenant"


@pytest.mark.parametrize("name", ["roles", "amr"])
@pytest.mark.parametrize(
    "value",
    [
        None,
        "admin",
        "",
        1,
        True,
        {"admin": True},
        [["admin"]],
        [None],
        [1],
        [{"name": "admin"}],
        [""],
        ["a\x00b"],
        ["a\r\nadmin"],
        ["a"] * 201,
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_roles_are_a_list_of_texts(name: str, value: object) -> None:
    """Threat 42: text, object, nested, CR LF, NUL."""
    assert refused(**{name: value}) == f"bad_{name}"


@pytest.mark.parametrize("role", ["viewer,admin", "viewer admin", "viewer;admin", '["admin"]'])
def test_a_role_is_never_split(role: str) -> None:
    """Threat 42: must never grant by joining and splitting."""
    assert check(roles=[role]).roles == {role}


@pytest.mark.parametrize(
    "scope", [["a"], None, 1, {}, "a\tb", "a\nb", "a\x00", "\u00e9", "a\u3000b"]
)
def test_a_scope_is_printable_ascii(scope: object) -> None:
    """Threat 42."""
    assert refused(scope=scope) == "bad_scope"


def test_scopes_are_split_at_spaces_alone() -> None:
    assert check(scope=" a  b,c ").scopes == {"a", "b,c"}


@pytest.mark.parametrize("name", ["__proto__", "constructor", "Iss", "\u0131ss", "iss ", "admin"])
def test_an_unknown_claim_has_no_effect(name: str) -> None:
    """Threat 43."""
    verified = check(**{name: {"iss": "http://evil.test", "roles": ["admin"]}})
    assert replace(verified, members={}) == replace(check(), members={})


def test_the_repr_shows_no_claims_beyond_the_subject() -> None:
    """Threat 106."""
    shown = repr(check(roles=["secret-role"], jti="secret-id", email="secret@acme.test"))
    assert "secret" not in shown
