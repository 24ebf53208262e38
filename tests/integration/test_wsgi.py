"""The stack between two strict neighbours: what it hands on, in and out, is WSGI (PEP 3333)."""

import sys
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO, StringIO
from wsgiref.handlers import SimpleHandler
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment
from wsgiref.validate import validator

import pytest
from werkzeug.test import Client, TestResponse, create_environ
from werkzeug.wrappers import Response

from tenantauth import Stack, default_layers
from tenantauth.limit import Limit
from tenantauth.resolve import ByHost
from tenantauth.testing import FakePolicySource, ManualClock, make_policy, make_token
from tenantauth.units import Rate

ORIGIN = "https://app.test"
ACME = make_policy(
    origins=[ORIGIN], limits=[Limit("few", Rate(2, 3600), by="subject", paths=("/few",))]
)
TEXT = ("Content-Type", "text/plain")
COMMON = {"Origin": ORIGIN, "Authorization": f"Bearer {make_token(ACME)}"}


def ask(
    app: WSGIApplication,
    path: str = "/",
    method: str = "GET",
    host: str = "acme.localhost",
    **headers: str | None,
) -> TestResponse:
    """Ask a stack around the app as a server would, with a good token and from a known page."""
    return around(app)(path, method, host, **headers)


def around(app: WSGIApplication) -> Callable[..., TestResponse]:
    stack = Stack(
        validator(app),
        default_layers(),
        resolve=ByHost(),
        source=FakePolicySource([ACME, make_policy("idle", suspended=True)]),
        clock=ManualClock(),
    )
    client = Client(validator(stack))

    def send(
        path: str, method: str = "GET", host: str = "acme.localhost", **headers: str | None
    ) -> TestResponse:
        given = COMMON | {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in given.items() if value is not None}
        return client.open(
            path, method=method, base_url=f"http://{host}", headers=sent, buffered=True
        )

    return send


def plain(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [TEXT])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [b"whole ", b"answer"]


def lazy(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [TEXT])
    yield b"whole "
    yield b"answer"


