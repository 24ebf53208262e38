"""The end of a tenant, its way back, and what is left."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from tenantauth.errors import UnknownTenantError
from tenantauth.limit import Limit
from tenantauth.ports import TenantKey
from tenantauth.roles import RoleDefinition
from tenantauth.testing import ManualClock
from tenants.errors import ConflictError, NotFoundError
from tenants.models import AuditRow, InstallationRow, TierLimitRow, TierRow
from tenants.registry import Registry
from tenants.table_base import Base
from tenants.values import IssuerSpec

DAY_S = 86_400
KEYS = [
    TenantKey("slug", "acme"),
    TenantKey("host", "api.acme.test"),
    TenantKey("issuer", "https://acme.test"),
]


@pytest.fixture(autouse=True)
def acme(registry: Registry) -> None:
    registry.tiers.set("gold", [Limit.parse("a=1/minute")])
    registry.tenants.create(
        "acme",
        hosts=["api.acme.test"],
        issuer="https://acme.test",
        origins=["https://app.acme.test"],
        limits=[Limit.parse("user=1/minute")],
        roles=[RoleDefinition("viewer")],
    )
    partner = IssuerSpec("https://p.test", jwks_uri="https://p.test/jwks", audience=("x",))
    registry.issuers.add("acme", partner)
    registry.tenants.update("acme", tier="gold")


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.kind)
def test_a_deleted_tenant_answers_to_nothing(registry: Registry, key: TenantKey) -> None:
    """threat 52"""
    source, generation = registry.source(), registry.source().generation()
    source.get(key)
    registry.tenants.delete("acme")
    assert source.generation() != generation
    with pytest.raises(UnknownTenantError):
        source.get(key)


@pytest.mark.parametrize(
    "use",
    [
        lambda registry: registry.tokens.issue("acme", "alice"),
        lambda registry: registry.keys.jwks("acme"),
        lambda registry: registry.keys.rotate("acme", now=True),
        lambda registry: registry.tenants.resume("acme"),
        lambda registry: registry.tenants.delete("acme"),
        lambda registry: registry.limits.list("acme"),
    ],
    ids=["issue", "jwks", "rotate", "resume", "delete", "limits"],
)
def test_a_deleted_tenant_is_told_from_one_that_never_was(
    registry: Registry, use: Callable[[Registry], object]
) -> None:
    """threat 52"""
    registry.tenants.delete("acme")
    with pytest.raises(NotFoundError, match=r"was deleted .* tenant restore acme"):
        use(registry)


@pytest.mark.parametrize("status", ["active", "suspended"])
def test_a_restored_tenant_is_as_it_was(
    registry: Registry, clock: ManualClock, status: str
) -> None:
    if status == "suspended":
        registry.tenants.suspend("acme")
    before, keys = registry.tenants.get("acme"), registry.keys.list("acme")
    assert registry.tenants.delete("acme").status == "deleted"
    clock.advance(30 * DAY_S - 1)
    after = registry.tenants.restore("acme")
    assert (after.status, after.hosts, after.issuer) == (status, before.hosts, before.issuer)
    assert (after.limits, after.roles, after.cors) == (before.limits, before.roles, before.cors)
    assert registry.keys.list("acme") == keys


def test_restoring_twice_changes_nothing(registry: Registry) -> None:
    registry.tenants.delete("acme")
    assert registry.tenants.restore("acme") == registry.tenants.restore("acme")
    assert [event.action for event in registry.audit.list(limit=2)] == [
        "tenant.restore",
        "tenant.delete",
    ]


@pytest.mark.parametrize(
    "take",
    [
        lambda registry: registry.tenants.create("acme"),
        lambda registry: registry.tenants.create("globex", hosts=["api.acme.test"]),
        lambda registry: registry.tenants.create("globex", issuer="https://acme.test"),
    ],
    ids=["slug", "host", "issuer"],
)
def test_names_of_a_deleted_tenant_are_nobody_elses_for_30_days(
    registry: Registry, clock: ManualClock, take: Callable[[Registry], object]
) -> None:
    """threat 52"""
    registry.tenants.delete("acme")
    clock.advance(30 * DAY_S - 1)
    with pytest.raises(ConflictError, match="deleted and kept until"):
        take(registry)
    clock.advance(1)
    take(registry)


def test_after_30_days_nothing_is_left_but_audit_events(
    registry: Registry, clock: ManualClock
) -> None:
    registry.tenants.delete("acme")
    assert registry.tenants.purge_due() == ()
    clock.advance(30 * DAY_S)
    assert registry.tenants.purge_due() == ("acme",)
    kept = {AuditRow, InstallationRow, TierRow, TierLimitRow}
    tables = [mapper.class_ for mapper in Base.registry.mappers if mapper.class_ not in kept]
    with registry.begin() as session:
        counts = [session.scalar(select(func.count()).select_from(each)) for each in tables]
    assert counts == [0] * len(tables)
    assert len(tables) > 5
    assert registry.audit.list("acme")[0].action == "tenant.destroy"


def test_after_30_days_a_tenant_cannot_come_back(registry: Registry, clock: ManualClock) -> None:
    registry.tenants.delete("acme")
    clock.advance(30 * DAY_S)
    with pytest.raises(NotFoundError, match="could be restored until"):
        registry.tenants.restore("acme")


@pytest.mark.parametrize("slug", ["globex", "", "\0", "acme' --", "-x"])
def test_who_never_was_cannot_be_restored(registry: Registry, slug: str) -> None:
    """threat 116"""
    with pytest.raises(NotFoundError, match="there is no tenant"):
        registry.tenants.restore(slug)
