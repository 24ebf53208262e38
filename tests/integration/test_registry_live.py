"""A real server in processes of its own, on a real registry that changes or fails."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tenantauth.settings import Settings
from tenants import db, migrations
from tenants.errors import DatabaseError
from tenants.master_keys import MasterKeys
from tenants.registry import Registry
from tests.servers.databases import DATABASES
from tests.servers.postgresql import Cluster, Databases

MANAGE = (sys.executable, str(Path(__file__).parents[2] / "manage.py"))
APP = """
import os

from flask import Flask
from tenantauth.flask import TenantAuth, current_identity

app = Flask(__name__)
TenantAuth(app)


@app.get("/me")
def me():
    return {"user": current_identity.subject, "worker": os.getpid()}
"""


SetUp = Callable[[], Registry]


@pytest.fixture(params=DATABASES)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Name a database of each kind that is not there yet."""
    url = f"sqlite:///{tmp_path}/registry.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_cluster").url()
    return settings_in(tmp_path, url)


def settings_in(folder: Path, url: str) -> Settings:
    return Settings(database_url=url, master_key_file=f"{folder}/master.key", staleness_s=0.5)


def fill(settings: Settings) -> None:
    """Make the tables and the master key."""
    engine = db.make_engine(settings.database_url, create=True)
    migrations.upgrade(engine)
    engine.dispose()
    MasterKeys.create_file(Path(settings.master_key_file))


@pytest.fixture
def set_up(request: pytest.FixtureRequest, settings: Settings) -> Iterator[SetUp]:
    """Hand out what makes the database; PostgreSQL is started for it."""
    registry = Registry.from_settings(settings)

    def set_up() -> Registry:
        if settings.database_url.startswith("postgresql"):
            request.getfixturevalue("postgresql_cluster").start()
        fill(settings)
        return registry

    yield set_up
    registry.dispose()


class Server:
    """Two workers that serve the app above."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, path: str, token: str = "", slug: str = "acme") -> tuple[int, bytes]:
        headers = {"Host": f"{slug}.localhost"} | (
            {"Authorization": f"Bearer {token}"} if token else {}
        )
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        self.retry_after = response.getheader("Retry-After")
        body = response.read()
        connection.close()
        return response.status, body

    def wait_for(self, path: str, status: int, token: str = "", slug: str = "acme") -> None:
        """Ask until the answer has this status; the clock of another process cannot be moved."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                if self.get(path, token, slug)[0] == status:
                    return
            except ConnectionError:
                pass
            threading.Event().wait(0.05)
        raise AssertionError(f"{path} never answered {status}")

    def wait_for_both_workers(self, path: str, token: str, slug: str = "acme") -> None:
        """Ask until each of the workers has answered, and so has read what it needs."""
        deadline = time.monotonic() + 20
        workers: set[int] = set()
        while len(workers) < 2:
            assert time.monotonic() < deadline, "one worker never answered"
            status, body = self.get(path, token, slug)
            assert status == 200
            workers.add(json.loads(body)["worker"])


def environ_of(settings: Settings) -> dict[str, str]:
    environ = {name: value for name, value in os.environ.items() if "TENANTAUTH" not in name}
    return environ | {
        "TENANTAUTH_DATABASE_URL": settings.database_url,
        "TENANTAUTH_MASTER_KEY_FILE": settings.master_key_file,
        "TENANTAUTH_STALENESS": "500ms",
    }


