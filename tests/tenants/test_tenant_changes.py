"""One change of one tenant: whole or not at all."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from tenants.errors import ConflictError, InvalidError, NotFoundError
from tenants.models import TenantRow
from tenants.registry import Registry
from tenants.spec import TenantSpec
from tenants.tenant_changes import TenantChanges
from tenants.values import LimitSpec


@pytest.fixture
def changes(registry: Registry) -> TenantChanges:
    registry.tenants.create("acme", hosts=["a.test"])
    registry.tenants.create("globex", hosts=["b.test"])
    return TenantChanges(registry)


def test_a_change_that_breaks_off_leaves_nothing(
    registry: Registry, changes: TenantChanges
) -> None:
    """threat 118"""
    before = registry.tenants.get("acme")

    def break_off(spec: TenantSpec) -> TenantSpec:
        raise RuntimeError("as a killed process does")

    with pytest.raises(RuntimeError):
        changes.make("acme", "tenant.update", break_off)
    assert registry.tenants.get("acme") == before


def test_everything_that_cannot_work_is_told_at_once(changes: TenantChanges) -> None:
    with pytest.raises(InvalidError) as caught:
        changes.make(
            "acme",
            "tenant.update",
            lambda spec: replace(spec, name="", guard="x", limits=(LimitSpec("a", "b"),)),
        )
    assert len(caught.value.problems) == 3


def test_everything_that_another_has_is_told_at_once(
    registry: Registry, changes: TenantChanges
) -> None:
    taken = registry.tenants.get("globex").issuer
    with pytest.raises(ConflictError, match=r"host.*; issuer|issuer.*; host"):
        changes.make(
            "acme", "tenant.update", lambda spec: replace(spec, hosts=("b.test",), issuer=taken)
        )


def test_what_was_wrong_before_keeps_nobody_from_another_change(
    registry: Registry, changes: TenantChanges
) -> None:
    with registry.begin(write=True) as session:
        session.execute(update(TenantRow).values(guard="damaged"))
    assert changes.make("acme", "x", lambda spec: replace(spec, name="New")).name == "New"


def test_who_is_not_there_cannot_be_changed(changes: TenantChanges) -> None:
    with pytest.raises(NotFoundError):
        changes.make("nobody", "tenant.update", lambda spec: spec)
