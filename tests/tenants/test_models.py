"""The tables: what the databases themselves guarantee."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Constraint, Index, Table, insert, make_url, select
from sqlalchemy.exc import StatementError
from sqlalchemy.schema import CreateIndex, CreateTable

from tenants.errors import ConflictError
from tenants.models import METADATA, AuditRow, InstallationRow, KeyRow, TenantRow
from tenants.registry import Registry
from tenants.table_base import PREFIX

TABLES = METADATA.sorted_tables
POSTGRESQL = make_url("postgresql+psycopg://").get_dialect()()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_has_the_prefix(table: Table) -> None:
    assert table.name.startswith(PREFIX)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_constraint_and_index_has_a_name(table: Table) -> None:
    items: list[Constraint | Index] = [*table.constraints, *table.indexes]
    assert all(item.name for item in items)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_table_can_be_written_for_postgresql(table: Table) -> None:
    ddl = str(CreateTable(table).compile(dialect=POSTGRESQL))
    assert "WITHOUT TIME ZONE" not in ddl
    assert "DATETIME" not in ddl


@pytest.mark.parametrize("state", ["active", "pending"])
def test_postgresql_too_allows_one_key_of_a_state(state: str) -> None:
    indexes = METADATA.tables[f"{PREFIX}signing_keys"].indexes
    index = next(index for index in indexes if index.name == f"{PREFIX}one_{state}_key")
    ddl = str(CreateIndex(index).compile(dialect=POSTGRESQL))
    assert ddl.startswith("CREATE UNIQUE INDEX")
    assert ddl.endswith(f"WHERE state = '{state}'")


@pytest.mark.parametrize("state", ["active", "pending"])
def test_a_second_key_of_that_state_is_refused_by_the_database(
    registry: Registry, state: str
) -> None:
    registry.tenants.create("acme")
    with pytest.raises(ConflictError), registry.begin(write=True) as session:
        tenant_id = session.scalars(select(TenantRow.id)).one()
        session.add(_key(tenant_id, "another", state))


def test_a_second_key_of_one_kid_is_refused_by_the_database(registry: Registry) -> None:
    """threat 32"""
    registry.tenants.create("acme")
    with pytest.raises(ConflictError), registry.begin(write=True) as session:
        key = session.scalars(select(KeyRow)).first()
        assert key is not None
        session.add(_key(key.tenant_id, key.kid, "grace"))


def test_two_tenants_may_have_keys_of_one_kid(registry: Registry) -> None:
    """threat 32"""
    registry.tenants.create("acme")
    registry.tenants.create("globex")
    with registry.begin(write=True) as session:
        for tenant_id in session.scalars(select(TenantRow.id)):
            session.add(_key(tenant_id, "same", "grace"))


def test_a_key_changed_by_another_process_meanwhile_is_a_conflict(registry: Registry) -> None:
    registry.tenants.create("acme")
    with registry.begin() as session:
        stale = session.scalars(select(KeyRow).where(KeyRow.state == "active")).one()
        session.expunge(stale)
    with registry.begin(write=True) as session:
        session.scalars(select(KeyRow).where(KeyRow.state == "active")).one().state = "grace"
    with pytest.raises(ConflictError), registry.begin(write=True) as session:
        session.add(stale)
        stale.state = "compromised"


def test_there_is_only_one_installation(registry: Registry) -> None:
    with pytest.raises(ConflictError), registry.begin(write=True) as session:
        session.add(InstallationRow(id=2, generation=1, nonce="x"))


def test_a_time_comes_back_in_utc(registry: Registry) -> None:
    noon = datetime(2026, 1, 31, 14, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    with registry.begin(write=True) as session:
        session.add(AuditRow(at=noon, actor="a", action="b"))
    with registry.begin() as session:
        at = session.scalars(select(AuditRow.at)).one()
    assert (at, at.tzinfo) == (noon, UTC)


def test_a_time_without_a_zone_is_never_stored(registry: Registry) -> None:
    naive = datetime(2026, 1, 31, 12, 0)  # noqa: DTZ001  (the mistake that is to be refused)
    with (
        pytest.raises(StatementError, match="without a zone"),
        registry.engine.begin() as connection,
    ):
        connection.execute(insert(AuditRow), {"at": naive, "actor": "a", "action": "b"})


def _key(tenant_id: str, kid: str, state: str) -> KeyRow:
    return KeyRow(
        tenant_id=tenant_id,
        kid=kid,
        algorithm="ES256",
        state=state,
        public_jwk={},
        created_at=datetime(2026, 1, 31, tzinfo=UTC),
    )
