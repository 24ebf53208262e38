"""Bytes on a socket against ``tenantauth serve``: what is ambiguous is refused, by whoever sees it.

Ambiguity is how one request becomes two, or one for another: each vector here ends in one answer,
and never in the words of a view.
"""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tenants.cli.server import Server, Serving

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[2]
ORIGIN = "Origin: https://app.acme.test"
HIDDEN = "GET /open HTTP/1.1\r\nHost: acme.localhost\r\n\r\n"


@dataclass(frozen=True)
class Said:
    """Everything that came back on one connection."""

    text: str

    @property
    def statuses(self) -> list[int]:
        return [int(status) for status in re.findall(r"HTTP/1\.[01] (\d{3}) ", self.text)]

    @property
    def subjects(self) -> list[str]:
        return re.findall(r'"subject":(null|"[a-z]+")', self.text)


@dataclass(frozen=True)
class Edge:
    """A server, spoken to in bytes; the end of what is sent is the end of the connection."""

    port: int

    def send(self, text: str) -> Said:
        received = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(text.encode("latin-1"))
            connection.shutdown(socket.SHUT_WR)
            while more := connection.recv(65_536):
                received += more
        return Said(received.decode("latin-1"))

    def ask(self, line: str, *fields: str, body: str = "") -> Said:
        return self.send(written(line, *fields, body=body))


def written(line: str, *fields: str, body: str = "") -> str:
    return "\r\n".join((line, "Host: acme.localhost", *fields, "", body))


@pytest.fixture(scope="module")
def edge() -> Iterator[Edge]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "manage.py", "serve", "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(
        [*command, "--app", "tests.integration.served:create_app()"],
        cwd=ROOT,
        env={**os.environ, "TENANTAUTH_DATABASE_URL": "sqlite:////nowhere/at/all.db"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("serving ")
        yield Edge(port)
        process.terminate()


@pytest.fixture(scope="module")
def bearer(edge: Edge) -> str:
    token = edge.ask("GET /token/acme/alice HTTP/1.1").text.rpartition("\r\n")[2]
    return f"Authorization: Bearer {token}"


def test_what_is_plain_is_answered(edge: Edge, bearer: str) -> None:
    assert edge.ask("GET /closed HTTP/1.1").statuses == [401]
    said = edge.ask("GET /closed HTTP/1.1", bearer)
    assert (said.statuses, said.subjects) == ([200], ['"alice"'])
    read = edge.ask("POST /body HTTP/1.1", "Content-Length: 5", body="hello").text
    assert '{"read":"hello"}' in read


FRAMES = {
    "two lengths": ["Content-Length: 5", "Content-Length: 6"],
    "a length twice": ["Content-Length: 5", "Content-Length: 5"],
    "a list of lengths": ["Content-Length: 5, 5"],
    "a plus": ["Content-Length: +5"],
    "a minus": ["Content-Length: -5"],
    "an underscore": ["Content-Length: 0_5"],
    "hexadecimal": ["Content-Length: 0x5"],
    "no length": ["Content-Length:"],
    "another digit": ["Content-Length: \xb2"],
    "length and chunks": ["Content-Length: 5", "Transfer-Encoding: chunked"],
    "chunks and length": ["Transfer-Encoding: chunked", "Content-Length: 5"],
    "chunked twice": ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
    "chunked, chunked": ["Transfer-Encoding: chunked, chunked"],
    "chunked, identity": ["Transfer-Encoding: chunked, identity"],
    "identity": ["Transfer-Encoding: identity"],
    "nearly chunked": ["Transfer-Encoding: xchunked"],
    "quoted": ['Transfer-Encoding: "chunked"'],
    "vertical tab": ["Transfer-Encoding: \x0bchunked"],
    "space before the colon": ["Transfer-Encoding : chunked"],
    "a name with an underscore": ["Transfer_Encoding: chunked"],
    "a folded encoding": ["Transfer-Encoding:", " chunked"],
}


@pytest.mark.parametrize("fields", FRAMES.values(), ids=FRAMES)
def test_an_ambiguous_length_is_refused_and_nothing_behind_it_is_read(
    edge: Edge, fields: list[str]
) -> None:
    """Threat 58: one refusal, and the request within the body is never answered."""
    said = edge.ask("POST /body HTTP/1.1", *fields, body="0\r\n\r\n" + HIDDEN)
    assert len(said.statuses) == 1
    assert said.statuses[0] in (400, 501)


def test_chunks_in_http_1_0_are_refused(edge: Edge) -> None:
    """Threat 58."""
    said = edge.ask("POST /body HTTP/1.0", "Transfer-Encoding: chunked", body="0\r\n\r\n" + HIDDEN)
    assert said.statuses == [400]


CHUNKS = {
    "a prefix": "0x5\r\nhello\r\n0\r\n\r\n",
    "a sign": "+5\r\nhello\r\n0\r\n\r\n",
    "an underscore": "0_5\r\nhello\r\n0\r\n\r\n",
    "junk": "5x\r\nhello\r\n0\r\n\r\n",
    "a space before": " 5\r\nhello\r\n0\r\n\r\n",
    "nothing": "\r\nhello\r\n0\r\n\r\n",
    "too long a chunk": "4\r\nhello\r\n0\r\n\r\n",
    "a bare line feed": "5\nhello\r\n0\r\n\r\n",
    "a bare line feed in an extension": "5;a\nb\r\nhello\r\n0\r\n\r\n",
    "more than there is": "ffffffffffffffff\r\nhello\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("chunks", CHUNKS.values(), ids=CHUNKS)
def test_malformed_chunks_are_the_callers_mistake(edge: Edge, chunks: str) -> None:
    """Threat 58: a 400, and nothing behind them is a request."""
    said = edge.ask("POST /body HTTP/1.1", "Transfer-Encoding: chunked", body=chunks + HIDDEN)
    assert set(said.statuses) == {400}
    assert said.subjects == []


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("Content-Length: 50", "hello"),
        ("Content-Length: 99999999999999999999", "hello"),
        ("Transfer-Encoding: chunked", "5\r\nhel"),
        ("Transfer-Encoding: chunked", "5\r\nhello\r\n"),
        ("Transfer-Encoding: chunked", "7fffffffffffffff\r\nhello"),
    ],
)
def test_half_a_body_is_no_body(edge: Edge, field: str, body: str) -> None:
    """Threat 58: what breaks off is the caller's mistake, and nothing is done with what came."""
    said = edge.ask("POST /body HTTP/1.1", field, body=body)
    assert said.statuses == [400]
    assert "hello" not in said.text


