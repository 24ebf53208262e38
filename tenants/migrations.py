"""The schema's migrations, run by Alembic in one transaction each time, without an ini file."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from tenants import db
from tenants.errors import SchemaError
from tenants.models import METADATA
from tenants.postgresql import MIGRATION, MIGRATION_QUEUE
from tenants.table_base import PREFIX

VERSION_TABLE = PREFIX + "alembic_version"
_ADVISORY_LOCK = 0x7E4A47A7  # any number of our own

_Change = tuple[object, ...]  # what Alembic's comparison returns: a verb, and what it is about


def upgrade(engine: Engine, revision: str = "head") -> str | None:
    """Bring the tables to a revision and return it; nothing happens when they are there.

    Raises:
        SchemaError: when the database is of a later version than this code.
        DatabaseError: when the database cannot be used.
    """
    return _run(engine, command.upgrade, revision)


def downgrade(engine: Engine, revision: str) -> str | None:
    """Take the tables back to a revision and return it.

    ``base`` removes them, with all that they hold.

    Raises:
        SchemaError: when there is no such revision, or it is not an earlier one.
        DatabaseError: when the database cannot be used.
    """
    return _run(engine, command.downgrade, revision)


def differences(engine: Engine) -> list[str]:
    """Return what would have to be done until the tables are those of this code, one line each.

    Raises:
        SchemaError: when there is no database file.
        DatabaseError: when the database cannot be used.
    """
    options = {"version_table": VERSION_TABLE, "include_name": is_ours}
    with db.begin(engine) as session:
        context = MigrationContext.configure(session.connection(), opts=options)
        return [_line(change) for change in compare_metadata(context, METADATA)]


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Tell whether Alembic should look at this; the tables of an app beside ours it should not."""
    return kind != "table" or (name is not None and name.startswith(PREFIX))


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
    newest = _scripts().get_current_head()
    if newest is None:
        raise SchemaError("the migrations are missing from this installation")
    return newest


def is_current(engine: Engine) -> bool:
    """Tell whether the database is at the newest revision (see `current` for what it raises)."""
    return current(engine) == head()


def lock(connection: Connection) -> None:
    """Wait until no other run migrates this database; the transaction's end releases it."""
    # SQLite's writer is alone by itself.
    if connection.dialect.name == "postgresql":
        queue = text("SELECT pg_advisory_xact_lock(:number)")
        connection.execute(queue, {"number": _ADVISORY_LOCK})
        MIGRATION.apply(connection)


def config(connection: Connection) -> Config:
    """Return Alembic's configuration for our migrations on this connection."""
    made = Config(attributes={"connection": connection})
    # A percent sign in the path would be an interpolation.
    made.set_main_option("script_location", str(_folder()).replace("%", "%%"))
    return made


def _run(engine: Engine, move: Callable[[Config, str], None], revision: str) -> str | None:
    with db.begin_connection(engine, MIGRATION_QUEUE) as connection:
        lock(connection)
        try:
            move(config(connection), revision)
        except CommandError as error:
            reason = _why_not(_revision(connection), revision)
            raise SchemaError(f"{db.location(engine.url)} {reason}") from error
        return _revision(connection)


def _why_not(found: str | None, wanted: str) -> str:
    known = {script.revision for script in _scripts().walk_revisions()}
    if found is not None and found not in known:
        return "is of a version that this code does not know"
    return f"is at revision {found or 'none'} and cannot be taken to {wanted!r}"


def _line(change: _Change | list[_Change]) -> str:
    # A change of a column is a list of them.
    verb, *parts = change[0] if isinstance(change, list) else change
    names = [part if isinstance(part, str) else getattr(part, "name", None) for part in parts[:3]]
    return " ".join([str(verb).replace("_", " "), *filter(None, names)])


def _revision(connection: Connection) -> str | None:
    options = {"version_table": VERSION_TABLE}
    return MigrationContext.configure(connection, opts=options).get_current_revision()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(_folder()))


def _folder() -> Path:
    package = Path(__file__).parent
    # A checkout's folder first: an editable install may hold a stale copy of the other.
    for folder in (package.parent / "alembic", package / "_migrations"):
        if (folder / "versions").is_dir():
            return folder
    raise SchemaError("the migrations are missing from this installation")
