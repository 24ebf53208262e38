"""Running migrations: repeatable, in one transaction, from several processes."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, select, text

from tenants import db, migrations
from tenants.errors import SchemaError
from tenants.models import PREFIX, InstallationRow


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return db.make_engine(f"sqlite:///{tmp_path}/tenantauth.db", create=True)


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


_UPGRADES = """
import sys
from tenants import db, migrations
print(migrations.upgrade(db.make_engine(sys.argv[1])))
"""


def test_two_processes_at_once_both_succeed(engine: Engine) -> None:
    """threat 103, threat 118"""
    command = [sys.executable, "-c", _UPGRADES, str(engine.url)]
    folder = Path(migrations.__file__).parent.parent
    runs = [
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    assert [run.communicate(timeout=60)[0].strip() for run in runs] == [migrations.head()] * 2
