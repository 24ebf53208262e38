"""Several writers at once, each with a registry of its own: who wins, and what is left."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tenantauth.limit import Limit
from tenantauth.roles import RoleDefinition
from tenantauth.settings import Settings
from tenants.errors import RegistryError
from tenants.generation import read_generation
from tenants.registry import Registry
from tests.tenants.key_kit import states

Action = Callable[[Registry], object]


def at_once(settings: Settings, *actions: Action) -> Sequence[str]:
    """Do everything in the same moment and return the codes of what was refused."""
    barrier = Barrier(len(actions))

    def run(action: Action) -> str:
        registry = Registry(settings=settings)
        registry.tenants.list()
        barrier.wait(timeout=30)
        try:
            action(registry)
        except RegistryError as error:
            return error.code
        finally:
            registry.dispose()
        return "done"

    with ThreadPoolExecutor(len(actions)) as threads:
        return sorted(threads.map(run, actions))


def test_of_five_that_create_one_slug_one_wins(registry: Registry, settings: Settings) -> None:
    """threat 118"""
    told = at_once(settings, *[lambda own: own.tenants.create("acme")] * 5)
    assert told == ["conflict"] * 4 + ["done"]
    assert [tenant.slug for tenant in registry.tenants.list()] == ["acme"]
    assert registry.tokens.issue("acme", "alice").token


def test_of_five_that_want_one_host_one_wins(registry: Registry, settings: Settings) -> None:
    """threat 118"""

    def create(slug: str) -> Action:
        return lambda own: own.tenants.create(slug, hosts=["api.acme.test"])

    told = at_once(settings, *(create(f"acme{number}") for number in range(5)))
    assert told == ["conflict"] * 4 + ["done"]


def test_five_that_create_different_slugs_all_win(registry: Registry, settings: Settings) -> None:
    """threat 118"""

    def create(slug: str) -> Action:
        return lambda own: own.tenants.create(slug)

    told = at_once(settings, *(create(f"acme{number}") for number in range(5)))
    assert told == ["done"] * 5
    with registry.begin() as session:
        assert read_generation(session)[1] == 1 + 5


def test_no_change_of_the_status_is_lost(registry: Registry, settings: Settings) -> None:
    """threat 118: the version counts every change that the audit log has."""
    registry.tenants.create("acme")

    def toggle(own: Registry) -> None:
        for _ in range(5):
            own.tenants.suspend("acme")
            own.tenants.resume("acme")

    assert at_once(settings, toggle, toggle, toggle) == ["done"] * 3
    assert registry.tenants.get("acme").version == len(registry.audit.list(limit=1000))
    assert registry.tenants.get("acme").status == "active"


@pytest.mark.parametrize("writers", [2, 4])
def test_rotations_and_suspensions_never_lock_each_other_out(
    registry: Registry, settings: Settings, writers: int
) -> None:
    """threat 94, threat 118: at the end one key signs and one is next, whoever was faster."""
    registry.tenants.create("acme")
    active = next(key.kid for key in registry.keys.list("acme") if key.state == "active")
    told = at_once(
        settings,
        *[lambda own: own.tenants.suspend("acme")] * writers,
        *[lambda own: own.keys.compromise("acme", active)] * writers,
        lambda own: own.tenants.create("globex"),
    )
    assert set(told) == {"done"}
    assert sorted(states(registry).values()) == ["active", "compromised", "pending"]
    assert registry.tenants.get("acme").status == "suspended"


def test_changes_of_the_parts_of_one_tenant_are_all_kept(
    registry: Registry, settings: Settings
) -> None:
    """threat 118"""
    registry.tenants.create("acme")

    def set_limit(name: str) -> Action:
        return lambda own: own.limits.set("acme", Limit.parse(f"{name}=1/minute"))

    told = at_once(
        settings,
        *map(set_limit, "abc"),
        lambda own: own.roles.set("acme", RoleDefinition("viewer")),
        lambda own: own.tenants.update("acme", name="New"),
    )
    assert told == ["done"] * 5
    record = registry.tenants.get("acme")
    assert {limit.name for limit in record.limits} == {*"abc"}
    assert (record.name, len(record.roles), record.version) == ("New", 1, 6)


def test_a_tier_never_goes_from_under_a_tenant(registry: Registry, settings: Settings) -> None:
    """threat 118: whoever is faster, nobody subscribes to what is not there."""
    registry.tiers.set("gold", [])
    registry.tenants.create("acme")
    told = at_once(
        settings,
        lambda own: own.tiers.remove("gold"),
        lambda own: own.tenants.update("acme", tier="gold"),
    )
    assert told in (["conflict", "done"], ["done", "invalid"])
    tiers = {tier.name for tier in registry.tiers.list()}
    assert {registry.tenants.get("acme").tier} <= {None, *tiers}


def test_deleting_and_changing_at_once_end_deleted(registry: Registry, settings: Settings) -> None:
    """threats 52, 118"""
    registry.tenants.create("acme")
    told = at_once(
        settings,
        lambda own: own.tenants.delete("acme"),
        lambda own: own.tenants.delete("acme"),
        lambda own: own.tenants.update("acme", name="New"),
        lambda own: own.keys.compromise_all("acme"),
    )
    assert told.count("done") >= 1
    assert {*told} <= {"done", "not_found"}
    assert [record.slug for record in registry.tenants.list(status="deleted")] == ["acme"]
