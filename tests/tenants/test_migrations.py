"""Running migrations: repeatable, in one transaction, from several processes."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, inspect, select, text

from tenants import db, migrations
from tenants.errors import SchemaError
from tenants.models import InstallationRow
from tenants.registry import Registry
from tenants.table_base import PREFIX


@pytest.fixture
def engine(empty_database_url: str) -> Engine:
    return db.make_engine(empty_database_url)


def test_a_new_database_comes_to_the_newest_revision(engine: Engine) -> None:
    assert migrations.current(engine) is None
    assert not migrations.is_current(engine)
    assert migrations.upgrade(engine) == migrations.current(engine) == migrations.head()
    assert migrations.is_current(engine)


def test_done_twice_it_changes_nothing(engine: Engine) -> None:
    """threat 103"""
    migrations.upgrade(engine)
    nonce = select(InstallationRow.nonce)
    with db.begin(engine) as session:
        before = session.scalars(nonce).one()
    migrations.upgrade(engine)
    with db.begin(engine) as session:
        assert session.scalars(nonce).one() == before


def test_a_missing_database_is_not_made(tmp_path: Path) -> None:
    engine = db.make_engine(f"sqlite:///{tmp_path}/other.db")
    for run in (migrations.current, migrations.upgrade):
        with pytest.raises(SchemaError, match="there is no database"):
            run(engine)
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_a_later_version_is_left_alone(engine: Engine) -> None:
    """threat 103"""
    migrations.upgrade(engine)
    with db.begin_connection(engine) as connection:
        connection.execute(text("UPDATE tenantauth_alembic_version SET version_num = '9999'"))
    assert not migrations.is_current(engine)
    with pytest.raises(SchemaError, match="does not know"):
        migrations.upgrade(engine)
    assert migrations.current(engine) == "9999"


def test_a_migration_that_fails_half_way_leaves_nothing(engine: Engine) -> None:
    """threat 103"""
    with db.begin_connection(engine) as connection:
        connection.execute(text(f"CREATE TABLE {PREFIX}roles (id INTEGER)"))
    with pytest.raises(Exception, match="cannot be used"):
        migrations.upgrade(engine)
    assert inspect(engine).get_table_names() == [f"{PREFIX}roles"]


def test_of_two_runs_the_second_waits_for_the_first(engine: Engine) -> None:
    """threat 103, threat 118"""
    with db.begin_connection(engine) as first:
        migrations.lock(first)
        late = start(_UPGRADES, engine)
        assert late.stdout is not None
        assert late.stdout.readline() == "begins\n"
        command.upgrade(migrations.config(first), "head")
    assert late.communicate(timeout=60)[0].strip() == migrations.head()


def test_two_processes_at_once_both_succeed(engine: Engine) -> None:
    """threat 103, threat 118"""
    runs = [start(_UPGRADES, engine) for _ in range(2)]
    told = [run.communicate(timeout=60)[0].split() for run in runs]
    assert told == [["begins", migrations.head()]] * 2


def test_a_run_killed_half_way_leaves_nothing_and_the_next_one_works(engine: Engine) -> None:
    """threat 103"""
    killed = start(_DIES, engine, f"CREATE TABLE {PREFIX}signing_keys")
    killed.communicate(timeout=60)
    assert killed.returncode == 9
    assert inspect(engine).get_table_names() == []
    assert migrations.upgrade(engine) == migrations.head()


def test_a_filled_registry_survives_the_way_down_and_up(registry: Registry) -> None:
    """threat 103: no tenant, key or token is lost."""
    tenant = registry.tenants.create("acme", hosts=["api.acme.test"])
    token, keys = registry.tokens.issue("acme", "alice").token, registry.keys.jwks("acme")
    migrations.downgrade(registry.engine, FIRST)
    migrations.upgrade(registry.engine)
    assert registry.tenants.get("acme") == tenant
    assert registry.keys.jwks("acme") == keys
    assert registry.tokens.inspect(token).valid


def test_a_filled_registry_can_be_taken_away_and_begun_anew(registry: Registry) -> None:
    """threat 103"""
    registry.tenants.create("acme")
    assert migrations.downgrade(registry.engine, "base") is None
    with pytest.raises(SchemaError, match="not set up"):
        registry.tenants.list()
    migrations.upgrade(registry.engine)
    assert registry.tenants.list() == []
    assert registry.tenants.create("acme").slug == "acme"


@pytest.mark.parametrize("revision", ["9999", "head+1", "not one"])
def test_a_revision_that_there_is_not_is_one_line(registry: Registry, revision: str) -> None:
    with pytest.raises(SchemaError, match="cannot be taken to") as caught:
        migrations.downgrade(registry.engine, revision)
    assert "\n" not in caught.value.message
    assert migrations.is_current(registry.engine)


def test_the_tables_of_this_version_have_no_differences(registry: Registry) -> None:
    assert migrations.differences(registry.engine) == []


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ("DROP INDEX tenantauth_one_active_key", "add index tenantauth_one_active_key"),
        ("DROP TABLE tenantauth_roles", "add table tenantauth_roles"),
        ("ALTER TABLE tenantauth_roles ADD x INTEGER", "remove column tenantauth_roles x"),
        ("CREATE TABLE tenantauth_notes (id INTEGER)", "remove table tenantauth_notes"),
    ],
    ids=["index", "table", "column", "strange table"],
)
def test_what_hands_changed_is_told(registry: Registry, change: str, line: str) -> None:
    with db.begin_connection(registry.engine) as connection:
        connection.execute(text(change))
        connection.execute(text("CREATE TABLE invoices (id INTEGER)"))
    assert migrations.differences(registry.engine) == [line]


FIRST = "0001"
_UPGRADES = """
import sys
from tenants import db, migrations
engine = db.make_engine(sys.argv[1])
print("begins", flush=True)
print(migrations.upgrade(engine))
"""
_DIES = """
import os, sys
from sqlalchemy import Engine, event
from tenants import db, migrations

def die(connection, cursor, statement, *rest):
    if sys.argv[2] in statement:
        os._exit(9)

event.listen(Engine, "after_cursor_execute", die)
migrations.upgrade(db.make_engine(sys.argv[1]))
"""


def start(program: str, engine: Engine, *arguments: str) -> "subprocess.Popen[str]":
    url = engine.url.render_as_string(hide_password=False)
    return subprocess.Popen(
        [sys.executable, "-c", program, url, *arguments],
        cwd=Path(migrations.__file__).parent.parent,
        stdout=subprocess.PIPE,
        text=True,
    )
