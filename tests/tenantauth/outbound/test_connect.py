import socket
import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tenantauth.errors import FetchError, RefusedAddressError
from tenantauth.outbound.connect import Connector, foreseen_refusal, system_lookup
from tenantauth.outbound.deadline import Deadline
from tenantauth.outbound.networks import NamedNetwork, Reach
from tenantauth.outbound.target import Target
from tests.servers.documents import Authority, DocumentServer, saying, serving


class ScriptedLookup:
    """Gives one answer after the other, and keeps what it was asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        return self._answers[len(self.asked) - 1]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def server() -> Iterator[DocumentServer]:
    with serving(saying(b"")) as server:
        yield server


def open_to(server: DocumentServer, lookup: ScriptedLookup, *named: str, scheme: str) -> str:
    """Return the address that a connection leads to."""
    connector = Connector(Reach(map(NamedNetwork.parse, named)), lookup=lookup)
    target = Target.parse(f"{scheme}://idp.test:{server.port}/jwks")
    with connector.open(target, Deadline(5)) as sock:
        return str(sock.getpeername()[0])


def shake_hands(connector: Connector, host: str, port: int) -> None:
    connector.open(Target.parse(f"https://{host}:{port}/"), Deadline(5)).close()


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["::1"], ["169.254.169.254"], ["8.8.8.8", "127.0.0.1"], ["8.8.8.8", "::"]],
    ids=",".join,
)
def test_one_inner_address_of_a_host_is_enough_to_refuse_it(
    server: DocumentServer, addresses: list[str], scheme: str
) -> None:
    """Threat 112."""
    with pytest.raises(RefusedAddressError):
        open_to(server, ScriptedLookup(addresses), scheme=scheme)


def test_a_literal_is_checked_and_not_looked_up() -> None:
    """Threat 112."""
    lookup = ScriptedLookup()
    with pytest.raises(RefusedAddressError):
        Connector(Reach(), lookup=lookup).open(Target.parse("https://127.0.0.1/"), Deadline(5))
    assert lookup.asked == []


def test_the_connection_goes_to_the_address_that_was_checked(server: DocumentServer) -> None:
    """Threat 113: a name that means another address a moment later."""
    lookup = ScriptedLookup(["127.0.0.2"], ["127.0.0.1"])
    with serving(saying(b""), address="127.0.0.2", port=server.port):
        assert open_to(server, lookup, "127.0.0.2", scheme="http") == "127.0.0.2"
        assert lookup.asked == ["idp.test"]
        with pytest.raises(RefusedAddressError):
            open_to(server, lookup, "127.0.0.2", scheme="http")


def test_an_address_that_does_not_answer_leaves_the_next(server: DocumentServer) -> None:
    lookup = ScriptedLookup(["127.0.0.3", "127.0.0.1"])
    assert open_to(server, lookup, "127.0.0.0/8", scheme="http") == "127.0.0.1"


def test_a_host_without_addresses_is_an_error(server: DocumentServer) -> None:
    with pytest.raises(FetchError):
        open_to(server, ScriptedLookup([]), "127.0.0.0/8", scheme="http")


def test_what_no_resolver_should_say_is_an_error(server: DocumentServer) -> None:
    with pytest.raises(ValueError, match="localhost"):
        open_to(server, ScriptedLookup(["localhost"]), "127.0.0.0/8", scheme="http")


@pytest.mark.parametrize("name", ["idp.test", "127.0.0.1"])
def test_a_certificate_for_the_name_is_good(authority: Authority, name: str) -> None:
    connector = _connector(authority.client())
    with serving(saying(b""), tls=authority.server(name)) as server:
        shake_hands(connector, name, server.port)


@pytest.mark.parametrize(
    ("name", "expired"),
    [("127.0.0.1", False), ("other.test", False), ("a.idp.test", False), ("idp.test", True)],
)
def test_another_certificate_is_not(authority: Authority, name: str, expired: bool) -> None:
    """Threat 114."""
    connector = _connector(authority.client())
    with (
        serving(saying(b""), tls=authority.server(name, expired=expired)) as server,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        shake_hands(connector, "idp.test", server.port)


def test_without_a_word_the_systems_authorities_count(authority: Authority) -> None:
    """Threat 114."""
    with (
        serving(saying(b""), tls=authority.server("idp.test")) as server,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        shake_hands(_connector(None), "idp.test", server.port)


def test_the_environment_can_name_the_authorities(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ca.pem").write_bytes(authority.pem())
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with serving(saying(b""), tls=authority.server("idp.test")) as server:
        shake_hands(_connector(None), "idp.test", server.port)


def test_a_handshake_that_never_ends_is_ended(server: DocumentServer) -> None:
    """Threat 114: the server waits for a request and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(TimeoutError):
        target = Target.parse(f"https://idp.test:{silent.getsockname()[1]}/")
        _connector(None).open(target, Deadline(0.2))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://idp.test/", None),
        ("https://8.8.8.8/", None),
        ("https://127.0.0.1/", None),
        ("https://127.0.0.2/", "neither public nor named"),
        ("http://8.8.8.8/", "plain http"),
        ("https://127.1/", "four decimal numbers"),
    ],
)
def test_what_will_not_be_connected_to_shows_early(url: str, why: str | None) -> None:
    """Threat 112."""
    said = foreseen_refusal(url, Reach([NamedNetwork.parse("127.0.0.1")]))
    assert said is None if why is None else why in str(said)


def test_the_systems_resolver_gives_texts() -> None:
    assert "127.0.0.1" in system_lookup("localhost", 443)


def _connector(tls: ssl.SSLContext | None) -> Connector:
    named = Reach([NamedNetwork.parse("127.0.0.1")])
    return Connector(named, lookup=lambda _host, _port: ["127.0.0.1"], tls=tls)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://login.partner.test/jwks", None),
        ("https://8.8.8.8/jwks", None),
        ("https://10.0.0.1/jwks", "neither public nor named"),
        ("https://[::1]/jwks", "neither public nor named"),
        ("http://127.0.0.1:9400/jwks", "plain http"),
        ("http://login.localhost:9400/jwks", "plain http"),
        ("https://127.1/jwks", "four decimal numbers"),
    ],
)
def test_what_a_url_leads_to_is_foreseen_without_a_look_up(url: str, reason: str | None) -> None:
    """Threat 112."""
    foreseen = foreseen_refusal(url, Reach())
    assert (foreseen is None) == (reason is None)
    assert (reason or "") in (foreseen or "")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_what_is_named_is_foreseen_to_be_reached(host: str) -> None:
    reach = Reach([NamedNetwork.parse("127.0.0.1:9400")])
    assert foreseen_refusal(f"http://{host}:9400/jwks", reach) is None
