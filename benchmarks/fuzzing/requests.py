"""A target at the whole stack: header fields and a path from anybody, through every way in."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment
from wsgiref.util import setup_testing_defaults

from werkzeug.test import run_wsgi_app

from benchmarks.fuzzing.target import Target
from benchmarks.fuzzing.tokens import ACME, GLOBEX, GOOD
from tenantauth import Stack, default_layers
from tenantauth.environ import grant_of
from tenantauth.limiting.memory import MemoryLimits
from tenantauth.resolve import resolve_by
from tenantauth.settings import Settings
from tenantauth.testing import FakePolicySource, ManualClock

_FIELDS = (
    *("PATH_INFO", "REQUEST_METHOD", "HTTP_HOST", "HTTP_AUTHORIZATION", "HTTP_X_TENANT"),
    *("HTTP_ORIGIN", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO"),
    *("HTTP_ACCESS_CONTROL_REQUEST_METHOD", "HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "QUERY_STRING"),
    *("SCRIPT_NAME", "HTTP_X_REQUEST_ID", "HTTP_COOKIE", "REMOTE_ADDR"),
)
_STATUSES = {"200", "204", "400", "401", "403", "404", "429"}


def _app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    grant = grant_of(environ)
    assert grant.identity is not None
    assert grant.identity.tenant == grant.tenant.slug == "acme"
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"in"]


# Every way of naming a tenant at once, behind a proxy: the most that a header can reach.
_STACK = Stack(
    _app,
    default_layers(store=MemoryLimits()),
    resolve=resolve_by(Settings(resolve=("host", "path", "header", "issuer"), trusted_proxies=1)),
    source=FakePolicySource([ACME, GLOBEX]),
    clock=ManualClock(),
    proxies=1,
    host_proxies=1,
)


def _read(data: bytes) -> None:
    environ: WSGIEnvironment = {}
    setup_testing_defaults(environ)
    # A server hands over header fields in latin-1 (PEP 3333) and never with a line's end in them.
    environ.update(zip(_FIELDS, data.decode("latin-1").split("\n"), strict=False))
    body, status, _ = run_wsgi_app(_STACK, environ)
    assert status[:3] in _STATUSES, status
    if b"".join(body) == b"in":
        assert environ["HTTP_AUTHORIZATION"].partition(" ")[2].strip() in GOOD


def _request(path: str, host: str, bearer: str = "", *more: str) -> bytes:
    return "\n".join((path, "GET", host, bearer, *more)).encode("latin-1")


_BEARER = f"Bearer {GOOD[0]}"

TARGETS = (
    Target(
        "request",
        _read,
        (
            _request("/", "acme.localhost", _BEARER),
            _request("/", "globex.localhost", _BEARER),
            _request("/t/acme/x", "localhost", _BEARER),
            _request("/x", "localhost", _BEARER, "acme", "https://app.acme.test"),
            _request("/x", "localhost", _BEARER, "", "", "globex.localhost", "192.0.2.1", "https"),
            _request("/healthz", "", ""),
        ),
        (b"\n", b"/t/", b"acme", b"globex", b"OPTIONS", b"http://globex.localhost/", b"..", b"//"),
    ),
)
