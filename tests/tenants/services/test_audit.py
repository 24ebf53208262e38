"""Reading audit events."""

from datetime import datetime

import pytest
from sqlalchemy import delete

from tenantauth.testing import ManualClock
from tenants.errors import InvalidError, NotFoundError
from tenants.models import AuditRow
from tenants.registry import Registry


def test_events_come_newest_first_and_only_so_many(registry: Registry) -> None:
    for slug in ("a", "b", "c"):
        registry.tenants.create(slug)
    assert [event.tenant for event in registry.audit.list(limit=2)] == ["c", "b"]


def test_events_of_one_tenant(registry: Registry) -> None:
    """threat 51"""
    registry.tenants.create("acme")
    registry.tenants.create("globex")
    registry.tenants.suspend("acme")
    actions = [event.action for event in registry.audit.list("acme")]
    assert actions == ["tenant.suspend", "tenant.create"]


def test_events_since_a_time(registry: Registry, clock: ManualClock) -> None:
    registry.tenants.create("acme")
    clock.advance(60)
    since = registry.now()
    registry.tenants.create("globex")
    assert [event.tenant for event in registry.audit.list(since=since)] == ["globex"]


@pytest.mark.parametrize("tenant", ["", "' OR 1=1 --", "%", "\x00", "\udcff"])
def test_no_text_reaches_another_tenants_events(registry: Registry, tenant: str) -> None:
    """threat 116"""
    registry.tenants.create("acme")
    with pytest.raises(NotFoundError):
        registry.audit.list(tenant)


def test_a_tenant_of_whom_nothing_is_wanted_has_no_events(registry: Registry) -> None:
    registry.tenants.create("acme")
    assert registry.audit.list("acme", action="limit") == []


def test_a_tenant_that_nobody_has_recorded_has_no_events(registry: Registry) -> None:
    registry.tenants.create("acme")
    with registry.begin(write=True) as session:
        session.execute(delete(AuditRow))
    assert registry.audit.list("acme") == []


@pytest.mark.parametrize("limit", [0, -1, 10_001])
def test_a_limit_that_cannot_work_is_refused(registry: Registry, limit: int) -> None:
    """threat 116"""
    with pytest.raises(InvalidError, match="1 to 10000"):
        registry.audit.list(limit=limit)


def test_a_time_without_a_zone_is_refused(registry: Registry) -> None:
    with pytest.raises(InvalidError, match="time zone"):
        registry.audit.list(since=datetime(2026, 1, 31))  # noqa: DTZ001  (what is to be refused)
