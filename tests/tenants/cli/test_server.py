import socket

import pytest
from flask import Flask

from tenantauth.tokens.fetch_means import MAX_WAITING
from tenants.cli.server import Server, Serving, why_not_bindable


@pytest.fixture
def server() -> Server:
    return Server(lambda: Flask("app"), Serving("127.0.0.1", 8000, workers=3), lambda: None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("forwarded_allow_ips", []),
        ("forwarder_headers", []),
        ("secure_scheme_headers", {}),
        ("header_map", "refuse"),
        ("strip_header_spaces", False),
        ("permit_obsolete_folding", False),
        ("accesslog", None),
        ("workers", 3),
    ],
)
def test_no_peer_is_believed(server: Server, name: str, value: object) -> None:
    """Threats 46, 48 and 58."""
    assert getattr(server.cfg, name) == value


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threat 48: a variable for another server of the machine trusts no peer of ours."""
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--header-map dangerous --workers 9")
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    server = Server(lambda: Flask("app"), Serving("127.0.0.1", 8000), lambda: None)
    assert (server.cfg.header_map, server.cfg.workers) == ("refuse", 1)
    assert server.cfg.forwarded_allow_ips == []


def test_no_control_socket_is_opened(server: Server) -> None:
    assert getattr(server.cfg, "control_socket_disable", True)


def test_a_free_port_can_be_bound() -> None:
    assert why_not_bindable(Serving("127.0.0.1", 0)) is None


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_an_address_of_another_machine_cannot_be_bound(host: str) -> None:
    assert why_not_bindable(Serving(host, 8000))


def test_a_taken_port_cannot_be_bound() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert why_not_bindable(Serving("127.0.0.1", taken.getsockname()[1]))


def test_threads_are_left_for_requests_that_wait_for_no_issuer(server: Server) -> None:
    assert server.cfg.threads - MAX_WAITING >= 2
