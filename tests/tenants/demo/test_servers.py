import http.client
import signal
import socket
import threading
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from tenants.demo.servers import listen, serving, stop_signals_held, wait_for_stop


def greet(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["HTTP_HOST"].encode()]


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        found: int = probe.getsockname()[1]
    return found


def ask(port: int) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/", headers={"Host": "acme.localhost"})
    body = connection.getresponse().read()
    connection.close()
    return body


def test_an_app_is_served_while_the_block_runs(port: int) -> None:
    with listen(port) as listener, serving([(listener, greet)]):
        assert ask(port) == b"acme.localhost"


def test_nothing_listens_after_it(port: int) -> None:
    with listen(port) as listener, serving([(listener, greet)]):
        pass
    with pytest.raises(ConnectionRefusedError):
        ask(port)


def test_no_thread_is_left_behind(port: int) -> None:
    before = threading.active_count()
    with listen(port) as listener, serving([(listener, greet)]):
        assert threading.active_count() > before
    assert threading.active_count() == before


def test_a_port_that_is_taken_is_known_at_once(port: int) -> None:
    with listen(port), pytest.raises(OSError, match="in use"):
        listen(port)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=lambda stop: stop.name)
def test_a_signal_is_kept_until_it_is_waited_for(stop: signal.Signals) -> None:
    with stop_signals_held():
        signal.pthread_kill(threading.get_ident(), stop)
        wait_for_stop()


def test_signals_are_as_before_when_the_block_ends() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with stop_signals_held():
        assert signal.pthread_sigmask(signal.SIG_BLOCK, []) > before
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
