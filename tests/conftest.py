"""What every test is given."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import Pool

from tenants import db
from tests.servers.databases import DATABASES
from tests.servers.postgresql import Cluster, Databases, make_cluster
from tests.servers.valkey import redis_url, valkey

__all__ = ["redis_url", "valkey"]

# A shell ignores Ctrl-C for what it starts in the background, and the commands of tests, which are
# told to stop by it, would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Tests start hundreds of commands and servers. Where an image keeps Python from writing bytecode,
# each would compile all that it imports once more, and start three times as slowly.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# readline, which pytest loads, tells them to the processes of pytest-xdist. Commands would believe
# them, and not the terminal that a test gives them.
for name in ("COLUMNS", "LINES"):
    os.environ.pop(name, None)


@pytest.fixture(autouse=True)
def _engines_are_disposed() -> Iterator[None]:
    """Dispose of the engines a test used: Python 3.13 warns of connections left open."""
    used: set[Engine] = set()
    opened: list[psycopg.Connection] = []

    def note(connection: Connection) -> None:
        used.add(connection.engine)

    def note_opened(connection: object, _record: object) -> None:
        if isinstance(connection, psycopg.Connection):
            opened.append(connection)

    event.listen(Engine, "engine_connect", note)
    event.listen(Pool, "connect", note_opened)
    yield
    event.remove(Engine, "engine_connect", note)
    event.remove(Pool, "connect", note_opened)
    for engine in used:
        engine.dispose()
    # An engine leaves open what a thread of the test's still holds.
    for connection in opened:
        connection.close()


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[Databases]:
    """Hand out databases of the server that the environment names, else of one started here."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        databases = Databases(url)
        yield databases
        databases.close()
        return
    cluster = make_cluster()
    try:
        cluster.start()
        yield Databases(cluster.url())
    finally:
        cluster.remove()


@pytest.fixture
def postgresql_url(postgresql_databases: Databases) -> Iterator[str]:
    """Hand out a migrated database without rows."""
    url = postgresql_databases.take()
    yield url
    postgresql_databases.give_back(url)


@pytest.fixture
def empty_postgresql_url(postgresql_databases: Databases) -> Iterator[str]:
    """Make a database without tables for one test."""
    url = postgresql_databases.create_empty()
    yield url
    postgresql_databases.drop(url)


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Make a database of each kind without tables."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("empty_postgresql_url"))
    return str(db.make_engine(f"sqlite:///{tmp_path}/tenantauth.db", create=True).url)


@pytest.fixture
def postgresql_cluster() -> Iterator[Cluster]:
    """Make a server, not started yet, that one test may stop and start as it likes."""
    cluster = make_cluster()
    yield cluster
    cluster.remove()
