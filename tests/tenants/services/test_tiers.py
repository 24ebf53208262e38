"""Tiers: named sets of limits."""

import pytest

from tenantauth.limit import Limit
from tenantauth.ports import TenantKey
from tenants.errors import ConflictError, InvalidError, NotFoundError
from tenants.registry import Registry
from tenants.spec import TenantSpec
from tenants.values import LimitSpec

GOLD = Limit.parse("tenant=5000/minute")


def make(registry: Registry, slug: str, *limits: LimitSpec) -> None:
    registry.tenants.add(TenantSpec(slug, slug, tier="gold", limits=limits))


def limits_of(registry: Registry, slug: str) -> dict[str, int]:
    policy = registry.source().get(TenantKey("slug", slug))
    return {limit.name: limit.rate.amount for limit in policy.limits}


def test_a_tenant_has_its_tiers_limits(registry: Registry) -> None:
    registry.tiers.set("gold", [GOLD])
    make(registry, "acme")
    assert limits_of(registry, "acme") == {"tenant": 5000}


def test_a_tenant_subscribes_when_it_is_made(registry: Registry) -> None:
    registry.tiers.set("gold", [GOLD])
    assert registry.tenants.create("acme", tier="gold").tier == "gold"
    assert limits_of(registry, "acme") == {"tenant": 5000}


def test_a_tenant_cannot_be_made_with_a_tier_that_is_not_there(registry: Registry) -> None:
    with pytest.raises(InvalidError, match="gold"):
        registry.tenants.create("acme", tier="gold")
    assert registry.tenants.list() == []


def test_a_tenants_own_limit_stands_in_place_of_its_tiers(registry: Registry) -> None:
    registry.tiers.set("gold", [GOLD, Limit.parse("user=10/minute:subject")])
    make(registry, "acme", LimitSpec("tenant", "7/minute"))
    assert limits_of(registry, "acme") == {"tenant": 7, "user": 10}


def test_a_changed_tier_is_a_change_of_its_tenants_alone(registry: Registry) -> None:
    registry.tiers.set("gold", [GOLD])
    make(registry, "acme")
    registry.tenants.create("globex")
    generation = registry.source().generation()
    registry.tiers.set("gold", [Limit.parse("tenant=1/minute")])
    assert registry.source().generation() != generation
    versions = {record.slug: record.version for record in registry.tenants.list()}
    assert versions == {"acme": 2, "globex": 1}
    assert limits_of(registry, "acme") == {"tenant": 1}


def test_a_tier_set_twice_changes_nothing(registry: Registry) -> None:
    first = registry.tiers.set("gold", [GOLD])
    generation = registry.source().generation()
    assert registry.tiers.set("gold", [GOLD]) == first
    assert registry.source().generation() == generation
    assert [event.action for event in registry.audit.list()] == ["tier.set"]


def test_a_tier_in_use_stays(registry: Registry) -> None:
    registry.tiers.set("gold", [GOLD])
    make(registry, "acme")
    with pytest.raises(ConflictError, match="acme"):
        registry.tiers.remove("gold")
    assert [tier.tenants for tier in registry.tiers.list()] == [1]


def test_an_unused_tier_is_removed(registry: Registry) -> None:
    registry.tiers.set("gold", [GOLD])
    registry.tiers.remove("gold")
    assert registry.tiers.list() == []
    assert registry.audit.list()[0].action == "tier.remove"


def test_what_is_not_there_cannot_be_removed_or_subscribed_to(registry: Registry) -> None:
    with pytest.raises(NotFoundError, match="gold"):
        registry.tiers.remove("gold")
    with pytest.raises(InvalidError, match="gold"):
        make(registry, "acme")


@pytest.mark.parametrize("name", ["", "a b", "-x", "a\n", "x" * 65, "\udcff"])
def test_a_tier_has_a_name_for_command_lines(registry: Registry, name: str) -> None:
    """threat 117"""
    with pytest.raises(InvalidError, match="is not a name"):
        registry.tiers.set(name, [])


def test_two_limits_of_a_tier_cannot_share_a_name(registry: Registry) -> None:
    with pytest.raises(InvalidError, match="given twice"):
        registry.tiers.set("gold", [GOLD, GOLD])
