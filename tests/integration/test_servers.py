"""One app under the servers that people use, with several workers and each kind of counters."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest
from redis import Redis
from sqlalchemy import text

from tenantauth.limit import Limit
from tenantauth.settings import Settings
from tenantauth.units import Rate
from tenants import db, migrations
from tenants.master_keys import MasterKeys
from tenants.registry import Registry
from tests.servers.postgresql import Databases
from tests.servers.valkey import ValkeyServer

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[2]
WORKERS = 2
FEW = 20
ORIGIN = "https://app.acme.test"
APP = "tests.integration.shop:create_app"
LIMITS = (
    Limit("few", Rate(FEW, 3600), by="subject", paths=("/few",)),
    Limit("strict", Rate(1000, 3600), by="subject", paths=("/strict",), on_outage="closed"),
)


OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def gunicorn(port: int) -> list[str]:
    """Two forked workers that share an app loaded before the fork."""
    bind = ("--bind", f"127.0.0.1:{port}", "--no-control-socket")
    workers = ("--workers", str(WORKERS), "--worker-class", "gthread", "--threads", "4")
    return ["gunicorn", "--preload", *workers, *bind, f"{APP}()"]


def granian(port: int) -> list[str]:
    """Two workers that each load the app."""
    bind = ("--host", "127.0.0.1", "--port", str(port), "--no-ws", "--no-access-log")
    workers = ("--workers", str(WORKERS), "--blocking-threads", "4")
    return ["granian", "--interface", "wsgi", *workers, *bind, "--factory", APP]


class Answer(NamedTuple):
    """What a server said."""

    status: int
    body: str
    headers: Message

    @property
    def who(self) -> tuple[object, ...]:
        assert self.status == 200, self.body
        said = json.loads(self.body)
        return said["tenant"], said["subject"], said["remote_user"]


class Site:
    """A server, its registry, and the server of its counters when it has one."""

    def __init__(self, port: int, registry: Registry, state: ValkeyServer | None) -> None:
        self._port = port
        self.state = state
        self._registry = registry

    def token(self, subject: str = "", slug: str = "acme", roles: tuple[str, ...] = ()) -> str:
        return self._registry.tokens.issue(slug, subject or uuid4().hex, roles=roles).token

    def ask(
        self,
        path: str,
        token: str | None = None,
        host: str = "acme.localhost",
        method: str = "GET",
        **headers: str,
    ) -> Answer:
        """Send a request on a new connection, which any worker may take."""
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        connection = HTTPConnection("127.0.0.1", self._port, timeout=20)
        connection.request(method, path, headers={"Host": host, **bearer, **headers})
        response = connection.getresponse()
        answer = Answer(response.status, response.read().decode(), response.headers)
        connection.close()
        return answer

    def wait_for(self, path: str, status: int, token: str | None = None) -> Answer:
        """Ask until the answer has this status; the clock of another process cannot be moved."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                answer = self.ask(path, token)
                if answer.status == status:
                    return answer
            except ConnectionError:
                pass
            threading.Event().wait(0.05)
        raise AssertionError(f"{path} never answered {status}")


def make_sqlite(folder: Path) -> str:
    url = f"sqlite:///{folder}/registry.db"
    engine = db.make_engine(url, create=True)
    migrations.upgrade(engine)
    engine.dispose()
    return url


def set_up(folder: Path, database_url: str) -> Settings:
    settings = Settings(database_url=database_url, master_key_file=f"{folder}/master.key")
    MasterKeys.create_file(Path(settings.master_key_file))
    registry = Registry.from_settings(settings)
    registry.tenants.create("acme", origins=[ORIGIN], limits=LIMITS)
    registry.tenants.create("globex")
    registry.dispose()
    return settings


def environ(settings: Settings, state_url: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "TENANTAUTH" not in name}
    return kept | {
        "PYTHONPATH": str(ROOT),
        "TENANTAUTH_DATABASE_URL": settings.database_url,
        "TENANTAUTH_MASTER_KEY_FILE": settings.master_key_file,
        "TENANTAUTH_STATE_URL": state_url,
    }


