"""Engines and transactions on real databases; `test_postgresql` has what only that one does."""

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, select, text

from tenantauth.settings import Settings
from tenants import db
from tenants.errors import DatabaseError, RegistryError, SchemaError
from tenants.models import InstallationRow
from tenants.registry import Registry
from tests.servers.databases import on


@pytest.fixture
def engine(settings: Settings) -> Engine:
    return db.make_engine(settings.database_url)


def test_a_wrong_folder_is_an_error_that_names_the_absolute_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SchemaError) as caught, db.begin(db.make_engine("sqlite:///other.db")):
        pass
    assert str(tmp_path / "other.db") in caught.value.message
    assert "tenantauth init" in caught.value.message
    assert not Path("other.db").exists()


@on("sqlite")
def test_a_path_is_meant_from_where_the_engine_was_made(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    engine = db.make_engine("sqlite:///tenantauth.db")
    monkeypatch.chdir("/")
    with db.begin(engine) as session:
        assert session.scalars(select(InstallationRow.id)).one() == 1


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """threat 108"""
    db.make_engine(f"sqlite:///{tmp_path}/new.db", create=True)
    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600


@on("sqlite")
def test_creating_keeps_a_file_that_is_there(settings: Settings) -> None:
    engine = db.make_engine(settings.database_url, create=True)
    with db.begin(engine) as session:
        assert session.scalars(select(InstallationRow.id)).one() == 1


def test_a_file_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="cannot be made: No such file or directory"):
        db.make_engine(f"sqlite:///{tmp_path}/no/such/folder/new.db", create=True)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        pytest.param("sqlite://", "needs a file", id="in memory"),
        pytest.param("sqlite:///:memory:", "needs a file", id="named memory"),
        pytest.param("sqlite:///file:x?uri=true", "needs a file", id="own URI"),
        pytest.param("tenantauth.db", "cannot be read", id="no URL"),
        pytest.param("", "cannot be read", id="empty"),
        pytest.param("postgresql://u:hunter2@h:port/x", "cannot be read", id="port is no number"),
        pytest.param("mysql://u:hunter2@h/x", "mysql is not supported", id="another database"),
        pytest.param("postgresql+x://u:hunter2@h/x", "write postgresql.psycopg", id="other driver"),
    ],
)
def test_a_url_that_cannot_work_is_one_line_without_its_password(url: str, reason: str) -> None:
    """threat 106"""
    with pytest.raises(DatabaseError, match=reason) as caught:
        db.make_engine(url)
    assert "hunter2" not in caught.value.message
    assert "\n" not in caught.value.message


def test_a_server_that_does_not_answer_is_one_line_without_its_password() -> None:
    """threat 106"""
    engine = db.make_engine("postgresql+psycopg://me:hunter2@127.0.0.1:1/x")
    with pytest.raises(DatabaseError, match="cannot be reached") as caught, db.begin(engine):
        pass
    assert "me:***@127.0.0.1" in caught.value.message


def test_no_value_of_a_statement_is_in_an_error(engine: Engine) -> None:
    """threat 106: parameters may be keys and tokens."""
    with pytest.raises(RegistryError) as caught, db.begin(engine) as session:
        session.execute(text("INSERT INTO nowhere VALUES (:secret)"), {"secret": "hunter2"})
    cause = caught.value.__cause__
    assert "hunter2" not in f"{caught.value!r} {caught.value} {cause!r} {cause}"


@on("sqlite")
@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("busy_timeout", 5000), ("foreign_keys", 1), ("synchronous", 1)],
)
def test_every_connection_is_set_up(engine: Engine, pragma: str, value: object) -> None:
    with db.begin(engine) as session:
        assert session.execute(text(f"PRAGMA {pragma}")).scalar() == value


def test_a_block_that_raises_leaves_nothing(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), db.begin(engine, write=True) as session:
        session.execute(text("UPDATE tenantauth_installation SET generation = 99"))
        raise ZeroDivisionError
    assert _generation(engine) == 1


