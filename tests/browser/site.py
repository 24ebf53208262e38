"""The site of `site_app` under gunicorn, and a page that calls it."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_ROOT = Path(__file__).parents[2]
_PATIENCE_S = 20
_FETCH = """async ([url, init]) => {
    try {
        const answer = await fetch(url, init);
        const headers = Object.fromEntries(answer.headers);
        return {status: answer.status, body: await answer.text(), headers};
    } catch { return null; }
}"""


@dataclass(frozen=True)
class Answer:
    """What a script could read."""

    status: int
    body: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Site:
    """A running site; ``token`` is acme's."""

    port: int
    token: str = field(default="", repr=False)

    def ask(self, path: str) -> tuple[int, str]:
        """Ask past the browser."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE_S)
        with closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def url(self, path: str, tenant: str = "acme") -> str:
        """Return an address of a tenant's."""
        return f"http://{tenant}.localhost:{self.port}{path}"

    def visit(self, page: Page, host: str) -> "Script":
        """Open a blank page of this host."""
        page.goto(f"http://{host}:{self.port}/page")
        return Script(self, page)


@dataclass(frozen=True)
class Script:
    """The script of a page."""

    site: Site
    page: Page

    def fetch(
        self, path: str, *, tenant: str = "acme", token: bool = False, **init: Any
    ) -> Answer | None:
        """Fetch and read; ``None`` is what the browser keeps from the script."""
        headers = dict(init.pop("headers", {}))
        if token:
            headers["Authorization"] = f"Bearer {self.site.token}"
        url = self.site.url(path, tenant)
        read = self.page.evaluate(_FETCH, [url, {**init, "headers": headers}])
        return None if read is None else Answer(**read)


@contextmanager
def running_site() -> Iterator[Site]:
    """Serve the site by one worker until the block ends."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        site = Site(listening.getsockname()[1])
        listening.set_inheritable(True)
        command = [
            *(sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "4"),
            *("--bind", f"fd://{listening.fileno()}", "--no-control-socket"),
            "tests.browser.site_app:create_app()",
        ]
        with subprocess.Popen(
            command,
            cwd=_ROOT,
            env={**os.environ, "PYTHONPATH": str(_ROOT), "SITE_PORT": str(site.port)},
            pass_fds=[listening.fileno()],
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                _wait_until_it_serves(site)
                yield Site(site.port, site.ask("/token")[1])
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=_PATIENCE_S)
            finally:
                process.kill()


def _wait_until_it_serves(site: Site) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        try:
            if site.ask("/readyz")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.02)
    raise AssertionError("the site does not serve")