SHARED = [
    pytest.param((gunicorn, True), id="gunicorn-postgresql-valkey"),
    pytest.param((granian, True), id="granian-postgresql-valkey"),
]
ALONE = [
    pytest.param((gunicorn, False), id="gunicorn-sqlite-memory"),
    pytest.param((granian, False), id="granian-sqlite-memory"),
]


@pytest.fixture(scope="module", params=SHARED + ALONE)
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    command, at_scale = request.param
    folder = tmp_path_factory.mktemp("site")
    databases: Databases | None = None
    if at_scale:
        databases = request.getfixturevalue("postgresql_databases")
    settings = set_up(folder, databases.take() if databases else make_sqlite(folder))
    state = ValkeyServer(folder).start() if at_scale else None
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with (
        (folder / "server.log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", *command(port)],
            cwd=ROOT,
            env=environ(settings, state.url if state else "memory://"),
            stdout=log,
            stderr=log,
        ) as process,
    ):
        registry = Registry.from_settings(settings)
        site = Site(port, registry, state)
        try:
            site.wait_for("/healthz", 200)
            assert_nothing_is_open(state, settings)
            yield site
        finally:
            registry.dispose()
            if state is not None:
                state.kill()
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            finally:
                process.kill()
            if databases is not None:
                databases.give_back(settings.database_url)


def assert_nothing_is_open(state: ValkeyServer | None, settings: Settings) -> None:
    """Workers run and health is answered: neither database nor counters were needed for that."""
    if state is not None:
        with Redis(port=state.port) as client:
            assert len(client.client_list()) == 1
    path = settings.database_url.removeprefix("sqlite:///")
    if path == settings.database_url:
        assert others_connected(path) == 0
    # SQLite makes this file beside the database while somebody has it open for reading.
    assert not Path(f"{path}-shm").exists()


def others_connected(postgresql_url: str) -> int:
    engine = db.make_engine(postgresql_url)
    with engine.connect() as connection:
        counted = connection.scalar(text(OTHERS))
    engine.dispose()
    return int(counted or 0)


def test_every_worker_serves_and_opens_its_own(site: Site) -> None:
    """Threat 80: no thread before the fork, one follower in each worker."""
    found: dict[int, dict[str, object]] = {}
    for _ in range(500):
        said = json.loads(site.ask("/worker").body)
        found[said["pid"]] = said
        if len(found) == WORKERS:
            break
    assert len(found) == WORKERS
    for said in found.values():
        assert said["followers"] == 1
        assert set(said["threads_before_forks"]) <= {1}  # type: ignore[call-overload]  # a list


def test_a_token_opens_what_it_should(site: Site) -> None:
    alice = site.token("alice")
    assert site.ask("/closed").status == 401
    assert site.ask("/closed", alice).who == ("acme", "alice", "acme/alice")
    assert site.ask("/closed", alice, host="globex.localhost").status == 401
    assert site.ask("/closed", alice, host="nobody.localhost").status == 404
    assert site.ask("/open").who == ("acme", None, None)


def test_a_role_opens_what_requires_it(site: Site) -> None:
    refused = site.ask("/reports", site.token("alice"))
    assert (refused.status, json.loads(refused.body)["code"]) == (403, "insufficient_role")
    assert site.ask("/reports", site.token("bob", roles=("analyst",))).status == 200


def test_a_limit_holds_over_all_workers(site: Site) -> None:
    """Threat 80: exactly, with shared counters; with those in memory each worker's own."""
    token = site.token()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: site.ask("/few", token), range(3 * FEW)))
    statuses = [answer.status for answer in answers]
    assert set(statuses) == {200, 429}
    passed = statuses.count(200)
    assert passed == FEW if site.state else FEW <= passed <= WORKERS * FEW
    refused = next(answer for answer in answers if answer.status == 429)
    assert 3000 < int(refused.headers["Retry-After"]) <= 3600
    assert refused.headers["RateLimit-Policy"] == f'"few";q={FEW};w=3600'
    assert re.fullmatch(r'"few";r=0;t=\d+', refused.headers["RateLimit"])


