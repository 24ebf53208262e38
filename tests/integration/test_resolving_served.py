"""Ways of resolving under ``serve``, asked with bytes that no client library would send."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.registries import new_registry

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[2]
PROXIED = {"TENANTAUTH_RESOLVE": "path,host,header", "TENANTAUTH_TRUSTED_PROXIES": "1"}

Send = Callable[..., "Answer"]


class Answer(NamedTuple):
    """The status, and the tenant that the app saw or the code of the refusal."""

    status: int
    said: str


def answer_of(received: bytes) -> Answer:
    text = received.decode("latin-1")
    said = re.search(r'"(?:tenant|code)": ?"(\w+)"', text)
    return Answer(int(text.split(" ")[1]), said[1] if said else "")


@pytest.fixture(scope="module")
def send(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Send]:
    """Serve an app to three tenants; one lives at an internationalised host."""
    folder = tmp_path_factory.mktemp("served")
    registry = new_registry(folder)
    registry.tenants.create("acme")
    registry.tenants.create("globex")
    registry.tenants.create("buch", hosts=["b\u00fccher.test"])
    registry.dispose()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    bind = ("--bind", f"127.0.0.1:{port}")
    app = ("--app", "tests.integration.shop:create_app()")
    with subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "serve", *app, *bind],
        cwd=folder,
        env={**os.environ, **PROXIED, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("serving ")

        def send(target: str, *fields: str) -> Answer:
            lines = (f"GET {target} HTTP/1.1", *fields, "Connection: close", "", "")
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                connection.sendall("\r\n".join(lines).encode("latin-1"))
                return answer_of(connection.makefile("rb").read())

        yield send
        process.terminate()


@pytest.mark.parametrize(
    ("target", "fields", "expected"),
    [
        ("/t/acme/open", ["Host: localhost"], (200, "acme")),
        ("//t/acme/open", ["Host: localhost"], (200, "acme")),
        ("/t/acme%2Fopen", ["Host: localhost"], (200, "acme")),
        ("/%74/acme/open", ["Host: localhost"], (200, "acme")),
        ("/t/%41cme/open", ["Host: localhost"], (404, "unknown_tenant")),
        ("/t%2Facme/open", ["Host: localhost"], (200, "acme")),
        ("/t/acme/../globex/open", ["Host: localhost"], (400, "invalid_request")),
        ("/t/acme/%2e%2e/globex/open", ["Host: localhost"], (400, "invalid_request")),
        ("/t/acm%ff/open", ["Host: localhost"], (404, "unknown_tenant")),
        ("/t/globex/open", ["Host: acme.localhost"], (400, "tenant_conflict")),
        ("/open", ["Host: localhost", "X-Tenant: acme"], (200, "acme")),
        ("/open", ["Host: acme.localhost", "X-Tenant: globex"], (400, "tenant_conflict")),
        ("/t/acme/open", ["Host: localhost", "X-Tenant: globex"], (400, "tenant_conflict")),
        (
            "/open",
            ["Host: localhost", "X-Tenant: acme", "X-Tenant: globex"],
            (400, "invalid_request"),
        ),
        (
            "/open",
            ["Host: localhost", "X-Tenant: acme", "X-Tenant: acme"],
            (400, "invalid_request"),
        ),
        ("/open", ["Host: localhost", "X-Tenant:"], (400, "invalid_request")),
        ("/open", ["Host: localhost", "X-Tenant: acme", "X_Tenant: globex"], (400, "")),
        ("/open", ["Host: localhost", "X_Tenant: acme"], (400, "")),
        ("/open", ["Host: localhost", "SCRIPT_NAME: /t/acme"], (400, "")),
        ("/t/acme/open", ["Host: localhost", "SCRIPT_NAME: /t"], (400, "")),
        ("/open", ["Host: localhost", "Script-Name: /t/acme"], (404, "unknown_tenant")),
        ("/t/acme/open", ["Host: localhost", "Host: acme.localhost"], (400, "")),
        ("/open", ["Host: b\xc3\xbccher.test"], (400, "invalid_request")),
        ("/open", ["Host: xn--bcher-kva.test"], (200, "buch")),
        ("/open", ["Host: XN--BCHER-KVA.test.:81"], (200, "buch")),
        ("http://localhost/t/acme/open", ["Host: localhost"], (200, "acme")),
        ("http://globex.localhost/open", ["Host: acme.localhost"], (400, "invalid_request")),
        ("http://localhost/t/acme/open", ["Host: globex.localhost"], (400, "invalid_request")),
        ("/t/acme/open", [], (400, "invalid_request")),
    ],
)
def test_bytes_name_one_tenant_or_none(
    send: Send, target: str, fields: list[str], expected: tuple[int, str]
) -> None:
    """Threats 45, 46 and 48: no peer moves a path, and no field is read in two ways."""
    assert send(target, *fields) == expected
