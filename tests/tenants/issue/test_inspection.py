"""What is wrong with a token, in one sentence."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tenantauth.tokens
from tenantauth.testing import FakePolicySource, SigningKey, make_policy, make_token
from tenants.issue.inspection import REASONS, Inspection, inspect
from tenants.issue.shape import SHAPES
from tests.partners import partner_token, trust

REMOTE = "https://login.remote.test"
ACME = make_policy("acme", trusted_issuers=[trust(), trust(REMOTE, jwks_uri=f"{REMOTE}/jwks")])
SUSPENDED = make_policy("slow", suspended=True)
SOURCE = FakePolicySource([ACME, SUSPENDED])
NOW_S = 1_800_000_000.0


def look(token: str, now_s: float = NOW_S, tenant: str | None = None) -> Inspection:
    return inspect(token, SOURCE.get, now_s, tenant)


def test_a_good_token_is_valid_and_shows_what_it_says() -> None:
    found = look(make_token(ACME, roles=["analyst"]))
    assert (found.valid, found.tenant, found.reason) == (True, "acme", None)
    assert found.claims["roles"] == ["analyst"]
    assert found.header["kid"] == "acme-1"


@pytest.mark.parametrize(
    ("claims", "header", "sentence"),
    [
        ({"iss": "https://evil.example"}, {}, "its iss 'https://evil.example' is none that acme"),
        ({"aud": "https://evil.example"}, {}, "its aud 'https://evil.example' holds none"),
        ({"exp": int(NOW_S) - 100}, {}, "is not after its beginning"),
        ({"iat": int(NOW_S) - 900, "exp": int(NOW_S) - 100}, {}, "has expired"),
        ({"sub": 5}, {}, "its claim sub is 5"),
        ({}, {"kid": "other"}, "its kid 'other' is none of acme's keys"),
        ({}, {"alg": "HS256"}, "its alg is 'HS256'"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_the_check_that_fails_is_named(
    claims: dict[str, Any], header: dict[str, Any], sentence: str
) -> None:
    found = look(make_token(ACME, header=header, **claims))
    assert not found.valid
    assert found.reason is not None
    assert sentence in found.reason


def test_a_token_signed_by_another_key_says_so() -> None:
    forged = make_token(ACME, key=SigningKey("other"), header={"kid": "acme-1"})
    found = look(forged)
    assert str(found.reason).endswith("or signed by another key than 'acme-1' of acme")


def test_a_token_of_nobody_here_says_so_and_shows_what_it_claims() -> None:
    found = look(make_token(make_policy("nobody")))
    assert (found.valid, found.tenant) == (False, None)
    assert str(found.reason).startswith("no tenant here has its tenant or issuer (tenant 'nobody'")
    assert found.claims["tenant"] == "nobody"


def test_without_a_tenant_claim_the_issuer_names_the_tenant() -> None:
    found = look(make_token(ACME, tenant=None))
    assert (found.tenant, found.reason) == ("acme", "it has no tenant claim, and due is 'acme'")


def test_a_suspended_tenants_good_token_is_not_let_in() -> None:
    found = look(make_token(SUSPENDED))
    assert found.reason == "nothing in it is wrong, but its tenant is suspended"


@pytest.mark.parametrize(
    "junk", ["", ".", "..", "a.b.c", "\ud800.\0.é", "e30.e30.e30", "." * 10_000, "W10.e30.AA"]
)
def test_junk_is_told_and_raises_nothing(junk: str) -> None:
    found = look(junk)
    assert not found.valid
    assert found.reason


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"))
def test_no_text_whatever_raises_or_is_valid(junk: str) -> None:
    assert not look(junk).valid


def test_every_reason_that_the_verifier_has_is_a_sentence_here() -> None:
    folder = Path(tenantauth.tokens.__file__).parent
    modules = ("verifier", "claims", "claim_values", "trusted_claims", "strict")
    source = "".join((folder / f"{name}.py").read_text() for name in modules)
    reasons = set(re.findall(r'TokenError\("(\w+)"', source))
    assert len(reasons) > 15
    own = {reason for reason in reasons if not reason.startswith("bad_")}
    assert not own - {*REASONS, *SHAPES}
    assert "bad_signature" in REASONS


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({}, None),
        ({"aud": "x"}, "its aud 'x'"),
        ({"iss": "https://x.test"}, "its iss 'https://x.test' is none"),
    ],
    ids=repr,
)
def test_a_token_of_a_trusted_issuer_is_held_against_the_tenant_it_names(
    claims: dict[str, Any], sentence: str | None
) -> None:
    found = look(partner_token(tenant="acme", **claims))
    assert found.tenant == "acme"
    assert (found.reason is None) if sentence is None else (sentence in str(found.reason))


@pytest.mark.parametrize(
    ("tenant", "reason"),
    [
        ("acme", None),
        ("slow", "its iss 'https://login.partner.test' is none that slow trusts"),
        ("nobody", "there is no tenant 'nobody'"),
        (None, "no tenant here has its tenant or issuer (iss 'https://login.partner.test')"),
    ],
)
def test_a_token_that_names_no_tenant_is_held_against_the_one_that_is_given(
    tenant: str | None, reason: str | None
) -> None:
    found = look(partner_token(), tenant=tenant)
    assert (found.valid, str(found.reason).startswith(str(reason))) == (reason is None, True)


def test_what_cannot_be_known_now_is_not_called_wrong() -> None:
    found = look(partner_token(tenant="acme", iss=REMOTE))
    assert (found.valid, found.known) == (False, False)
    assert str(found.reason).startswith("whether it is valid cannot be known now: ")


@pytest.mark.parametrize(
    ("slugs", "hint"),
    [
        (["acme"], "; acme trusts this issuer: add --tenant acme"),
        (["a", "b"], "; several trust this issuer: add --tenant with a or b"),
    ],
    ids=["one", "several"],
)
def test_without_a_tenant_those_that_trust_its_issuer_are_named(
    slugs: list[str], hint: str
) -> None:
    found = inspect(partner_token(), SOURCE.get, NOW_S, trusting=lambda _issuer: slugs)
    assert found.reason == f"no tenant here has its tenant or issuer{hint}"


def test_a_valid_token_says_who_its_caller_is_and_another_does_not() -> None:
    found = look(partner_token(), tenant="acme")
    assert found.caller is not None
    assert found.caller.subject == "https://login.partner.test|bob"
    assert look(make_token(SUSPENDED)).caller is None
