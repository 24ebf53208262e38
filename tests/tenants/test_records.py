"""Rows as people see them."""

import pytest
from sqlalchemy import text

from tenantauth.limit import Limit
from tenantauth.roles import RoleDefinition
from tenantauth.units import Rate
from tenants.registry import Registry
from tenants.values import LimitSpec, RoleSpec


def test_limits_and_roles_come_back_as_they_were_given_in_order(registry: Registry) -> None:
    limits = [
        Limit("z", Rate(5, 900), "subject", ("/a",), frozenset({"PUT", "GET"}), 2, 9, "gcra"),
        Limit("a", Rate(1, 1), mode="shadow", on_outage="closed"),
    ]
    role = RoleDefinition("admin", permissions=frozenset({"write", "read"}))
    record = registry.tenants.create("acme", limits=limits, roles=[role])
    assert registry.tenants.get("acme") == record
    assert record.limits == (
        LimitSpec(
            "z",
            "5/15 minutes",
            "subject",
            ("/a",),
            ("GET", "PUT"),
            2,
            9,
            "gcra",
            "enforce",
            "local",
        ),
        LimitSpec("a", "1/second", "tenant", (), (), 1, None, "sliding", "shadow", "closed"),
    )
    assert record.roles == (RoleSpec("admin", (), ("read", "write")),)


@pytest.mark.parametrize("value", ["5", '"abc"', "null", "{}"])
def test_a_damaged_row_keeps_nobody_from_listing(registry: Registry, value: str) -> None:
    registry.tenants.create("acme", origins=["https://a.test"])
    with registry.begin(write=True) as session:
        session.execute(text("UPDATE tenantauth_cors_rules SET origins = :v"), {"v": value})
    assert registry.tenants.list()[0].cors[0].origins == ()
