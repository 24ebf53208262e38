"""Bodies that break off or are malformed, as apps know them: the caller's mistake, a 400.

gunicorn parses a chunked body while the app reads it, and raises errors of its own there, which no
app foresees.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from gunicorn.http.errors import NoMoreData, ParseException
from werkzeug.exceptions import ClientDisconnected


def reading_bodies(app: WSGIApplication) -> WSGIApplication:
    """Return the app with bodies that raise Werkzeug's `ClientDisconnected`."""

    def respond(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"] = _Body(environ["wsgi.input"])
        if environ.get("CONTENT_LENGTH"):
            # gunicorn says of every body that its end is the end, also of one that breaks off. Who
            # is not told so counts, as Werkzeug does, and takes no half for a whole.
            environ.pop("wsgi.input_terminated", None)
        return app(environ, start_response)

    return respond


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (NoMoreData, ParseException) as error:
        raise ClientDisconnected("The request's body is malformed.") from error


class _Body:
    """A WSGI input (PEP 3333)."""

    def __init__(self, body: IO[bytes]) -> None:
        self._body = body

    def read(self, size: int = -1) -> bytes:
        with _translated():
            return self._body.read(size)

    def readline(self, size: int = -1) -> bytes:
        with _translated():
            return self._body.readline(size)

    def readlines(self, hint: int = -1) -> list[bytes]:
        with _translated():
            return self._body.readlines(hint)

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever else the server offers
        return getattr(self._body, name)
