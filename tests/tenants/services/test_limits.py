"""A tenant's own limits, beside those of its tier."""

import pytest

from tenantauth.limit import Limit
from tenants.errors import InvalidError, NotFoundError
from tenants.registry import Registry
from tenants.values import LimitSpec


@pytest.fixture(autouse=True)
def acme(registry: Registry) -> None:
    registry.tiers.set("gold", [Limit.parse("tenant=50/minute"), Limit.parse("user=9/minute")])
    registry.tenants.create("acme", limits=[Limit.parse("a=1/minute"), Limit.parse("b=2/minute")])
    registry.tenants.update("acme", tier="gold")


def held(registry: Registry) -> list[tuple[str, str, str | None]]:
    return [(each.limit.name, each.limit.rate, each.tier) for each in registry.limits.list("acme")]


def test_a_limit_that_is_set_again_keeps_its_place(registry: Registry) -> None:
    registry.limits.set("acme", Limit.parse("a=7/minute"))
    assert held(registry)[2:] == [("a", "7/minute", None), ("b", "2/minute", None)]


def test_a_limit_of_the_tier_holds_until_the_tenant_has_its_own(registry: Registry) -> None:
    assert held(registry)[:2] == [("tenant", "50/minute", "gold"), ("user", "9/minute", "gold")]
    registry.limits.set("acme", LimitSpec("user", "3/minute"))
    assert ("user", "3/minute", None) in held(registry)
    registry.limits.remove("acme", "user")
    assert ("user", "9/minute", "gold") in held(registry)


@pytest.mark.parametrize("name", ["user", "x", "", "\0", "' OR 1=1"])
def test_what_is_not_its_own_cannot_be_removed(registry: Registry, name: str) -> None:
    """threat 116"""
    with pytest.raises(NotFoundError, match="of its own"):
        registry.limits.remove("acme", name)


@pytest.mark.parametrize("limit", [LimitSpec("x", "often"), LimitSpec("a b", "1/minute")])
def test_a_limit_that_cannot_work_is_refused(registry: Registry, limit: LimitSpec) -> None:
    with pytest.raises(InvalidError):
        registry.limits.set("acme", limit)
    assert registry.tenants.get("acme").version == 2
