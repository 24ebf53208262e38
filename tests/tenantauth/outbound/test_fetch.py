import gzip
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tenantauth.errors import FetchError, RefusedAddressError
from tenantauth.outbound.connect import Connector
from tenantauth.outbound.fetch import MAX_BYTES, Fetched, Fetcher
from tenantauth.outbound.networks import NamedNetwork, Reach
from tests.servers.documents import Answer, Authority, document, saying, serving

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LINKS = b"Location: http://169.254.169.254/latest/meta-data/"


def fetch_from(answer: Answer, *, deadline_s: float = 5.0) -> tuple[Fetched, list[bytes]]:
    with serving(answer) as server:
        fetched = _fetcher(deadline_s).fetch(f"http://idp.test:{server.port}/jwks?a=b")
        return fetched, server.requests


def _fetcher(deadline_s: float = 5.0) -> Fetcher:
    named = Reach([NamedNetwork.parse("127.0.0.1")])
    connector = Connector(named, lookup=lambda _host, _port: ["127.0.0.1"])
    return Fetcher(connector, deadline_s=deadline_s)


def forever(piece: bytes, first: bytes = b"", *, pause_s: float = 0.0) -> Answer:
    def answer(connection: socket.socket) -> None:
        connection.sendall(first)
        connection.settimeout(pause_s)
        while not _has_hung_up(connection):
            connection.sendall(piece)

    return answer


def _has_hung_up(connection: socket.socket) -> bool:
    """Wait for that, as long as the socket waits."""
    try:
        return connection.recv(1) == b""
    except (TimeoutError, BlockingIOError):
        return False


@pytest.mark.parametrize(
    "answer",
    [
        document(b"{}"),
        document(b"{}", b"Content-Type: text/plain"),
        document(b"{}", b"Content-Encoding: Identity"),
        document(b"{}", b"Connection: close"),
        b"HTTP/1.0 200 OK\r\n\r\n{}",
        b"HTTP/1.1 200\r\n\r\n{}",
        CHUNKED + b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + document(b"{}"),
        document(b"{}") + b"HTTP/1.1 200 OK\r\n\r\nmore",
    ],
    ids=[
        "plain",
        "type",
        "identity",
        "close",
        "1.0",
        "no phrase",
        "chunked",
        "continue",
        "trailing",
    ],
)
def test_an_honest_answer_is_a_document(answer: bytes) -> None:
    assert fetch_from(saying(answer))[0] == Fetched(b"{}")


def test_a_request_says_no_more_than_it_must() -> None:
    """Threat 113: no cookie, no credential, nothing of the caller's."""
    requests = fetch_from(saying(document(b"{}")))[1]
    lines = requests[0].decode().split("\r\n")
    assert lines[0] == "GET /jwks?a=b HTTP/1.1"
    assert {line.partition(":")[0] for line in lines[1:] if line} == {
        "Host",
        "Accept",
        "Accept-Encoding",
        "Connection",
        "User-Agent",
    }
    assert "Accept-Encoding: identity" in lines
    assert lines[1].startswith("Host: idp.test:")


@pytest.mark.parametrize("status", [b"301", b"302", b"303", b"307", b"308", b"300", b"304"])
def test_a_redirect_is_not_followed(status: bytes) -> None:
    """Threat 113."""
    with pytest.raises(FetchError, match="redirects"):
        fetch_from(saying(document(b"{}", LINKS, status=status + b" Found")))


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threat 113."""
    with serving(saying(document(b"proxied"))) as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert fetch_from(saying(document(b"{}")))[0] == Fetched(b"{}")
        assert proxy.requests == []


def test_passwords_of_the_machine_are_not_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threat 113: a .netrc would be read by other clients."""
    (tmp_path / ".netrc").write_text("machine idp.test login a password b")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert b"Authorization" not in fetch_from(saying(document(b"{}")))[1][0]


@pytest.mark.parametrize(
    "answer",
    [
        document(b"{}", status=b"201 Created"),
        document(b"", status=b"204 No Content"),
        document(b"{}", status=b"206 Partial Content"),
        document(b"{}", status=b"404 Not Found"),
        document(b"{}", status=b"500 Error"),
        document(gzip.compress(b"{}"), b"Content-Encoding: gzip"),
        document(b"{}", b"Content-Encoding: br"),
        document(b"{}")[:-1],
        b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
        document(b"x" * (MAX_BYTES + 1)),
        b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * (MAX_BYTES + 1),
        CHUNKED + b"%x\r\n" % (MAX_BYTES + 1) + b"x" * (MAX_BYTES + 1) + b"\r\n0\r\n\r\n",
        CHUNKED + b"5\r\n{}",
        CHUNKED + b"2\r\n{}\r\n",
        CHUNKED + b"-1\r\n" + b"x" * 3 * MAX_BYTES,
        CHUNKED + b"-5\r\n" + b"x" * 3 * MAX_BYTES,
        CHUNKED + b"zz\r\n{}\r\n",
        CHUNKED + b"ffffffffffffffffff\r\n{}\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 101 + b"\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n{}",
        b"HTTP/2 200\r\n\r\n{}",
        b"{}",
        b"",
        b"\x00" * 100,
        b"HTTP/1.1 abc OK\r\n\r\n{}",
    ],
    ids=lambda answer: repr(answer[9:60])[2:50],
)
def test_any_other_answer_is_one_error(answer: bytes) -> None:
    """Threat 114: refused, compressed, cut off, too large or lying."""
    with pytest.raises(FetchError) as caught:
        fetch_from(saying(answer))
    assert "xxx" not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        forever(b"x" * 65536, b"HTTP/1.0 200 OK\r\n\r\n"),
        forever(b"100\r\n" + b"x" * 256 + b"\r\n", CHUNKED),
        forever(b"1;" + b"x" * 60_000 + b"\r\nx\r\n", CHUNKED),
        forever(b"X: " + b"y" * 60_000 + b"\r\n", CHUNKED + b"0\r\n"),
        forever(b"HTTP/1.1 100 Continue\r\n\r\n"),
        forever(b"x" * 1024),
    ],
    ids=["body", "chunks", "extensions", "trailers", "interim answers", "no line"],
)
def test_an_answer_without_end_is_ended(answer: Answer) -> None:
    """Threat 114: by its size, long before the deadline."""
    began_at = time.monotonic()
    with pytest.raises(FetchError):
        fetch_from(answer, deadline_s=60)
    assert time.monotonic() - began_at < 30