def test_fields_behind_a_body_are_no_headers(edge: Edge, bearer: str) -> None:
    """Threat 58, threat 53: trailers say neither who calls nor which tenant is meant."""
    trailers = f"5\r\nhello\r\n0\r\n{bearer}\r\nHost: globex.localhost\r\n\r\n"
    said = edge.ask("POST /closed HTTP/1.1", "Transfer-Encoding: chunked", body=trailers)
    assert said.statuses[0] in (400, 401, 405)
    assert said.subjects == []


def test_a_body_that_nobody_read_is_no_request(edge: Edge) -> None:
    """Threat 58: what follows it on the connection is answered, and not what is in it."""
    unread = written("POST /open HTTP/1.1", f"Content-Length: {len(HIDDEN)}", body=HIDDEN)
    said = edge.send(unread + written("GET /closed HTTP/1.1"))
    assert said.statuses == [405, 401]
    assert said.subjects == []


FIELDS = {
    "folded": ["X-A: b", " c"],
    "folded with a tab": ["X-A: b", "\tc"],
    "a bare carriage return": ["X-A: b\rc"],
    "a bare line feed": ["X-A: b\nX-B: c"],
    "NUL in the value": ["X-A: b\0c"],
    "NUL in the name": ["X\0A: b"],
    "a space in the name": ["X A: b"],
    "a space before the colon": ["X-A : b"],
    "no name": [": b"],
    "no colon": ["X-A"],
    "a letter outside ASCII in the name": ["X-\xc4: b"],
    "two hosts": ["Host: globex.localhost"],
}


@pytest.mark.parametrize("fields", FIELDS.values(), ids=FIELDS)
def test_a_malformed_field_is_refused_by_the_server(
    edge: Edge, bearer: str, fields: list[str]
) -> None:
    """Threat 58, threat 45: also beside a good token."""
    said = edge.send(written("GET /closed HTTP/1.1", bearer, *fields) + HIDDEN)
    assert said.statuses == [400]


def test_bare_line_feeds_end_no_line(edge: Edge, bearer: str) -> None:
    """Threat 58."""
    said = edge.send(written("GET /closed HTTP/1.1", bearer).replace("\r\n", "\n"))
    assert said.statuses == [400]


CREDENTIALS = {
    "twice": ["{}", "{}"],
    "joined": ["{}, {}"],
    "another scheme first": ["Authorization: Basic YTpi", "{}"],
    "another scheme behind": ["{}", "Authorization: Basic YTpi"],
    "folded": ["Authorization: Bearer", " {token}"],
    "a tab": ["Authorization: Bearer\t{token}"],
    "a no-break space": ["Authorization: Bearer\xa0{token}"],
    "a quoted token": ['Authorization: Bearer "{token}"'],
    "a parameter": ["Authorization: Bearer token={token}"],
    "an underscore": ["Authorization_: Bearer {token}"],
    "a proxy's field": ["Proxy-Authorization: Bearer {token}"],
    "a cookie": ["Cookie: access_token={token}; Authorization=Bearer {token}"],
    "forwarded": ["X-Forwarded-Authorization: Bearer {token}", "X-Authorization: {token}"],
}