@contextmanager
def serving(settings: Settings, folder: Path) -> Iterator[Server]:
    (folder / "live_app.py").write_text(APP, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [*MANAGE, "serve", "--app", "live_app:app"]
    with (
        (folder / "server.log").open("wb") as log,
        subprocess.Popen(
            [*command, "--workers", "2", "--bind", f"127.0.0.1:{port}"],
            cwd=folder,
            env=environ_of(settings),
            stdout=log,
            stderr=log,
        ) as process,
    ):
        server = Server(port)
        try:
            server.wait_for("/healthz", 200)
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0


class Live(NamedTuple):
    """A server that tests leave as it is, each with a tenant of its own, and its registry."""

    server: Server
    registry: Registry
    settings: Settings


@pytest.fixture(scope="module", params=DATABASES)
def live(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("live")
    databases: Databases | None = None
    url = f"sqlite:///{folder}/registry.db"
    if request.param == "postgresql":
        databases = request.getfixturevalue("postgresql_databases")
        url = databases.create_empty()
    settings = settings_in(folder, url)
    fill(settings)
    registry = Registry.from_settings(settings)
    with serving(settings, folder) as server:
        yield Live(server, registry, settings)
    registry.dispose()
    if databases is not None:
        databases.drop(url)


def test_no_request_fails_while_keys_rotate(live: Live) -> None:
    """threat 94"""
    server, registry, _ = live
    registry.tenants.create("rotating")
    answers: list[int] = []
    done = threading.Event()

    def call() -> None:
        while not done.is_set():
            token = registry.tokens.issue("rotating", "alice").token
            answers.append(server.get("/me", token, "rotating")[0])

    old = registry.tokens.issue("rotating", "alice").token
    server.wait_for("/me", 200, old, "rotating")
    callers = [threading.Thread(target=call) for _ in range(2)]
    for caller in callers:
        caller.start()
    for _ in range(3):
        registry.keys.rotate("rotating", now=True)
    done.set()
    for caller in callers:
        caller.join()
    assert server.get("/me", old, "rotating")[0] == 200
    assert len(answers) > 20
    assert set(answers) == {200}


def test_a_leaked_key_is_refused_by_every_worker(live: Live) -> None:
    """threat 31"""
    server, registry, settings = live
    registry.tenants.create("leaky")
    token = registry.tokens.issue("leaky", "alice").token
    server.wait_for_both_workers("/me", token, "leaky")
    (active,) = (key for key in registry.keys.list("leaky") if key.state == "active")
    registry.keys.compromise("leaky", active.kid)
    server.wait_for("/me", 401, token, "leaky")
    # One worker has refused; within the bound, no other accepts.
    threading.Event().wait(settings.staleness_s)
    assert {server.get("/me", token, "leaky")[0] for _ in range(10)} == {401}
    new = registry.tokens.issue("leaky", "alice").token
    assert server.get("/me", new, "leaky")[0] == 200


def test_the_command_line_changes_what_a_running_server_does(live: Live) -> None:
    """threat 118"""
    server, registry, settings = live
    registry.tenants.create("paused")
    token = registry.tokens.issue("paused", "alice").token
    server.wait_for_both_workers("/me", token, "paused")
    for verb, status in (("suspend --yes", 403), ("resume", 200)):
        command = [*MANAGE, "tenant", *verb.split(), "paused"]
        subprocess.run(command, env=environ_of(settings), check=True, capture_output=True)
        server.wait_for("/me", status, token, "paused")
        # One worker has noticed; within the bound, no other lags behind.
        threading.Event().wait(settings.staleness_s)
        assert {server.get("/me", token, "paused")[0] for _ in range(10)} == {status}


@pytest.mark.timeout(240)
def test_commands_beside_a_busy_server_fail_no_request_of_others(
    live: Live, tmp_path: Path
) -> None:
    """threats 97, 118: hundreds of tenants come, change and go, and arrive within the bound."""
    server, registry, settings = live
    registry.tenants.create("busy")
    token = registry.tokens.issue("busy", "alice").token
    listed = "".join(f"  - {{slug: t{number}, name: New}}\n" for number in range(200))
    (tmp_path / "many.yaml").write_text(f"version: 1\ntenants:\n{listed}")
    answers: list[int] = []
    done = threading.Event()

    def call() -> None:
        # As fast as they can, two callers would leave the commands nothing of two processors.
        while not done.is_set():
            answers.append(server.get("/me", token, "busy")[0])

    def manage(command: str) -> None:
        asked = [*MANAGE, *command.split()]
        told = subprocess.run(
            asked, cwd=tmp_path, env=environ_of(settings), check=False, capture_output=True
        )
        assert told.returncode == 0, told.stderr
        threading.Event().wait(settings.staleness_s)

    def answers_of(slug: str) -> set[int]:
        return {server.get("/me", bob, slug)[0] for _ in range(6)}

    server.wait_for_both_workers("/me", token, "busy")
    callers = [threading.Thread(target=call) for _ in range(2)]
    for caller in callers:
        caller.start()
    try:
        manage("apply many.yaml")
        bob = registry.tokens.issue("t7", "bob").token
        assert answers_of("t7") == {200}
        manage("key rotate t7 --now")
        assert answers_of("t7") == {200}
        manage("tenant update t7 --issuer https://new.test --yes")
        assert answers_of("t7") == {401}
        manage("tenant suspend t7 --yes")
        assert answers_of("t7") == {403}
    finally:
        done.set()
        for caller in callers:
            caller.join()
    assert len(answers) > 50
    assert set(answers) == {200}


def test_a_worker_that_starts_without_a_registry_recovers_by_itself(
    set_up: SetUp, settings: Settings, tmp_path: Path
) -> None:
    with serving(settings, tmp_path) as server:
        assert server.get("/me")[0] == 503
        assert server.retry_after == "2"
        assert server.get("/readyz")[0] == 503
        registry = set_up()
        registry.tenants.create("acme")
        token = registry.tokens.issue("acme", "alice").token
        server.wait_for("/me", 200, token)
        server.wait_for("/readyz", 200)


def test_the_master_key_is_not_needed_to_verify(
    set_up: SetUp, settings: Settings, tmp_path: Path
) -> None:
    """threat 109"""
    registry = set_up()
    registry.tenants.create("acme")
    token = registry.tokens.issue("acme", "alice").token
    Path(settings.master_key_file).rename(tmp_path / "elsewhere")
    with serving(settings, tmp_path) as server:
        assert server.get("/readyz")[0] == 503
        assert server.get("/me", token)[0] == 200


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_a_restart_of_postgresql_fails_no_request(
    set_up: SetUp, settings: Settings, tmp_path: Path, postgresql_cluster: Cluster
) -> None:
    """threat 97: last known good policies serve meanwhile, and changes are noticed again."""
    registry = set_up()
    registry.tenants.create("acme")
    token = registry.tokens.issue("acme", "alice").token
    answers: list[int] = []
    with serving(settings, tmp_path) as server:
        server.wait_for_both_workers("/me", token)
        postgresql_cluster.stop()
        deadline = time.monotonic() + 3 * settings.staleness_s
        while time.monotonic() < deadline:
            answers.append(server.get("/me", token)[0])
        with pytest.raises(DatabaseError, match="cannot be reached"):
            registry.tenants.list()
        postgresql_cluster.start()
        answers += [server.get("/me", token)[0] for _ in range(20)]
        assert set(answers) == {200}
        registry.tenants.suspend("acme")
        server.wait_for("/me", 403, token)
