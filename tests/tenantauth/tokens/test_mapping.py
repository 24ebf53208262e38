from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from tenantauth.identity import Identity
from tenantauth.roles import RoleBook, RoleDefinition
from tenantauth.testing import make_policy, make_token
from tenantauth.tokens.mapping import to_identity
from tenantauth.tokens.verifier import verify
from tests.support import NOW

ROLES = RoleBook(
    [
        RoleDefinition("viewer", permissions=frozenset({"reports:read"})),
        RoleDefinition("analyst", frozenset({"viewer"}), frozenset({"reports:write"})),
    ]
)
POLICY = replace(make_policy(), roles=ROLES)
BEGAN = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)


def identity(**claims: object) -> Identity:
    return to_identity(verify(make_token(POLICY, **claims), POLICY, NOW), POLICY)  # type: ignore[arg-type]  # any claim


def test_who_calls_is_what_the_token_says() -> None:
    caller = identity(scope="a b", sid="s", acr="1", amr=["pwd"], auth_time=NOW - 60)
    assert (caller.tenant, caller.subject, caller.client_id) == ("acme", "alice", "web")
    assert (caller.token_id, caller.session_id, caller.acr) == ("token-of-alice", "s", "1")
    assert (caller.amr, caller.issuer) == (("pwd",), POLICY.tokens.issuer)
    assert caller.scopes == {"a", "b"}


def test_times_are_aware() -> None:
    caller = identity(auth_time=NOW - 60)
    assert caller.issued_at == BEGAN
    assert caller.expires_at == BEGAN.replace(minute=15)
    assert caller.auth_time == BEGAN.replace(hour=7, minute=59)


def test_without_a_sign_in_there_is_no_time_of_it() -> None:
    assert identity().auth_time is None


def test_the_last_second_of_all_dates_can_be_written() -> None:
    """Threat 36: no OverflowError."""
    claims = replace(verify(make_token(POLICY), POLICY, NOW), expires_at_s=253_402_300_799)
    assert to_identity(claims, POLICY).expires_at == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_roles_come_with_what_they_inherit() -> None:
    caller = identity(roles=["analyst"])
    assert caller.roles == {"analyst", "viewer"}
    assert caller.permissions == {"reports:read", "reports:write"}


@pytest.mark.parametrize("role", ["unknown", "analyst,viewer", "analyst viewer", "Analyst"])
def test_an_unknown_role_permits_nothing(role: str) -> None:
    """Threat 42."""
    caller = identity(roles=[role])
    assert caller.roles == {role}
    assert not caller.permissions


def test_a_permission_cannot_be_claimed() -> None:
    """Threat 43."""
    assert identity(permissions=["reports:read"]).permissions == frozenset()


@pytest.mark.parametrize(("client_id", "kind"), [("web", "user"), ("alice", "client")])
def test_a_client_is_its_own_subject(client_id: str, kind: str) -> None:
    assert identity(client_id=client_id).kind == kind


def test_no_claim_is_taken_for_a_member_of_the_identity() -> None:
    """Threat 43: names that mean something elsewhere."""
    names = {"user": "root", "kind": "client", "attributes": {"a": 1}, "is_authenticated": False}
    names |= {"__proto__": {"roles": ["admin"]}, "__class__": "x", "token_id": "x", "issuer": "x"}
    assert replace(identity(**names), claims={}) == replace(identity(), claims={})


def test_claims_are_deeply_immutable() -> None:
    """Threat 43: who reads them cannot add one."""
    claims = identity(org={"teams": ["a"]}).claims
    assert claims["org"] == MappingProxyType({"teams": ("a",)})
    with pytest.raises(TypeError):
        claims["org"] = None  # type: ignore[index]  # what an app must not be able to do


def test_the_repr_shows_no_claims() -> None:
    """Threat 106."""
    assert repr(identity(subject="secret", sid="secret")) == "<Identity user of 'acme'>"
