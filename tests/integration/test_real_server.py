"""The stack under real servers: threads, forks, kept connections, and headers as they arrive."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.integration.served import create_app

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[2]
WORKERS = 2


class KeepingAlive(WSGIRequestHandler):
    """A handler that keeps connections open, and quiet."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class Connection:
    """One connection to a server."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)

    def ask(
        self,
        path: str,
        token: str | None = None,
        host: str = "acme.localhost",
        method: str = "GET",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, str]:
        """Send a request and return status and body."""
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        self._connection.request(method, path, headers={"Host": host, **bearer, **(headers or {})})
        response = self._connection.getresponse()
        return response.status, response.read().decode()

    def who(self, path: str, token: str | None = None, **options: str) -> tuple[object, ...]:
        """Return whom the app took the caller for."""
        status, body = self.ask(path, token, headers=options)
        assert status == 200, body
        said = json.loads(body)
        return said["tenant"], said["subject"], said["remote_user"]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def threaded(listening: socket.socket) -> Iterator[int]:
    """Serve by a threaded server of this process."""
    port = listening.getsockname()[1]
    server = make_server(
        "127.0.0.1",
        port,
        create_app(),
        threaded=True,
        request_handler=KeepingAlive,
        fd=listening.fileno(),
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield port
    server.shutdown()
    thread.join()
    server.server_close()


def gunicorn(listening: socket.socket) -> Iterator[int]:
    """Serve by forked workers that share an app loaded before the fork."""
    command = [
        *(sys.executable, "-m", "gunicorn", "--preload", "--workers", str(WORKERS)),
        *("--worker-class", "gthread", "--threads", "4", "--keep-alive", "30"),
        *("--bind", f"fd://{listening.fileno()}", "--no-control-socket"),
        "tests.integration.served:create_app()",
    ]
    listening.set_inheritable(True)
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        pass_fds=[listening.fileno()],
        stderr=subprocess.DEVNULL,
    ) as process:
        yield listening.getsockname()[1]
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        finally:
            process.kill()


@pytest.fixture(scope="module", params=[threaded, gunicorn], ids=["threaded", "gunicorn"])
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        yield from request.param(listening)


@pytest.fixture
def connection(port: int) -> Iterator[Connection]:
    connection = Connection(port)
    yield connection
    connection.close()


@pytest.fixture
def alice(connection: Connection) -> str:
    return connection.ask("/token/acme/alice")[1]


def workers(port: int) -> dict[int, dict[str, object]]:
    """Ask on new connections until every worker has answered."""
    found: dict[int, dict[str, object]] = {}
    for _ in range(500):
        connection = Connection(port)
        said = json.loads(connection.ask("/worker")[1])
        connection.close()
        found[said["pid"]] = said
        if len(found) == (1 if os.getpid() in found else WORKERS):
            break
    return found


def test_every_worker_serves_and_opens_its_own(port: int) -> None:
    """Threat 80: no thread or look-up before the fork, and one follower in each worker."""
    found = workers(port)
    assert len(found) == (1 if os.getpid() in found else WORKERS)
    for pid, said in found.items():
        assert said["used_by"] == [pid]
        if pid != os.getpid():
            assert said["followers"] == 1
            assert set(said["threads_before_forks"]) == {1}  # type: ignore[call-overload]  # a list


def test_a_token_opens_what_is_closed_without(connection: Connection, alice: str) -> None:
    assert connection.ask("/closed")[0] == 401
    assert connection.who("/closed", alice) == ("acme", "alice", "acme/alice")
    assert connection.ask("/closed", alice, host="globex.localhost")[0] == 401


SPOOFED = {
    "environ name": {"REMOTE_USER": "acme/root"},
    "dashes": {"Remote-User": "acme/root"},
    "small letters": {"remote_user": "acme/root"},
    "prefixed": {"X-Remote-User": "acme/root"},
    "scheme": {"Auth-Type": "Bearer", "AUTH_TYPE": "Bearer"},
    "our key": {"tenantauth.grant": "acme/root"},
    "our key in a header's form": {"Tenantauth-Grant": "root", "TENANTAUTH_GRANT": "root"},
    "our key as CGI writes it": {"HTTP_TENANTAUTH.GRANT": "root", "HTTP_REMOTE_USER": "root"},
    "tenantless": {"tenantauth.tenantless": "1", "Tenantauth.Tenantless": "1"},
    "folded": {"X-Tenant": "globex", "X_Tenant": "globex", "X_Forwarded_Host": "globex.localhost"},
    "forwarded": {"X-Forwarded-Host": "globex.localhost", "Forwarded": "host=globex.localhost"},
    "rewritten": {"X-Original-URL": "/open", "X-Rewrite-URL": "/open"},
    "overridden": {"X-HTTP-Method-Override": "OPTIONS", "X-Method-Override": "HEAD"},
}


@pytest.mark.parametrize("headers", SPOOFED.values(), ids=SPOOFED)
def test_no_header_says_who_calls(
    connection: Connection, alice: str, headers: dict[str, str]
) -> None:
    """Threats 46 and 53: in any spelling, with and without a token."""
    assert connection.ask("/closed", headers=headers)[0] == 401
    assert connection.who("/open", **headers) == ("acme", None, None)
    assert connection.who("/closed", alice, **headers) == ("acme", "alice", "acme/alice")


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/closed", {"SCRIPT_NAME": "/closed"}),
        ("/open/closed", {"SCRIPT_NAME": "/open"}),
        ("/closed", {"SCRIPT_NAME": "/"}),
        ("/closed", {"PATH_INFO": "/open"}),
        ("/xclosed", {"SCRIPT_NAME": "/x"}),
        ("/closed", {"SCRIPT-NAME": "/closed", "Path-Info": "/healthz"}),
    ],
)
def test_a_moved_path_opens_nothing(
    connection: Connection, path: str, headers: dict[str, str]
) -> None:
    """Threats 48 and 55: a server may believe such a header; stack and app read the same path."""
    status, body = connection.ask(path, headers=headers)
    assert status in (400, 401, 404, 500)
    assert "subject" not in body


@pytest.mark.parametrize("path", ["/few", "/%66ew", "//few", "/few?x=1", "/few#x"])
def test_no_spelling_of_a_path_escapes_its_limit(connection: Connection, path: str) -> None:
    """Threats 48 and 73: a limit of one an hour, in each worker, is soon spent."""
    statuses = [connection.ask("/few")[0] for _ in range(WORKERS + 1)]
    assert statuses[-1] == 429
    assert connection.ask(path)[0] in (429, 404)


@pytest.mark.parametrize("method", ["OPTIONS", "HEAD", "POST", "TRACE", "get", "DELETE"])
def test_no_method_goes_around_the_stack(connection: Connection, method: str) -> None:
    """Threats 55 and 59."""
    status, body = connection.ask("/closed", method=method)
    assert status in (400, 401, 405)
    assert "subject" not in body


@pytest.mark.parametrize(
    "path", ["/static/x.css", "/static/../closed", "/closed/", "/closed%2f", "/open/../closed"]
)
def test_no_path_goes_around_the_stack(connection: Connection, path: str) -> None:
    """Threat 55: static files, error pages and 404 handlers."""
    status, body = connection.ask(path)
    assert status in (401, 404)
    assert "subject" not in body


def say(port: int, *lines: str) -> tuple[int, str]:
    """Send a request line and header lines as they are."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall("\r\n".join((*lines, "Connection: close", "", "")).encode("latin-1"))
        response = HTTPResponse(connection)
        response.begin()
        return response.status, response.read().decode()