@pytest.mark.parametrize("fields", CREDENTIALS.values(), ids=CREDENTIALS)
def test_a_token_is_read_from_one_field_in_one_form(
    edge: Edge, bearer: str, fields: list[str]
) -> None:
    """Threat 57: twice, joined, with other white space, elsewhere."""
    token = bearer.rpartition(" ")[2]
    filled = [field.format(bearer, bearer, token=token) for field in fields]
    said = edge.ask("GET /closed HTTP/1.1", *filled)
    assert len(said.statuses) == 1
    assert said.statuses[0] in (400, 401)


@pytest.mark.parametrize("name", ["access_token", "token", "authorization", "Authorization"])
def test_a_token_in_a_query_or_form_is_not_read(edge: Edge, bearer: str, name: str) -> None:
    """Threat 57."""
    said = f"{name}={bearer.rpartition(' ')[2]}"
    form = ("Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(said)}")
    assert edge.ask(f"GET /closed?{said} HTTP/1.1").statuses == [401]
    assert edge.ask("GET /closed HTTP/1.1", *form, body=said).statuses == [401]


NAMES = ["Remote-User", "Auth-Type", "Tenantauth.Grant", "Tenantauth-Grant", "X-Remote-User"]
NAMES += ["Http-Remote-User", "Wsgi.Url-Scheme", "Werkzeug.Request", "X-Forwarded-User", "X-Tenant"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("case", [str, str.lower, str.upper], ids=["Title", "lower", "UPPER"])
@pytest.mark.parametrize("dash", ["-", "_"])
def test_no_field_of_any_spelling_says_who_calls(
    edge: Edge, name: str, case: "type[str]", dash: str
) -> None:
    """Threat 53: dash, underscore and case forms of what the stack and servers write."""
    field = f"{case(name).replace('-', dash)}: root"
    assert edge.ask("GET /closed HTTP/1.1", field).statuses in ([400], [401])
    said = edge.ask("GET /open HTTP/1.1", field)
    assert said.statuses == [400] or said.subjects == ["null"]
    assert "root" not in said.text.partition("\r\n\r\n")[2] or said.statuses == [400]


@pytest.mark.parametrize(
    "name", ["Script-Name", "X-Script-Name", "X-Forwarded-Prefix", "Path-Info", "X-Original-Url"]
)
@pytest.mark.parametrize("value", ["/open", "/closed", "/"])
def test_no_field_moves_the_path(edge: Edge, name: str, value: str) -> None:
    """Threat 48: with dashes, as the proxies of other people write them."""
    assert edge.ask("GET /closed HTTP/1.1", f"{name}: {value}").statuses == [401]
    assert '"path":"/open"' in edge.ask("GET /open HTTP/1.1", f"{name}: {value}").text


LINES = {
    "TRACE": "TRACE /closed HTTP/1.1",
    "CONNECT to a host": "CONNECT acme.localhost:443 HTTP/1.1",
    "CONNECT to a path": "CONNECT /closed HTTP/1.1",
    "OPTIONS *": "OPTIONS * HTTP/1.1",
    "GET *": "GET * HTTP/1.1",
    "a long method": f"{'A' * 1000} /closed HTTP/1.1",
    "small letters": "get /closed HTTP/1.1",
    "an odd method": "GE\xc4T /closed HTTP/1.1",
    "tabs": "GET\t/closed\tHTTP/1.1",
    "two spaces": "GET  /closed HTTP/1.1",
    "a space in the path": "GET /closed x HTTP/1.1",
    "NUL in the path": "GET /closed\0 HTTP/1.1",
    "HTTP/0.9": "GET /closed",
    "HTTP/2 in words": "GET /closed HTTP/2.0",
    "HTTP/3 in words": "GET /closed HTTP/3.0",
    "OPTIONS without an origin": "OPTIONS /closed HTTP/1.1",
    "HEAD": "HEAD /closed HTTP/1.1",
    "a method of WebDAV": "PROPFIND /closed HTTP/1.1",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_no_request_line_goes_around_the_stack(edge: Edge, bearer: str, line: str) -> None:
    """Threats 55 and 59."""
    said = edge.ask(line)
    assert len(said.statuses) == 1
    assert said.statuses[0] in (400, 401, 404, 405)
    assert "TRACE" not in said.text
    # An odd line is none of GET, token or not.
    assert edge.ask(line, bearer).subjects == []


def test_the_preface_of_http_2_is_refused(edge: Edge) -> None:
    """Threat 59."""
    assert edge.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").statuses == [400]


UPGRADES = {
    "h2c": ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"],
    "hop-by-hop": ["Connection: close, Host, Authorization, X-Request-Id, Remote-User"],
    "keep-alive": ["Connection: keep-alive, close", "Keep-Alive: timeout=9999"],
    "proxy": ["Proxy-Connection: keep-alive", "Max-Forwards: 0", "TE: trailers, chunked"],
}


@pytest.mark.parametrize("fields", UPGRADES.values(), ids=UPGRADES)
def test_no_protocol_is_switched_and_no_field_taken_away(
    edge: Edge, bearer: str, fields: list[str]
) -> None:
    """Threat 59: h2c, and lists of fields that a proxy is to drop."""
    assert edge.ask("GET /closed HTTP/1.1", *fields).statuses == [401]
    said = edge.ask("GET /closed HTTP/1.1", bearer, *fields)
    assert (said.statuses, said.subjects) == ([200], ['"alice"'])


def test_a_websocket_is_not_opened(edge: Edge, bearer: str) -> None:
    """Threat 59: no view of ours speaks it."""
    fields = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
    assert edge.ask("GET /closed HTTP/1.1", *fields).statuses in ([400], [401])
    assert edge.ask("GET /closed HTTP/1.1", bearer, *fields).subjects == []


PATHS = [
    "/static/x.css",
    "/no/such",
    "//closed",
    "/closed/",
    "/%63losed",
    "/closed;x",
    "/closed%00",
]
PATHS += ["/open/../closed", "/open/%2e%2e/closed", "/healthz/../closed", "/static/%2e%2e/closed"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
def test_no_path_goes_around_the_stack(edge: Edge, method: str, path: str) -> None:
    """Threat 55: static files, error pages, other spellings."""
    said = edge.ask(f"{method} {path} HTTP/1.1")
    assert len(said.statuses) == 1
    assert said.statuses[0] in (308, 400, 401, 404, 405)


def test_an_identity_ends_with_its_request(edge: Edge, bearer: str) -> None:
    """Threat 54: callers, nobody and refused tokens, sent at once on one connection."""
    said = edge.send(
        written("GET /open HTTP/1.1", bearer)
        + written("GET /open HTTP/1.1")
        + written("GET /open HTTP/1.1", f"{bearer}x")
        + written("GET /closed HTTP/1.1")
        + written("GET /open HTTP/1.1")
        + written("GET /closed HTTP/1.1", bearer)
    )
    assert said.statuses == [200, 200, 401, 401, 200, 200]
    assert said.subjects == ['"alice"', "null", "null", '"alice"']


def test_a_request_that_breaks_off_is_nobodys(edge: Edge, bearer: str) -> None:
    """Threats 54 and 58: the next connection begins anew."""
    assert edge.send(f"GET /closed HTTP/1.1\r\nHost: acme.localhost\r\n{bearer}\r\n").subjects == []
    assert edge.send("\r\n").statuses in ([], [400])
    assert edge.ask("GET /closed HTTP/1.1").statuses == [401]


TOO_LARGE = {
    "a field": (431, "GET /open HTTP/1.1", ["X-A: " + "a" * 8_190]),
    "fields": (431, "GET /open HTTP/1.1", ["X-A: a"] * 100),
    "a request line": (414, f"GET /open?{'a' * 4_094} HTTP/1.1", []),
}


@pytest.mark.parametrize(("status", "line", "fields"), TOO_LARGE.values(), ids=TOO_LARGE)
def test_what_is_too_large_is_answered_by_the_server_alone(
    edge: Edge, status: int, line: str, fields: list[str]
) -> None:
    """Threat 62: without CORS headers, as the docs say, and before any tenant is known."""
    said = edge.ask(line, ORIGIN, *fields)
    assert said.statuses == [status]
    assert "access-control" not in said.text.lower()


def test_the_largest_that_is_taken_meets_the_stack(edge: Edge) -> None:
    """Threat 62: a refusal of ours can be read by the page; a token of full size fits."""
    said = edge.ask("GET /closed HTTP/1.1", ORIGIN, f"Authorization: Bearer {'a' * 8_100}")
    assert said.statuses == [401]
    assert "Access-Control-Allow-Origin: https://app.acme.test" in said.text


def test_the_docs_tell_the_servers_limits() -> None:
    """Threat 62."""
    limits = Server(lambda: _no_app, Serving("127.0.0.1", 0), lambda: None).cfg
    told = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for limit in ("limit_request_line", "limit_request_field_size", "limit_request_fields"):
        assert f"{getattr(limits, limit):,}" in told


def _no_app(environ: object, start_response: object) -> list[bytes]:
    return []
