"""A Flask test client whose requests come from one caller of one tenant."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import WSGIEnvironment

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from tenantauth.hosts import is_loopback
from tenantauth.stack import Stack
from tenantauth.stand_in import stand_in

_NAMES_HOST = frozenset({"base_url", "subdomain", "url_scheme"})


class TenantClient(FlaskClient):
    """Speaks to the app at its tenant's host, with a fresh token for each request.

    An ``Authorization`` header, a ``base_url`` or an absolute URL of a request's own wins.
    """

    def __init__(
        self,
        app: Flask,
        *,
        serving: tuple[Stack, Stack],
        host: str,
        make_token: Callable[[], str] | None,
    ) -> None:
        super().__init__(app, app.response_class, use_cookies=True)
        self._original, self._stand_in = serving
        self._base_url = _base_url(app, host)
        self._make_token = make_token

    # The names of the arguments are those of werkzeug.test.EnvironBuilder.
    def open(self, *args: Any, **kwargs: Any) -> TestResponse:  # noqa: ANN401  # as in the base
        """Send a request, to the tenant's host unless another one is named."""
        target = args[0] if args else kwargs.get("path", "/")
        is_path = isinstance(target, str) and not urlsplit(target).netloc
        if is_path and kwargs.keys().isdisjoint(_NAMES_HOST):
            kwargs["base_url"] = self._base_url
        return super().open(*args, **kwargs)

    def run_wsgi_app(
        self, environ: WSGIEnvironment, buffered: bool = False
    ) -> tuple[Iterable[bytes], str, Headers]:
        """Run the whole app, outer middleware included, with the kit's stack inside."""
        if self._make_token is not None:
            environ.setdefault("HTTP_AUTHORIZATION", f"Bearer {self._make_token()}")
        with stand_in(self._original, self._stand_in):
            return super().run_wsgi_app(environ, buffered)


def _base_url(app: Flask, host: str) -> str:
    # Tokens are refused over plain http outside loopback.
    scheme = app.config["PREFERRED_URL_SCHEME"] if is_loopback(host) else "https"
    return f"{scheme}://{host}/{app.config['APPLICATION_ROOT'].lstrip('/')}"
