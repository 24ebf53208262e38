"""A tenant's roles."""

import pytest

from tenants.errors import ConflictError, InvalidError, NotFoundError
from tenants.registry import Registry
from tenants.values import IssuerSpec, RoleSpec

VIEWER = RoleSpec("viewer", (), ("reports:read",))
ANALYST = RoleSpec("analyst", ("viewer",), ("reports:write",))


@pytest.fixture(autouse=True)
def acme(registry: Registry) -> None:
    registry.tenants.create("acme")
    for role in (VIEWER, ANALYST):
        registry.roles.set("acme", role)


def test_roles_are_listed_by_name(registry: Registry) -> None:
    assert registry.roles.list("acme") == (ANALYST, VIEWER)


def test_a_role_that_others_inherit_stays(registry: Registry) -> None:
    with pytest.raises(ConflictError, match="inherited by: analyst"):
        registry.roles.remove("acme", "viewer")
    registry.roles.remove("acme", "analyst")
    registry.roles.remove("acme", "viewer")
    assert registry.roles.list("acme") == ()


def test_a_role_that_an_issuers_roles_map_to_stays(registry: Registry) -> None:
    partner = IssuerSpec(
        "https://login.partner.test",
        jwks_uri="https://login.partner.test/jwks",
        audience=("x",),
        roles_claim="roles",
        role_map={"theirs": "analyst"},
    )
    registry.issuers.add("acme", partner)
    with pytest.raises(ConflictError, match="login"):
        registry.roles.remove("acme", "analyst")


@pytest.mark.parametrize(
    "role",
    [
        RoleSpec("viewer", ("analyst",)),
        RoleSpec("x", ("nobody",)),
        RoleSpec("a b"),
        RoleSpec("x", (), ("a,b",)),
        RoleSpec("\0"),
    ],
    ids=["circle", "unknown", "space", "comma", "nul"],
)
def test_a_role_that_cannot_work_is_refused(registry: Registry, role: RoleSpec) -> None:
    with pytest.raises(InvalidError):
        registry.roles.set("acme", role)


def test_a_role_that_is_not_there_cannot_be_removed(registry: Registry) -> None:
    with pytest.raises(NotFoundError, match="nobody"):
        registry.roles.remove("acme", "nobody")
