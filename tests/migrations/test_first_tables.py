"""The migrations make the tables that the models describe, and take them away again."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, inspect, select, text

from tenants import db, migrations
from tenants.models import METADATA, InstallationRow

FOLDER = Path(migrations.__file__).parent.parent / "alembic"
OURS = {*METADATA.tables, migrations.VERSION_TABLE}


@pytest.fixture
def engine(empty_database_url: str) -> Engine:
    return db.make_engine(empty_database_url)


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def differences(connection: Connection) -> list[object]:
    options = {"compare_type": True, "compare_server_default": True}
    context = MigrationContext.configure(connection, opts=options)
    found = compare_metadata(context, METADATA)
    return [change for change in found if migrations.VERSION_TABLE not in str(change)]


def test_up_makes_what_the_models_describe(engine: Engine) -> None:
    migrations.upgrade(engine)
    assert tables(engine) == OURS
    with engine.connect() as connection:
        assert differences(connection) == []


def test_every_constraint_has_the_name_that_the_models_give_it(engine: Engine) -> None:
    migrations.upgrade(engine)
    with engine.connect() as connection:
        migrated = _names(connection)
        for table in reversed(METADATA.sorted_tables):
            connection.execute(text(f"DROP TABLE {table.name}"))
        METADATA.create_all(connection)
        assert _names(connection) == migrated


def test_down_takes_everything_away_and_up_makes_it_again(engine: Engine) -> None:
    """threat 103"""
    migrations.upgrade(engine)
    migrations.downgrade(engine, "base")
    assert tables(engine) == {migrations.VERSION_TABLE}
    assert migrations.upgrade(engine) == migrations.head()


def test_alembics_own_check_finds_nothing_to_do(engine: Engine) -> None:
    migrations.upgrade(engine)
    with db.begin_connection(engine) as connection:
        command.check(migrations.config(connection))


def test_tables_of_an_app_beside_ours_are_never_touched(engine: Engine) -> None:
    with db.begin_connection(engine) as connection:
        connection.execute(text("CREATE TABLE invoices (id INTEGER)"))
        connection.execute(text("CREATE TABLE alembic_version (version_num TEXT)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('theirs')"))
    migrations.upgrade(engine)
    with db.begin_connection(engine) as connection:
        command.check(migrations.config(connection))
    migrations.downgrade(engine, "base")
    assert tables(engine) >= {"invoices", "alembic_version"}
    with db.begin(engine) as session:
        assert session.execute(text("SELECT * FROM alembic_version")).scalar() == "theirs"


def test_each_installation_has_a_nonce_of_its_own(tmp_path: Path) -> None:
    nonces = set()
    for name in ("a", "b"):
        engine = db.make_engine(f"sqlite:///{tmp_path}/{name}.db", create=True)
        migrations.upgrade(engine)
        with db.begin(engine) as session:
            nonces.add(session.scalars(select(InstallationRow.nonce)).one())
    assert len(nonces) == 2


def test_the_folder_never_shadows_the_library() -> None:
    assert (FOLDER / "env.py").exists()
    assert not list(FOLDER.rglob("__init__.py"))


_NAMES = {
    "sqlite": (
        "SELECT type, name, tbl_name FROM sqlite_master"
        " WHERE name LIKE 'tenantauth%' OR sql > '' ORDER BY name"
    ),
    "postgresql": (
        "SELECT 'constraint', conname, conrelid::regclass::text FROM pg_constraint"
        " WHERE conname LIKE '%tenantauth%'"
        " UNION SELECT 'index', indexname, tablename FROM pg_indexes"
        " WHERE indexname LIKE '%tenantauth%' ORDER BY 1, 2"
    ),
}


def _names(connection: Connection) -> list[tuple[object, ...]]:
    rows = connection.execute(text(_NAMES[connection.dialect.name]))
    constraints = inspect(connection)
    return [
        *(tuple(row) for row in rows),
        *(
            (table, check["name"])
            for table in sorted(METADATA.tables)
            for check in constraints.get_check_constraints(table)
        ),
    ]
