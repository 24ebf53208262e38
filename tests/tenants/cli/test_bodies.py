"""Bodies that gunicorn cannot parse, as an app meets them."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, request
from gunicorn.http.errors import InvalidChunkSize, NoMoreData
from werkzeug.test import Client

from tenants.cli.bodies import reading_bodies


class Broken(io.BytesIO):
    """A chunked body whose second chunk is malformed, or never comes."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def read(self, size: int | None = -1) -> bytes:
        raise self._error

    def readline(self, size: int | None = -1) -> bytes:
        raise self._error

    def readlines(self, hint: int | None = -1) -> list[bytes]:
        raise self._error


WAYS: dict[str, Callable[[Any], object]] = {
    "get_data": lambda asked: asked.get_data(),
    "read": lambda asked: asked.environ["wsgi.input"].read(),
    "readline": lambda asked: asked.environ["wsgi.input"].readline(),
    "readlines": lambda asked: asked.environ["wsgi.input"].readlines(),
    "iteration": lambda asked: list(asked.environ["wsgi.input"]),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("error", [InvalidChunkSize("zz"), NoMoreData()], ids=["bad", "cut off"])
def test_a_malformed_body_is_the_callers_mistake(way: str, error: Exception) -> None:
    """Threat 58: a 400, never a 500, whichever way the app reads."""
    app = Flask(__name__)
    app.post("/")(lambda: str(WAYS[way](request)))
    client = Client(reading_bodies(app))
    # As gunicorn says of chunks: no length, and an end of their own.
    ends = {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    answer = client.post("/", input_stream=Broken(error), environ_overrides=ends)
    assert answer.status_code == 400


@pytest.mark.parametrize("way", WAYS)
def test_a_good_body_is_read_as_ever(way: str) -> None:
    app = Flask(__name__)
    app.post("/")(lambda: str(WAYS[way](request)))
    answer = Client(reading_bodies(app)).post("/", data=b"a")
    assert answer.text == ("[b'a']" if way in ("readlines", "iteration") else "b'a'")


def test_half_a_body_is_no_body() -> None:
    """Threat 58: gunicorn takes what is there for all there is."""
    app = Flask(__name__)
    app.post("/")(lambda: request.get_data(as_text=True))
    ends = {"wsgi.input_terminated": True, "CONTENT_LENGTH": "50"}
    answer = Client(reading_bodies(app)).post("/", data=b"half", environ_overrides=ends)
    assert answer.status_code == 400
