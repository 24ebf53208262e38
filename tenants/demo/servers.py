"""Both servers in one process, each in a thread, until a signal says stop."""

import signal
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from wsgiref.types import WSGIApplication

from werkzeug.serving import WSGIRequestHandler, make_server

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _Quiet(WSGIRequestHandler):
    """Writes no line for each request: the terminal belongs to the guide."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing; what the stack refuses is told by its own log."""


def listen(port: int) -> socket.socket:
    """Return a socket that listens on loopback, so that a port taken is known before all else.

    Raises:
        OSError: when nobody can listen there.
    """
    return socket.create_server(("127.0.0.1", port), backlog=128)


@contextmanager
def serving(apps: Iterable[tuple[socket.socket, WSGIApplication]]) -> Iterator[None]:
    """Serve each app on its socket while the block runs."""
    with ExitStack() as running:
        for listener, app in apps:
            running.enter_context(_serving(listener, app))
        yield


@contextmanager
def _serving(listener: socket.socket, app: WSGIApplication) -> Iterator[None]:
    host, port = listener.getsockname()
    server = make_server(
        host, port, app, threaded=True, request_handler=_Quiet, fd=listener.fileno()
    )
    # Looked at often, so that a stop is not waited for.
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def stop_signals_held() -> Iterator[None]:
    """Keep the signals that stop us for `wait_for_stop`; threads begun in the block inherit it.

    A signal that interrupted the start or the end half-way would leave a traceback.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def wait_for_stop() -> None:
    """Return when a signal says stop; call it within `stop_signals_held`."""
    signal.sigwait(STOP_SIGNALS)