HOSTS = {
    "none": [],
    "empty": ["Host:"],
    "two": ["Host: acme.localhost", "Host: globex.localhost"],
    "list": ["Host: acme.localhost, globex.localhost"],
    "user information": ["Host: acme.localhost@globex.localhost"],
    "space": ["Host: acme.localhost globex.localhost"],
    "path": ["Host: acme.localhost/globex"],
    "nested": ["Host: a.acme.localhost"],
    "apex": ["Host: localhost"],
    "address": ["Host: 127.0.0.1"],
    "full width": ["Host: \xef\xbd\x81cme.localhost"],
}


@pytest.mark.parametrize("lines", HOSTS.values(), ids=HOSTS)
def test_no_host_leads_to_a_tenant_by_accident(port: int, alice: str, lines: list[str]) -> None:
    """Threats 45 and 47."""
    bearer = f"Authorization: Bearer {alice}"
    status, body = say(port, "GET /closed HTTP/1.1", *lines, bearer)
    assert status in (400, 401, 404)
    assert "subject" not in body


def test_an_absolute_target_is_one_tenant_or_none(port: int, alice: str) -> None:
    """Threat 46: a token never meets another tenant than the one that the app is told."""
    status, body = say(
        port,
        "GET http://globex.localhost/closed HTTP/1.1",
        "Host: acme.localhost",
        f"Authorization: Bearer {alice}",
    )
    assert status in (200, 400, 401)
    assert status != 200 or json.loads(body)["tenant"] == "acme"


def test_health_is_answered_for_any_host(connection: Connection) -> None:
    assert connection.ask("/healthz", host="10.0.0.1")[0] == 200
    assert connection.ask("/readyz", host="10.0.0.1")[0] == 200


def test_an_identity_never_leaks_on_a_kept_connection(connection: Connection) -> None:
    """Threat 54: callers, nobody and refused tokens take turns on one connection."""
    tokens = {name: connection.ask(f"/token/acme/{name}")[1] for name in ("ann", "bob")}
    for _ in range(5):
        for name, token in tokens.items():
            assert connection.who("/open", token) == ("acme", name, f"acme/{name}")
            assert connection.who("/open") == ("acme", None, None)
            assert connection.ask("/open", token[:-4])[0] == 401
            assert connection.who("/open") == ("acme", None, None)


def test_an_identity_never_leaks_between_threads(port: int) -> None:
    """Threat 54: many callers of two tenants at once, each with nobody in between."""

    def call(number: int) -> None:
        connection, slug = Connection(port), ("acme", "globex")[number % 2]
        host, name = f"{slug}.localhost", f"user-{number}"
        token = connection.ask(f"/token/{slug}/{name}", host=host)[1]
        for _ in range(10):
            for bearer, subject in ((token, name), (None, None)):
                _, body = connection.ask("/open", bearer, host=host)
                said = json.loads(body)
                assert (said["tenant"], said["subject"]) == (slug, subject)
        connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(call, range(6)))
