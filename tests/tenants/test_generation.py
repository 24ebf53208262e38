"""Change numbers."""

import pytest
from sqlalchemy import delete, select

from tenants.errors import SchemaError
from tenants.generation import Generation, bump, read_generation
from tenants.models import InstallationRow, TenantRow
from tenants.registry import Registry


def test_a_change_moves_version_and_generation_together(registry: Registry) -> None:
    version = registry.tenants.create("acme").version
    nonce, generation = _read(registry)
    with registry.begin(write=True) as session:
        bump(session, session.scalars(select(TenantRow)).one(), registry.now())
    assert _read(registry) == (nonce, generation + 1)
    assert registry.tenants.get("acme").version == version + 1


def test_a_change_that_is_undone_moves_nothing(registry: Registry) -> None:
    registry.tenants.create("acme")
    before = _read(registry)
    with pytest.raises(ZeroDivisionError), registry.begin(write=True) as session:
        bump(session, session.scalars(select(TenantRow)).one(), registry.now())
        raise ZeroDivisionError
    assert _read(registry) == before


def test_a_change_touches_no_other_tenant(registry: Registry) -> None:
    registry.tenants.create("acme")
    registry.tenants.create("globex")
    registry.tenants.suspend("acme")
    assert registry.tenants.get("globex").version == 1


def test_a_lost_installation_row_is_one_line(registry: Registry) -> None:
    with registry.begin(write=True) as session:
        session.execute(delete(InstallationRow))
    with pytest.raises(SchemaError, match="restore it from a backup"):
        _read(registry)


def _read(registry: Registry) -> Generation:
    with registry.begin() as session:
        return read_generation(session)
