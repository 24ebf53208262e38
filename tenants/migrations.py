"""The schema's migrations, run by Alembic in one transaction each time, without an ini file."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from tenants import db
from tenants.errors import SchemaError
from tenants.models import PREFIX

VERSION_TABLE = PREFIX + "alembic_version"
_ADVISORY_LOCK = 0x7E4A47A7  # any number of our own


def upgrade(engine: Engine, revision: str = "head") -> str | None:
    """Bring the tables to a revision and return it; nothing happens when they are there.

    Raises:
        SchemaError: when the database is of a later version than this code.
        DatabaseError: when the database cannot be used.
    """
    return _run(engine, command.upgrade, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the tables back to a revision (``base`` removes them, with all that they hold).

    Raises:
        SchemaError: when there is no such revision.
        DatabaseError: when the database cannot be used.
    """
    _run(engine, command.downgrade, revision)


def current(engine: Engine) -> str | None:
    """Return the revision that the database is at, or ``None`` when it has no tables of ours.

    Raises:
        SchemaError: when there is no database file.
        DatabaseError: when the database cannot be used.
    """
    with db.begin(engine) as session:
        return _revision(session.connection())


def head() -> str:
    """Return the newest revision, which this code needs.

    Raises:
        SchemaError: when the migrations are not where they should be.
    """
    newest = ScriptDirectory(str(_folder())).get_current_head()
    if newest is None:
        raise SchemaError("the migrations are missing from this installation")
    return newest


def is_current(engine: Engine) -> bool:
    """Tell whether the database is at the newest revision (see `current` for what it raises)."""
    return current(engine) == head()


def config(connection: Connection) -> Config:
    """Return Alembic's configuration for our migrations on this connection."""
    made = Config(attributes={"connection": connection})
    # A percent sign in the path would be an interpolation.
    made.set_main_option("script_location", str(_folder()).replace("%", "%%"))
    return made


def _run(engine: Engine, move: Callable[[Config, str], None], revision: str) -> str | None:
    with db.begin_connection(engine) as connection:
        if connection.dialect.name == "postgresql":
            # SQLite's writer is alone by itself; here two runs queue for this.
            lock = text("SELECT pg_advisory_xact_lock(:number)")
            connection.execute(lock, {"number": _ADVISORY_LOCK})
        try:
            move(config(connection), revision)
        except CommandError as error:
            place = db.location(engine.url)
            raise SchemaError(f"{place} is of a version that this code does not know") from error
        return _revision(connection)


def _revision(connection: Connection) -> str | None:
    options = {"version_table": VERSION_TABLE}
    return MigrationContext.configure(connection, opts=options).get_current_revision()


def _folder() -> Path:
    package = Path(__file__).parent
    # A checkout's folder first: an editable install may hold a stale copy of the other.
    for folder in (package.parent / "alembic", package / "_migrations"):
        if (folder / "versions").is_dir():
            return folder
    raise SchemaError("the migrations are missing from this installation")
