"""The demo as a person runs it: a process of its own, in a folder that was empty before."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tenants.demo.place import Place

ROOT = Path(__file__).parents[1]
_PATIENCE_S = 30


@dataclass(frozen=True, slots=True)
class RunningDemo:
    """A demo that serves; ``output`` is what it has printed."""

    process: subprocess.Popen[bytes]
    place: Place
    output_file: Path

    @property
    def output(self) -> str:
        return self.output_file.read_text()

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Stop it as a person would, and return its exit status."""
        self.process.send_signal(how)
        return self.process.wait(_PATIENCE_S)

    def ask(
        self,
        host: str,
        path: str,
        *,
        token: str | None = None,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
    ) -> http.client.HTTPResponse:
        """Ask the API; the name is in the Host header, for not every machine resolves it."""
        sent = {"Host": f"{host}:{self.place.port}", **(headers or {})}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        connection = http.client.HTTPConnection("127.0.0.1", self.place.port, timeout=_PATIENCE_S)
        connection.request(method, path, headers=sent)
        return connection.getresponse()


@contextmanager
def running_demo(folder: Path, port: int | None = None) -> Iterator[RunningDemo]:
    """Run the demo in a folder until the block ends."""
    port = port or free_port_pair()
    place = Place(folder / ".demo", port)
    environment = {n: v for n, v in os.environ.items() if not n.startswith("TENANTAUTH_")}
    command = [sys.executable, str(ROOT / "manage.py"), "demo", "--port", str(port)]
    output_file = folder / f"output-{time.monotonic_ns()}.txt"
    with output_file.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        demo = RunningDemo(process, place, output_file)
        _wait_until_it_serves(demo)
        yield demo
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def _wait_until_it_serves(demo: RunningDemo) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline and demo.process.poll() is None:
        try:
            # The last line of the guide: only then is everything set up.
            if "Ctrl-C" in demo.output and demo.ask("127.0.0.1", "/healthz").status == 200:
                return
        except OSError:
            pass
        time.sleep(0.02)
    raise AssertionError(f"the demo does not serve:\n{demo.output}")


def free_port_pair() -> int:
    """Return a port that is free now, as the one above it is."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as lower:
            port: int = lower.getsockname()[1]
            try:
                with socket.create_server(("127.0.0.1", port + 1)):
                    return port
            except (OSError, OverflowError):
                continue
