import http.client
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.tenants.cli.kit import Run, Start

SHOP = """
from flask import Flask, request
from tenantauth.flask import TenantAuth, current_tenant

def create_app():
    app = Flask("shop")
    TenantAuth(app)
    app.get("/path")(lambda: [current_tenant.slug, request.root_path, request.path])
    app.get("/fails", endpoint="fails")(lambda: {}["hunter2"])
    return app

plain = Flask("plain")
plain.get("/path")(lambda: ["plain"])

def wsgi(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["tenantauth.grant"].identity.subject.encode()]

nothing = None

def broken():
    raise RuntimeError("its database is away")
"""

STATIC = """
from flask import Flask
from tenants import StaticSource
from tenantauth.flask import TenantAuth

app = Flask("static_shop")
TenantAuth(app, registry=StaticSource.from_file("tenants.yaml"))
app.get("/")(lambda: "hello")
"""


class Answer(NamedTuple):
    """What a server said."""

    status: int
    body: str
    request_id: str | None = None


class Served:
    """A server process and how to ask it."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process = process
        self.port = port

    def get(self, path: str, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.putrequest("GET", path, skip_host="host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        body = response.read().decode()
        answer = Answer(response.status, body, response.headers["X-Request-Id"])
        connection.close()
        return answer

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


@pytest.fixture
def shop(folder: Path) -> None:
    (folder / "shop.py").write_text(SHOP)


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def serve(start: Start, free_port: int) -> Iterator[Callable[..., Served]]:
    """Start a server and wait until it says that it serves."""
    started: list[subprocess.Popen[str]] = []

    def serve(*arguments: str) -> Served:
        process = start("serve", "--bind", f"127.0.0.1:{free_port}", *arguments)
        started.append(process)
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("serving "), process.stderr.read()
        return Served(process, free_port)

    yield serve
    for process in started:
        with process:
            process.kill()


@pytest.fixture
def token(acme: str, run: Run) -> str:
    return "Bearer " + run("token", "issue", acme, "--subject", "alice").out.strip()


HOST = "acme.localhost"


@pytest.mark.server
@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("spec", "body"),
    [
        ("shop:create_app()", '["acme","","/path"]\n'),
        ("shop:plain", '["plain"]\n'),
        ("shop:wsgi", "alice"),
    ],
    ids=["an app with TenantAuth", "another Flask app", "another WSGI app"],
)
def test_an_app_is_behind_the_stack(
    serve: Callable[..., Served], token: str, spec: str, body: str
) -> None:
    server = serve("--app", spec)
    assert server.get("/healthz").status == 200
    assert server.get("/readyz").status == 200
    assert server.get("/path", host=HOST).status == 401
    assert server.get("/path", host=HOST, authorization=token)[:2] == (200, body)
    assert server.stop() == 0


@pytest.mark.server
def test_without_an_app_the_token_service_is_served(
    serve: Callable[..., Served], token: str, run: Run
) -> None:
    keys = serve().get("/.well-known/jwks.json", host=HOST)
    assert keys.status == 200
    assert all(kid in keys.body for kid in _kids(run))


def _kids(run: Run) -> list[str]:
    return [row.split()[0] for row in run("key", "list", "acme").out.splitlines()[2:]]


@pytest.mark.server
@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    "headers",
    [{"SCRIPT_NAME": "/path"}, {"PATH_INFO": "/other"}, {"X_Tenant": "globex"}],
    ids=["SCRIPT_NAME", "PATH_INFO", "an underscore"],
)
def test_header_names_that_wsgi_would_fold_are_refused(
    serve: Callable[..., Served], token: str, headers: dict[str, str]
) -> None:
    """Threats 46 and 48: a loopback peer moves no path and names no tenant by a header."""
    server = serve("--app", "shop:create_app()")
    assert server.get("/path", host=HOST, authorization=token, **headers).status == 400
    answer = server.get("/path", host=HOST, authorization=token, **{"Script-Name": "/path"})
    assert answer[:2] == (200, '["acme","","/path"]\n')


@pytest.mark.server
@pytest.mark.usefixtures("shop")
@pytest.mark.usefixtures("installed")
def test_a_loopback_peer_cannot_claim_https(serve: Callable[..., Served], run: Run) -> None:
    """Threat 46: scheme headers are the stack's to judge, not the server's."""
    run("tenant", "create", "globex", "--host", "api.globex.test")
    token = "Bearer " + run("token", "issue", "globex", "--subject", "bob").out.strip()
    claims = {"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "on", "X-Forwarded-Protocol": "ssl"}
    server = serve("--app", "shop:create_app()")
    refused = server.get("/path", host="api.globex.test", authorization=token, **claims)
    assert (refused.status, "insecure_transport" in refused.body) == (403, True)


@pytest.mark.server
def test_each_worker_of_several_warns_and_serves(serve: Callable[..., Served], acme: str) -> None:
    server = serve("--workers", "2")
    assert server.get("/readyz").status == 200
    assert server.stop() == 0
    assert server.process.stderr is not None
    assert server.process.stderr.readline().startswith("warning: each of 2 workers counts")


@pytest.mark.server
def test_without_a_database_it_serves_and_says_that_it_is_not_ready(
    serve: Callable[..., Served],
) -> None:
    server = serve()
    assert (server.get("/healthz").status, server.get("/readyz").status) == (200, 503)
    assert server.stop() == 0
    assert server.process.stderr is not None
    assert server.process.stderr.readline().startswith("warning: not ready to serve tenants: ")


@pytest.mark.server
def test_an_app_without_a_database_is_served_without_a_warning(
    serve: Callable[..., Served], folder: Path
) -> None:
    (folder / "tenants.yaml").write_text("version: 1\ntenants: [{slug: acme}]\n")
    (folder / "static_shop.py").write_text(STATIC)
    server = serve("--app", "static_shop:app")
    assert (server.get("/readyz").status, server.get("/", host=HOST).status) == (200, 401)
    assert server.stop() == 0
    assert server.process.stderr is not None
    assert "warning" not in server.process.stderr.read()


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("nowhere:app", "No module named 'nowhere'"),
        ("shop:nope", "nope"),
        ("shop:nothing", "nothing"),
        ("shop:broken()", "its database is away"),
        ("shop:broken(", "broken("),
    ],
)
def test_an_app_that_cannot_be_loaded_is_one_line(
    manage: Run, free_port: int, spec: str, reason: str
) -> None:
    refused = manage("serve", "--app", spec, "--bind", f"127.0.0.1:{free_port}")
    assert (refused.status, refused.out, refused.err.count("\n")) == (1, "", 1)
    assert refused.err.startswith(f"error: {spec}: ")
    assert reason in refused.err


def test_a_port_that_is_taken_is_one_line(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        refused = run("serve", "--bind", address)
    assert (refused.status, refused.out) == (1, "")
    assert refused.err.startswith(f"error: cannot listen on {address}: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--bind", "8000"),
        ("--bind", "a:b"),
        ("--bind", "127.0.0.1:0"),
        ("--bind", "127.0.0.1:65536"),
        ("--workers", "0"),
        ("--app", "shop"),
    ],
    ids=" ".join,
)
def test_wrong_usage_has_status_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("serve", *arguments).status == 2


@pytest.mark.server
@pytest.mark.usefixtures("shop")
def test_no_debugger_answers_for_a_view_that_fails(
    serve: Callable[..., Served], token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threat 119: nor a traceback, also where the environment asks Flask for debug mode."""
    monkeypatch.setenv("FLASK_DEBUG", "1")
    answer = serve("--app", "shop:create_app()").get("/fails", host=HOST, authorization=token)
    assert answer.status == 500
    assert not any(word in answer.body for word in ("Traceback", "KeyError", "hunter2", "debugger"))
    assert answer.request_id
