"""Engines and transactions: the one place that knows how each database begins and fails.

SQLite with the driver's own transactions loses updates between processes, so they are begun here:
``BEGIN IMMEDIATE`` for writers, ``BEGIN`` for readers.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session

from tenants.driver_errors import translate
from tenants.errors import DatabaseError
from tenants.postgresql import USUAL, Bounds, make_postgresql_engine

_WRITE = "tenantauth_write"
_PLACES = ("host", "port", "service")
_PRAGMAS = (
    "PRAGMA busy_timeout = 5000",  # first: the others may meet a lock
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # a destroyed private key leaves no copy in free pages
)


def make_engine(url: str, *, create: bool = False) -> Engine:
    """Return an engine for a SQLAlchemy URL; nothing is opened yet.

    An SQLite file must exist at first use, unless ``create`` is true: then it is made at once,
    with mode 0600.

    Raises:
        DatabaseError: when the URL cannot work, or the file cannot be made.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        path = _database_file(parsed)
        if create:
            _create_file(path)
        return _make_sqlite_engine(path)
    return make_postgresql_engine(parsed)


def is_prepared(engine: Engine) -> bool:
    """Tell whether transactions on this engine begin as they must (see `make_engine`)."""
    return engine.dialect.name != "sqlite" or event.contains(engine, "begin", _begin_sqlite)


@contextmanager
def begin(engine: Engine, *, write: bool = False) -> Iterator[Session]:
    """Open one transaction: committed at the end of the block, undone by any exception.

    A reader sees one state of the database, however many queries it makes.

    Raises:
        RegistryError: whatever the driver raises, in one line.
    """
    bound = _engine_for(engine, write=write)
    # A session is one transaction: what was read in it may be looked at afterwards.
    with translated(engine), Session(bound, expire_on_commit=False) as session, session.begin():
        _enter(session.connection(), USUAL)  # begins now, and not with whatever is asked first
        yield session


@contextmanager
def begin_connection(engine: Engine, bounds: Bounds = USUAL) -> Iterator[Connection]:
    """Open one writing transaction without an ORM session, for migrations."""
    with translated(engine), _engine_for(engine, write=True).begin() as connection:
        _enter(connection, bounds)
        yield connection


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Turn what the driver raises in the block into errors of the registry."""
    try:
        yield
    except SQLAlchemyError as error:
        raise translate(error, location(engine.url)) from error


def location(url: URL) -> str:
    """Return where a database is, for people: an absolute path, or the URL without password."""
    if url.get_backend_name() == "sqlite":
        return str(_database_file(url))
    # Of the parameters, which may hold passwords too, those that name a place.
    named = {name: value for name, value in url.query.items() if name in _PLACES}
    return url.set(query=named).render_as_string(hide_password=True)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The text itself may hold a password, so it is not repeated.
        raise DatabaseError(
            "the database URL cannot be read (write sqlite:///tenantauth.db)"
        ) from None
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise DatabaseError(f"{parsed.drivername} is not supported; use sqlite or postgresql")
    return parsed


def _database_file(url: URL) -> Path:
    database = url.database
    if not database or database == ":memory:" or database.startswith("file:"):
        raise DatabaseError("a registry in SQLite needs a file (write sqlite:///tenantauth.db)")
    return Path(database).absolute()


def _create_file(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise DatabaseError(f"{path} cannot be made: {error.strerror}") from error


def _make_sqlite_engine(path: Path) -> Engine:
    def connect() -> sqlite3.Connection:
        # mode=rw: a wrong folder is an error, and no new, empty database.
        uri = f"file:{quote(str(path))}?mode=rw"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        try:
            for pragma in _PRAGMAS:
                connection.execute(pragma)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, creator=connect, hide_parameters=True)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _enter(connection: Connection, bounds: Bounds) -> None:
    if connection.dialect.name == "postgresql":
        bounds.apply(connection)


def _engine_for(engine: Engine, *, write: bool) -> Engine:
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{_WRITE: write})
    if write:
        # Whatever the server's default is: writers look again at rows that they waited for.
        return engine.execution_options(isolation_level="READ COMMITTED")
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