def writing(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    write = start_response("200 OK", [TEXT])
    write(b"whole ")
    return [b"answer"]


def restarting(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [TEXT, ("X-First", "1")])
    try:
        raise LookupError
    except LookupError:
        start_response("410 Gone", [TEXT], sys.exc_info())
    return [b"gone"]


def raising(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    raise LookupError("before any answer")


def raising_later(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [TEXT])
    yield b"a part"
    raise LookupError("in the middle")


class Closing:
    """An answer that knows whether it was closed."""

    def __init__(self) -> None:
        self.closed = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> "Closing":
        start_response("200 OK", [TEXT])
        return self

    def __iter__(self) -> Iterator[bytes]:
        yield b"x"

    def close(self) -> None:
        self.closed += 1


def served(app: WSGIApplication) -> tuple[str, list[str]]:
    """Return body and header lines from a gateway that knows `write` and restarted answers."""
    stack = Stack(
        validator(app),
        default_layers(),
        resolve=ByHost(),
        source=FakePolicySource([ACME]),
        clock=ManualClock(),
    )
    environ = create_environ(base_url="http://acme.localhost", headers=COMMON)
    sent = BytesIO()
    SimpleHandler(BytesIO(), sent, StringIO(), environ).run(validator(stack))
    head, _, body = sent.getvalue().decode().partition("\r\n\r\n")
    return body, head.split("\r\n")


@pytest.mark.parametrize("app", [plain, lazy], ids=lambda app: app.__name__)
def test_an_answer_comes_through_whole(app: WSGIApplication) -> None:
    response = ask(app)
    assert (response.status, response.data) == ("200 OK", b"whole answer")
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "X-Request-Id" in response.headers


def test_the_answer_of_a_lazy_app_is_not_read_before_the_server_asks() -> None:
    """A stream may be endless, and it may start its answer with its first piece."""
    asked: list[str] = []

    def endless(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        asked.append("started")
        start_response("200 OK", [TEXT])
        while True:
            yield b"x"

    stack = Stack(endless, (), resolve=ByHost(), source=FakePolicySource([ACME]))
    environ: WSGIEnvironment = {"REQUEST_METHOD": "GET", "wsgi.url_scheme": "http"}
    answer = stack({**environ, "HTTP_HOST": "acme.localhost"}, lambda *args: lambda data: None)
    assert asked == []
    assert next(iter(answer)) == b"x"


def test_head_has_headers_and_no_body() -> None:
    response = ask(plain, method="HEAD")
    assert (response.status_code, response.data) == (200, b"")


def test_not_modified_comes_through() -> None:
    response = ask(Response(status=304))
    assert (response.status_code, response.data) == (304, b"")
    assert response.vary.as_set() == {"origin"}


def test_an_app_may_write_its_answer() -> None:
    body, head = served(writing)
    assert (head[0], body) == ("HTTP/1.0 200 OK", "whole answer")
    assert f"Access-Control-Allow-Origin: {ORIGIN}" in head


def test_an_app_may_start_anew_after_an_error() -> None:
    """The layers finish the headers of the answer that counts."""
    body, head = served(restarting)
    assert (head[0], body) == ("HTTP/1.0 410 Gone", "gone")
    names = [line.partition(":")[0] for line in head]
    assert "X-First" not in names
    assert names.count("Access-Control-Allow-Origin") == names.count("X-Request-Id") == 1


@pytest.mark.parametrize("app", [raising, raising_later], ids=lambda app: app.__name__)
def test_an_error_of_the_app_reaches_the_server(app: WSGIApplication) -> None:
    with pytest.raises(LookupError):
        ask(app)


def test_the_answer_of_the_app_is_closed_once() -> None:
    closing = Closing()
    # Without the validator around the app: it closes what it wraps by itself.
    stack = Stack(closing, (), resolve=ByHost(), source=FakePolicySource([ACME]))
    response = Client(validator(stack)).get("/", base_url="http://acme.localhost", buffered=True)
    response.close()
    assert closing.closed == 1


def test_the_body_of_a_request_reaches_the_app_unread() -> None:
    def echo(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [TEXT])
        return [environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))]

    stack = Stack(
        validator(echo),
        default_layers(),
        resolve=ByHost(),
        source=FakePolicySource([ACME]),
        clock=ManualClock(),
    )
    client = Client(validator(stack))
    response = client.post(
        "/", base_url="http://acme.localhost", headers=COMMON, data=b"a body", buffered=True
    )
    assert response.data == b"a body"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize(
    ("status", "asked"),
    [
        (400, {"host": "a b"}),
        (401, {"Authorization": None}),
        (401, {"Authorization": "Bearer x.y.z"}),
        (403, {"host": "idle.localhost"}),
        (404, {"host": "unknown.test"}),
        (200, {"path": "/healthz", "host": "10.0.0.1"}),
        (200, {"path": "/readyz", "host": "10.0.0.1"}),
    ],
    ids=["host", "no token", "bad token", "suspended", "no tenant", "healthz", "readyz"],
)
def test_an_answer_of_the_stacks_own_is_wsgi(
    status: int, asked: dict[str, str | None], method: str
) -> None:
    response = ask(plain, **{"method": method, "path": "/", **asked})  # type: ignore[arg-type]  # names of parameters and of headers
    assert response.status_code == status
    assert response.content_length
    assert (response.data == b"") is (method == "HEAD")


def test_a_refused_limit_is_wsgi() -> None:
    send = around(plain)
    statuses = [send("/few").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_a_preflight_is_answered_in_the_apps_place() -> None:
    """Threat 66."""
    response = ask(raising, method="OPTIONS", Access_Control_Request_Method="GET")
    assert (response.status, response.data) == ("204 No Content", b"")
    assert response.content_type is None


def test_a_bug_of_a_layer_is_wsgi() -> None:
    """Threat 56."""
    stack = Stack(plain, default_layers(), resolve=ByHost(), source=object())  # type: ignore[arg-type]  # a bug
    response = Client(validator(stack)).get("/", base_url="http://acme.localhost", buffered=True)
    assert response.status_code == 500
    assert response.is_json


def test_stacks_can_stand_in_one_another() -> None:
    """The inner stack proves the caller anew; the outer one's grant is gone when it does."""
    inner = Stack(
        Response("inner", content_type="text/plain"),
        default_layers(),
        resolve=ByHost(),
        source=FakePolicySource([ACME]),
        clock=ManualClock(),
    )
    response = ask(inner)
    assert (response.status_code, response.data) == (200, b"inner")
    assert len(response.headers.getlist("X-Request-Id")) == 1
    assert response.headers.getlist("Access-Control-Allow-Origin") == [ORIGIN]
