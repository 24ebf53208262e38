"""Every change of every service leaves one event, and none that changes nothing does."""

from collections.abc import Callable

import pytest

from tenantauth.limit import Limit
from tenantauth.roles import RoleDefinition
from tenantauth.testing import ManualClock
from tenants.audit import MASK
from tenants.registry import Registry
from tenants.values import IssuerSpec

PARTNER = IssuerSpec("https://p.test", jwks_uri="https://p.test/jwks", audience=("x",))
Change = Callable[[Registry], object]

# Each with the change that has to be there before it.
CHANGES: dict[str, tuple[Change, Change | None]] = {
    "tenant.create": (lambda r: r.tenants.create("globex"), None),
    "tenant.update": (lambda r: r.tenants.update("acme", name="New"), None),
    "tenant.suspend": (lambda r: r.tenants.suspend("acme"), None),
    "tenant.resume": (lambda r: r.tenants.resume("acme"), lambda r: r.tenants.suspend("acme")),
    "tenant.delete": (lambda r: r.tenants.delete("acme"), None),
    "tenant.restore": (lambda r: r.tenants.restore("acme"), lambda r: r.tenants.delete("acme")),
    "origin.add": (lambda r: r.origins.add("acme", "https://a.test"), None),
    "origin.remove": (
        lambda r: r.origins.remove("acme"),
        lambda r: r.origins.add("acme", "https://a.test"),
    ),
    "limit.set": (lambda r: r.limits.set("acme", Limit.parse("a=1/minute")), None),
    "limit.remove": (
        lambda r: r.limits.remove("acme", "a"),
        lambda r: r.limits.set("acme", Limit.parse("a=1/minute")),
    ),
    "role.set": (lambda r: r.roles.set("acme", RoleDefinition("a")), None),
    "role.remove": (
        lambda r: r.roles.remove("acme", "a"),
        lambda r: r.roles.set("acme", RoleDefinition("a")),
    ),
    "issuer.add": (lambda r: r.issuers.add("acme", PARTNER), None),
    "issuer.remove": (
        lambda r: r.issuers.remove("acme", PARTNER.issuer),
        lambda r: r.issuers.add("acme", PARTNER),
    ),
    "tier.set": (lambda r: r.tiers.set("gold", []), None),
    "tier.remove": (lambda r: r.tiers.remove("gold"), lambda r: r.tiers.set("gold", [])),
    "key.rotate": (lambda r: r.keys.rotate("acme"), None),
    "key.compromise": (lambda r: r.keys.compromise_all("acme"), None),
}
REPEATABLE = ("tenant.update", "tenant.suspend", "origin.add", "limit.set", "role.set", "tier.set")


@pytest.fixture(autouse=True)
def acme(registry: Registry, clock: ManualClock) -> None:
    registry.tenants.create("acme")
    clock.advance(86_400)  # the pending key is old enough


@pytest.mark.parametrize("action", CHANGES)
def test_a_change_leaves_one_event_of_who_did_what(registry: Registry, action: str) -> None:
    change, before = CHANGES[action]
    if before is not None:
        before(registry)
    known = len(registry.audit.list())
    change(registry)
    event, *rest = registry.audit.list()
    assert (event.actor, event.action, len(rest)) == ("test", action, known)
    assert event.before != event.after
    assert event.tenant in ("acme", "globex", None)


@pytest.mark.parametrize("action", REPEATABLE)
def test_a_change_to_what_is_so_already_leaves_none(registry: Registry, action: str) -> None:
    change, _ = CHANGES[action]
    change(registry)
    known, generation = registry.audit.list(), registry.source().generation()
    change(registry)
    assert (registry.audit.list(), registry.source().generation()) == (known, generation)


def test_secrets_in_metadata_are_masked(registry: Registry) -> None:
    """threat 106"""
    registry.tenants.update("acme", metadata={"api_token": "hunter2", "crm": "4711"})
    (event,) = registry.audit.list(limit=1)
    assert event.after == {"metadata": {"api_token": MASK, "crm": "4711"}}


def test_events_are_found_by_who_and_what(registry: Registry) -> None:
    registry.limits.set("acme", Limit.parse("a=1/minute"))
    registry.tenants.update("acme", name="New")

    def actions(action: str | None = None, actor: str | None = None) -> list[str]:
        return [event.action for event in registry.audit.list(action=action, actor=actor)]

    assert actions(action="limit") == actions(action="limit.set") == ["limit.set"]
    assert actions(action="tenant") == ["tenant.update", "tenant.create"]
    assert len(actions(actor="test")) == 3
    for odd in ("limi", "%", "_imit", "\0", "tenant.", "' OR 1=1 --"):
        assert actions(action=odd) == actions(actor=odd) == []