@pytest.mark.parametrize(
    "answer",
    [
        forever(b"x", b"HTTP/1.0 200 OK\r\n\r\n", pause_s=0.02),
        forever(b"1\r\nx\r\n", CHUNKED, pause_s=0.02),
        forever(b"x", b"HTTP/1.1 200 OK\r\nX: ", pause_s=0.02),
        forever(b"HTTP/1.1 100 Continue\r\n\r\n", pause_s=0.02),
        forever(b"", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{", pause_s=0.02),
        forever(b"", pause_s=0.02),
    ],
    ids=["body", "chunks", "header", "interim answers", "no end", "nothing"],
)
def test_an_answer_that_drips_ends_in_time(answer: Answer) -> None:
    """Threat 114: each byte comes well before a timeout of the socket's own."""
    began_at = time.monotonic()
    with pytest.raises(FetchError, match=r"within 0\.3 s"):
        fetch_from(answer, deadline_s=0.3)
    assert time.monotonic() - began_at < 5


@pytest.mark.parametrize(
    ("header", "max_age_s"),
    [
        (b"Cache-Control: max-age=600", 600),
        (b"cache-control: public, Max-Age=600, immutable", 600),
        (b'Cache-Control: max-age="600"', 600),
        (b"Cache-Control: s-maxage=600", None),
        (b"Cache-Control: no-store", 0),
        (b"Cache-Control: max-age=600, No-Cache", 0),
        (b"Cache-Control: max-age=600\r\nCache-Control: private, no-store", 0),
        (b"Cache-Control: public\r\nCache-Control: max-age=600", 600),
        (b"Cache-Control: max-age=600\r\nAge: 599", 1),
        (b"Cache-Control: max-age=600\r\nAge: 601", 0),
        (b"Cache-Control: max-age=600\r\nAge: -5", 600),
        (b"Cache-Control: max-age=600\r\nAge: soon", 600),
        (b"Age: 5", None),
        (b"Cache-Control: max-age=-1", None),
        (b"Cache-Control: max-age=99999999999999999999", None),
        (b"Cache-Control: max-age=1e9", None),
        (b"X: max-age=600", None),
    ],
)
def test_how_long_it_may_be_kept_is_read(header: bytes, max_age_s: float | None) -> None:
    assert fetch_from(saying(document(b"{}", header)))[0].max_age_s == max_age_s


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "http://8.8.8.8/", "https://[::1]/", "http://localhost/"]
)
def test_an_address_inside_is_an_error_of_its_own(url: str) -> None:
    """Threat 112."""
    with pytest.raises(RefusedAddressError):
        Fetcher(Connector(Reach())).fetch(url)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "https://0x7f000001/", "x", ""])
def test_what_is_no_url_is_an_error(url: str) -> None:
    """Threat 112."""
    with pytest.raises(FetchError):
        _fetcher().fetch(url)


def _fail(error: Exception) -> Callable[[str, int], list[str]]:
    def lookup(_host: str, _port: int) -> list[str]:
        raise error

    return lookup


@pytest.mark.parametrize(
    "error", [socket.gaierror(-2, "secret"), UnicodeError("secret"), TimeoutError("secret")]
)
def test_a_host_that_cannot_be_looked_up_is_an_error(error: Exception) -> None:
    connector = Connector(Reach(), lookup=_fail(error))
    with pytest.raises(FetchError) as caught:
        Fetcher(connector).fetch("https://idp.test/")
    assert "secret" not in str(caught.value)


def test_nobody_listening_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(FetchError, match=f"^nobody listens at idp.test port {port}$"):
        _fetcher().fetch(f"http://idp.test:{port}/")


def test_a_server_that_says_nothing_hangs_up() -> None:
    with pytest.raises(FetchError, match="hangs up before it has answered"):
        fetch_from(saying(b""))


def test_a_document_comes_over_tls(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    named = Reach([NamedNetwork.parse("127.0.0.1")])
    connector = Connector(named, lookup=lambda *_: ["127.0.0.1"], tls=authority.client())
    with serving(saying(document(b"{}")), tls=authority.server("idp.test")) as server:
        url = f"https://idp.test:{server.port}/"
        assert Fetcher(connector).fetch(url) == Fetched(b"{}")


def test_a_wrong_certificate_is_an_error(tmp_path: Path) -> None:
    """Threat 114."""
    with (
        serving(saying(document(b"{}")), tls=Authority(tmp_path).server("idp.test")) as server,
        pytest.raises(FetchError, match="certificate"),
    ):
        _fetcher().fetch(f"https://idp.test:{server.port}/")
    assert server.requests == []
