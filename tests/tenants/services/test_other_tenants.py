"""What one tenant has is not there for a command that names another (threat 51)."""

from collections.abc import Callable

import pytest

from tenantauth.limit import Limit
from tenantauth.roles import RoleDefinition
from tenants.errors import NotFoundError
from tenants.registry import Registry
from tenants.values import IssuerSpec, TenantRecord

PARTNER = IssuerSpec("https://p.test", jwks_uri="https://p.test/jwks", audience=("x",))


def kid_of(registry: Registry, slug: str) -> str:
    return registry.keys.list(slug)[0].kid


# What names one part of a tenant, and the same part of globex.
COMMANDS: dict[str, Callable[[Registry, str], object]] = {
    "key.compromise": lambda r, slug: r.keys.compromise(slug, kid_of(r, "globex")),
    "key.promote": lambda r, slug: r.keys.promote(slug, kid_of(r, "globex"), now=True),
    "key.retire": lambda r, slug: r.keys.retire(slug, kid_of(r, "globex"), force=True),
    "origin.remove": lambda r, slug: r.origins.remove(slug, "https://a.test"),
    "limit.remove": lambda r, slug: r.limits.remove(slug, "a"),
    "role.remove": lambda r, slug: r.roles.remove(slug, "a"),
    "issuer.remove": lambda r, slug: r.issuers.remove(slug, PARTNER.issuer),
}
REMOVALS = ("origin.remove", "limit.remove", "role.remove")


def furnish(registry: Registry, slug: str) -> None:
    registry.tenants.create(slug)
    registry.origins.add(slug, "https://a.test")
    registry.limits.set(slug, Limit.parse("a=1/minute"))
    registry.roles.set(slug, RoleDefinition("a"))


def state(registry: Registry, slug: str) -> tuple[TenantRecord, object]:
    return registry.tenants.get(slug), registry.keys.list(slug)


@pytest.mark.parametrize("command", COMMANDS)
def test_an_identifier_of_another_tenant_is_unknown(registry: Registry, command: str) -> None:
    """Threat 51: guessed or known."""
    registry.tenants.create("acme")
    furnish(registry, "globex")
    registry.issuers.add("globex", PARTNER)
    before = state(registry, "acme"), state(registry, "globex")
    with pytest.raises(NotFoundError):
        COMMANDS[command](registry, "acme")
    assert (state(registry, "acme"), state(registry, "globex")) == before


@pytest.mark.parametrize("command", REMOVALS)
def test_what_two_tenants_call_the_same_is_removed_from_one(
    registry: Registry, command: str
) -> None:
    """Threat 51."""
    furnish(registry, "acme")
    furnish(registry, "globex")
    before = state(registry, "globex")
    COMMANDS[command](registry, "acme")
    assert state(registry, "globex") == before


def test_keys_are_listed_and_replaced_for_one_tenant(registry: Registry) -> None:
    """Threat 51: a rotation or a leak at one leaves the others' keys alone."""
    furnish(registry, "acme")
    furnish(registry, "globex")
    before = state(registry, "globex")
    registry.keys.compromise_all("acme")
    kids = {key.kid for key in registry.keys.list("acme")}
    assert kids.isdisjoint(key.kid for key in registry.keys.list("globex"))
    assert state(registry, "globex") == before