def test_a_reader_sees_one_state_while_others_write(engine: Engine) -> None:
    with db.begin(engine) as reader:
        before = reader.scalars(select(InstallationRow.generation)).one()
        with db.begin(engine, write=True) as writer:
            writer.execute(text("UPDATE tenantauth_installation SET generation = 99"))
        assert reader.scalars(select(InstallationRow.generation)).one() == before
    assert _generation(engine) == 99


@on("sqlite")
def test_a_writer_is_alone_from_its_first_statement_on(engine: Engine) -> None:
    """threat 118: two that read before they write would lose an update."""
    impatient = sqlite3.connect(db.location(engine.url), timeout=0, isolation_level=None)
    with db.begin(engine, write=True), pytest.raises(sqlite3.OperationalError, match="locked"):
        impatient.execute("BEGIN IMMEDIATE")
    impatient.close()


@on("sqlite")
def test_a_lock_that_is_never_released_is_one_line(engine: Engine) -> None:
    """threat 97"""
    holder = sqlite3.connect(db.location(engine.url), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    writer = db.begin(engine, write=True)
    with pytest.raises(DatabaseError, match="another process is writing"), writer:
        pass
    holder.close()


@on("sqlite")
def test_a_read_only_database_is_one_line(engine: Engine) -> None:
    """threat 97"""
    with pytest.raises(DatabaseError, match="it is read-only"), db.begin(engine, write=True) as own:
        own.execute(text("PRAGMA query_only = ON"))
        own.execute(text("UPDATE tenantauth_installation SET generation = 99"))


@on("sqlite")
def test_a_full_disk_is_one_line(engine: Engine) -> None:
    """threat 97"""
    with (
        pytest.raises(DatabaseError, match="the disk is full"),
        db.begin(engine, write=True) as own,
    ):
        own.execute(text("PRAGMA max_page_count = 1"))
        own.execute(text("CREATE TABLE large AS SELECT zeroblob(10000000)"))


def test_a_file_that_is_no_database_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("milk, bread, butter " * 100)
    engine = db.make_engine(f"sqlite:///{tmp_path}/notes.db")
    with pytest.raises(DatabaseError, match="is not a database"), db.begin(engine):
        pass


def test_a_database_without_our_tables_says_what_to_run(tmp_path: Path) -> None:
    engine = db.make_engine(f"sqlite:///{tmp_path}/empty.db", create=True)
    with pytest.raises(SchemaError, match=r"run: tenantauth init"), db.begin(engine) as session:
        session.scalars(select(InstallationRow)).all()


def test_an_engine_with_the_drivers_own_transactions_is_not_taken(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="make_engine"):
        Registry(engine=create_engine(f"sqlite:///{tmp_path}/x.db"))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:hunter2@db.test/x", "postgresql://me:***@db.test/x"),
        ("postgresql://me@db.test/x?password=hunter2", "postgresql://me@db.test/x"),
        ("postgresql://me@/x?host=a.test&sslkey=k", "postgresql://me@/x?host=a.test"),
    ],
    ids=["in its place", "as a parameter", "a host among the parameters"],
)
def test_a_location_has_no_password(url: str, shown: str) -> None:
    """threat 106"""
    assert db.location(make_url(url)) == shown


_DIES = """
import os, sys
from sqlalchemy import text
from tenants import db
with db.begin(db.make_engine(sys.argv[1]), write=True) as session:
    session.execute(text("UPDATE tenantauth_installation SET generation = 99"))
    os.kill(os.getpid(), 9)
"""


def test_a_writer_killed_half_way_leaves_nothing(engine: Engine, settings: Settings) -> None:
    """threat 97, threat 118"""
    command = [sys.executable, "-c", _DIES, settings.database_url]
    killed = subprocess.run(command, env=_ENVIRON, check=False)
    assert killed.returncode == -9
    assert _generation(engine) == 1
    with db.begin(engine, write=True) as session:
        session.execute(text("UPDATE tenantauth_installation SET generation = 2"))
    assert _generation(engine) == 2


_ENVIRON = {**os.environ, "PYTHONPATH": str(Path(db.__file__).parent.parent)}


def _generation(engine: Engine) -> int:
    with db.begin(engine) as session:
        return session.scalars(select(InstallationRow.generation)).one()