def test_a_limit_of_one_tenant_is_not_another_tenants(site: Site) -> None:
    """Threat 75."""
    for _ in range(WORKERS * FEW):
        site.ask("/few", site.token("carol"))
    globex = site.token("carol", slug="globex")
    assert site.ask("/few", globex, host="globex.localhost").status == 200


@pytest.mark.parametrize("token", [None, "x.y.z"], ids=["no token", "a bad token"])
def test_a_page_may_read_a_refusal(site: Site, token: str | None) -> None:
    """Threat 67."""
    refused = site.ask("/closed", token, Origin=ORIGIN)
    assert refused.status == 401
    assert refused.headers["Access-Control-Allow-Origin"] == ORIGIN
    other = site.ask("/closed", token, Origin="https://evil.test")
    assert "Access-Control-Allow-Origin" not in other.headers


def test_a_preflight_needs_no_token(site: Site) -> None:
    """Threat 66."""
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
    answer = site.ask("/few", method="OPTIONS", **asked)
    assert (answer.status // 100, answer.headers["Access-Control-Allow-Origin"]) == (2, ORIGIN)
    assert "RateLimit" not in answer.headers


def test_health_is_answered_for_any_host(site: Site) -> None:
    assert site.ask("/healthz", host="10.0.0.1").status == 200
    assert site.ask("/readyz", host="10.0.0.1").status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"REMOTE_USER": "acme/root", "Remote-User": "acme/root"},
        {"tenantauth.grant": "acme/root", "HTTP_TENANTAUTH.GRANT": "root"},
        {"X-Tenant": "globex", "X-Forwarded-Host": "globex.localhost"},
        {"X-Original-URL": "/open", "X-HTTP-Method-Override": "OPTIONS"},
        {"SCRIPT_NAME": "/closed", "PATH_INFO": "/open"},
    ],
    ids=["user", "grant", "tenant", "path", "CGI"],
)
def test_no_header_says_who_calls(site: Site, headers: dict[str, str]) -> None:
    """Threats 46, 48 and 53: under each server."""
    assert site.ask("/closed", **headers).status in (400, 401, 404, 500)
    answer = site.ask("/closed", site.token("alice"), **headers)
    assert answer.status in (400, 404, 500) or answer.who == ("acme", "alice", "acme/alice")


def test_callers_are_never_mixed_up(site: Site) -> None:
    """Threats 54 and 80: many callers of two tenants, in all threads of all workers."""

    def call(number: int) -> None:
        slug, name = ("acme", "globex")[number % 2], f"user-{number}"
        token = site.token(name, slug)
        for _ in range(5):
            answer = site.ask("/open", token, host=f"{slug}.localhost")
            assert answer.who == (slug, name, f"{slug}/{name}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(call, range(16)))


@pytest.mark.parametrize("site", SHARED, indirect=True)
def test_an_outage_of_the_counters_is_survived(site: Site) -> None:
    """Threat 78: each limit does as it says, no 500, and it ends by itself."""
    assert site.state is not None
    token = site.token()
    assert site.ask("/strict", token).status == 200
    site.state.kill()
    assert site.ask("/readyz").status == 200
    refused = site.ask("/strict", token, Origin=ORIGIN)
    assert (refused.status, json.loads(refused.body)["code"]) == (503, "state_unavailable")
    assert refused.headers["Retry-After"] == "1"
    assert refused.headers["Access-Control-Allow-Origin"] == ORIGIN
    statuses = [site.ask("/few", token).status for _ in range(WORKERS * FEW + 1)]
    assert set(statuses) == {200, 429}
    site.state.start()
    site.wait_for("/strict", 200, token)
