"""``serve`` with two workers for tenants that trust a provider, each worker asked by itself."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

from tenants.registry import Registry

ROOT = Path(__file__).parents[2]
ORIGIN = "https://app.acme.test"
WORKERS = 2
_DEADLINE_S = 20.0


class Answer(NamedTuple):
    """What a worker said."""

    status: int
    said: dict[str, Any]
    headers: Message

    @property
    def outcome(self) -> tuple[int, object]:
        """The status, and the code of a refusal."""
        return self.status, self.said.get("code")


class Site:
    """A server of several workers; ``pids`` are theirs."""

    def __init__(self, port: int, clock: Path) -> None:
        self._port = port
        self._clock = clock
        self._later_s = 0.0
        self.pids = self._find_workers()

    def later(self, seconds: float) -> None:
        """Let issuers' keys grow older, in all workers at once."""
        self._later_s += seconds
        new = self._clock.with_suffix(".new")
        new.write_text(str(self._later_s))
        new.replace(self._clock)

    def ask(
        self, token: str | None, tenant: str = "acme", path: str = "/who", pid: int | None = None
    ) -> Answer:
        """Ask the worker of this pid, else any."""
        connection = self._connect() if pid is None else self._connect_to(pid)
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        headers = {"Host": f"{tenant}.localhost", "Origin": ORIGIN, **bearer}
        return _ask(connection, path, headers, last=True)

    def ask_all(self, token: str, tenant: str = "acme") -> set[tuple[int, object]]:
        """Return what the workers say, each asked once; one element when they agree."""
        return {self.ask(token, tenant, pid=pid).outcome for pid in self.pids}

    def _connect(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self._port, timeout=_DEADLINE_S)

    def _connect_to(self, pid: int) -> HTTPConnection:
        """Return a connection that this worker has taken: a kept one stays with its worker."""
        deadline = time.monotonic() + _DEADLINE_S
        while time.monotonic() < deadline:
            connection = self._connect()
            if _pid(connection) == pid:
                return connection
            connection.close()
        raise AssertionError(f"worker {pid} took no connection")

    def _find_workers(self) -> frozenset[int]:
        pids: set[int] = set()
        deadline = time.monotonic() + _DEADLINE_S
        while len(pids) < WORKERS:
            assert time.monotonic() < deadline, "not every worker took a connection"
            connection = self._connect()
            pids.add(_pid(connection))
            connection.close()
        return frozenset(pids)


def _pid(connection: HTTPConnection) -> int:
    pid: int = _ask(connection, "/worker", {"Host": "acme.localhost"}, last=False).said["pid"]
    return pid


def _ask(connection: HTTPConnection, path: str, headers: dict[str, str], *, last: bool) -> Answer:
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    answer = Answer(response.status, json.loads(response.read()), response.headers)
    if last:
        connection.close()
    return answer


@contextmanager
def serving_club(registry: Registry, folder: Path) -> Iterator[Site]:
    """Serve `tests.integration.clubhouse` to the tenants of this registry."""
    settings = registry.settings
    clock = folder / "moved-clock"
    clock.write_text("0")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    bind = ("--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS))
    app = ("--app", "tests.integration.clubhouse:create_app()")
    networks = ",".join(f"{each.network}:{each.port}" for each in settings.issuer_networks)
    kept = {name: value for name, value in os.environ.items() if "TENANTAUTH" not in name}
    with subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "serve", *app, *bind],
        cwd=folder,
        env={
            **kept,
            "PYTHONPATH": str(ROOT),
            "MOVED_CLOCK": str(clock),
            "TENANTAUTH_DATABASE_URL": settings.database_url,
            "TENANTAUTH_MASTER_KEY_FILE": settings.master_key_file,
            "TENANTAUTH_ISSUER_NETWORKS": networks,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("serving ")
            yield Site(port, clock)
        finally:
            process.terminate()
