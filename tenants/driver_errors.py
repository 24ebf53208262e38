"""What a database driver's error means to a person: one table, for SQLite and PostgreSQL."""

import re
from pathlib import Path

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError

from tenants.errors import INIT_COMMAND, ConflictError, DatabaseError, RegistryError, SchemaError

_BUSY = "is busy: another process is writing, try again"
_CHANGED = "somebody else changed the same thing at the same time; look again and retry"

# The beginnings of sqlite3's error names, and of PostgreSQL's SQLSTATE codes.
_MEANINGS = {
    "SQLITE_BUSY": _BUSY,
    "SQLITE_LOCKED": _BUSY,
    "SQLITE_READONLY": "cannot be written: it is read-only",
    "SQLITE_FULL": "cannot be written: the disk is full",
    "SQLITE_IOERR": "cannot be read or written: the disk reports an error",
    "SQLITE_CANTOPEN": "cannot be opened: look at the permissions of the file and its folder",
    "SQLITE_PERM": "cannot be opened: permission denied",
    "SQLITE_AUTH": "cannot be opened: permission denied",
    "SQLITE_NOTADB": "is not a database",
    "SQLITE_CORRUPT": "is damaged",
    "08": "cannot be reached",
    "0A": "does not know an option that was asked for: look at the parameters of the URL",
    "25006": "cannot be written: it is read-only",
    "25P03": "has ended a transaction that stood still for too long",
    "28": "refuses this user or password",
    "3D": "does not exist on that server",
    "3F": "has no schema for our tables: look at the user's search_path",
    "42501": "does not let this user do that",
    "53100": "cannot be written: the disk is full",
    "53": "has no connections or memory left",
    "55P03": _BUSY,
    "57014": "took too long to answer",
    "57P": "is shutting down or starting",
}
# A server that takes no connection says why in words alone, which libpq hands on without the code.
_REFUSALS = (
    (
        re.compile(r"password authentication failed|no password supplied|no pg_hba\.conf entry"),
        "28",
    ),
    (re.compile(r'role ".*" (does not exist|is not permitted to log in)'), "28"),
    (re.compile(r'database ".*" does not exist'), "3D"),
    (re.compile(r"permission denied for database"), "42501"),
    (re.compile(r"too many (clients|connections)|connection slots are reserved"), "53"),
    (re.compile(r"the database system is "), "57P"),
    (re.compile(r"invalid (connection option|\w+ value)"), "0A"),
)
_LOST = "has cut the connection; look whether the change was made, and try again"
_MISSING_TABLE = ("42P01", "42703")
_CONCURRENT = ("40001", "40P01")


def translate(error: SQLAlchemyError, place: str) -> RegistryError:
    """Return the registry's error for one of SQLAlchemy's; ``place`` is shown and has no secret."""
    if isinstance(error, IntegrityError | StaleDataError):
        return ConflictError(_CHANGED)
    if isinstance(error, PoolTimeoutError):
        return DatabaseError(f"{place} has no free connection: too many requests at once")
    if not isinstance(error, DBAPIError):
        return DatabaseError(f"{place} cannot be used ({type(error).__name__})")
    if error.connection_invalidated and not _code(error):
        return DatabaseError(f"{place} {_LOST}")
    return _translate_code(_code(error), str(error.orig), place)


def _translate_code(code: str, text: str, place: str) -> RegistryError:
    if code.startswith("SQLITE_CANTOPEN") and not Path(place).exists():
        return SchemaError(f"there is no database at {place}; make one with: {INIT_COMMAND}")
    # SQLite has one code for every mistake in a statement; only the text tells them apart.
    if code.startswith(_MISSING_TABLE) or text.startswith(("no such table", "no such column")):
        return SchemaError(f"{place} is not set up for this version; run: {INIT_COMMAND}")
    if code.startswith(_CONCURRENT):
        return ConflictError(_CHANGED)
    # Without a code and without such words, psycopg never got an answer from a server.
    default = f"cannot be used ({code})" if code else "cannot be reached"
    code = code or next((said for words, said in _REFUSALS if words.search(text)), "")
    meanings = (meaning for start, meaning in _MEANINGS.items() if code.startswith(start))
    return DatabaseError(f"{place} {next(meanings, default)}")


def _code(error: DBAPIError) -> str:
    cause = error.orig
    return getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or ""
