"""Who the caller of a valid token is to the app."""

from typing import Any

import pytest

from tenantauth.testing import make_policy, make_token
from tenantauth.tokens.verifier import verify
from tenants.issue.caller import Caller, caller_of
from tests.partners import ISSUER, partner_token, trust
from tests.support import NOW

ROLES = {"roles_claim": "access.roles", "role_map": {"boss": "admin"}}


def caller(**fields: Any) -> Caller:
    claims = fields.pop("claims", {})
    issuers = [trust(subject_prefix="p:", **fields)]
    policy = make_policy("acme", roles={"admin": ["all:write"]}, trusted_issuers=issuers)
    return caller_of(verify(partner_token(**claims), policy, NOW), policy)


def test_an_own_caller_is_told_whole() -> None:
    policy = make_policy("acme", roles={"analyst": ["reports:write"]})
    token = make_token(policy, roles=["analyst"], scope="b a")
    assert caller_of(verify(token, policy, NOW), policy) == Caller(
        subject="alice",
        kind="user",
        client_id="web",
        issuer=policy.tokens.issuer,
        roles=("analyst",),
        unmapped_roles=(),
        permissions=("reports:write",),
        scopes=("a", "b"),
    )


def test_a_partners_caller_has_mapped_roles_and_is_told_the_others() -> None:
    found = caller(**ROLES, claims={"access": {"roles": ["boss", "z", "y"]}})
    assert (found.subject, found.issuer) == ("p:bob", ISSUER)
    assert (found.roles, found.unmapped_roles) == (("admin",), ("y", "z"))
    assert (found.permissions, found.note) == (("all:write",), None)


def test_one_text_is_one_role() -> None:
    assert caller(**ROLES, claims={"access": {"roles": "y z"}}).unmapped_roles == ("y z",)


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        (ROLES, "roles_claim access.roles found nothing in this token"),
        ({}, "no roles_claim is set for this issuer, so none of its callers has a role"),
    ],
    ids=["not there", "not asked for"],
)
def test_why_there_is_no_role_is_told(fields: dict[str, Any], note: str) -> None:
    found = caller(**fields)
    assert (found.roles, found.unmapped_roles, found.note) == ((), (), note)
