"""Refusals in the app's own words: its error handlers write the body, and decide nothing.

A handler for `Refused`, for its class or for its status is asked, the route's blueprints first. One
for ``Exception`` or bare ``HTTPException`` is not, as it would turn a 401 into a 500. It runs in a
request context without dispatch: no hook of the app runs for a refused caller, but for the teardown
functions, which close what a handler has opened.
"""

from collections.abc import Callable, Iterator
from wsgiref.types import WSGIEnvironment

from flask import Flask, Response, request
from flask.ctx import RequestContext
from flask.typing import ErrorHandlerCallable
from werkzeug.exceptions import HTTPException

from tenantauth.environ import REQUEST_ID
from tenantauth.flask.match import blueprint_names, match_of
from tenantauth.flask.refusals import Refused
from tenantauth.flask.routes import without_match
from tenantauth.reply import Answer, Form, Refusal, answer_with

# What is decided before the handler is asked, or belongs to the body that it wrote.
_DECIDED = frozenset(
    {
        "cache-control",
        "cdn-cache-control",
        "connection",
        "content-length",
        "content-type",
        "expires",
        "ratelimit",
        "ratelimit-policy",
        "retry-after",
        "surrogate-control",
        "transfer-encoding",
        "www-authenticate",
        "x-request-id",
    }
)


class Wording:
    """Writes the refusals of one app; ``form`` where it has nothing to say.

    ``last_handler`` returns the handler that is asked when the app itself has none.
    """

    def __init__(
        self, app: Flask, form: Form, last_handler: Callable[[], ErrorHandlerCallable | None]
    ) -> None:
        self._app = app
        self._form = form
        self._last_handler = last_handler

    def __call__(self, refusal: Refusal, environ: WSGIEnvironment) -> Answer:
        """Return the answer to a refusal; raises whatever a handler raises."""
        request_id = environ[REQUEST_ID]
        refused = Refused.of(refusal, request_id)
        handler = self._find_handler(refused, environ)
        if handler is None:
            return self._form(refusal, request_id)
        with self._context(environ):
            response = self._app.make_response(self._app.ensure_sync(handler)(refused))
            return _keep_decisions(refusal, response)

    def _context(self, environ: WSGIEnvironment) -> RequestContext:
        """Return a context that opens no session and matches no URL for a stranger."""
        session = self._app.session_interface.make_null_session(self._app)
        context = RequestContext(self._app, environ, session=session)
        if match_of(environ) is None and context.url_adapter is not None:
            context.url_adapter = without_match(context.url_adapter, environ)
        return context

    def _find_handler(
        self, refused: Refused, environ: WSGIEnvironment
    ) -> ErrorHandlerCallable | None:
        kinds = [kind for kind in type(refused).__mro__ if _is_meant(kind)]
        for handlers in self._handler_maps(refused, environ):
            for kind in kinds:
                if handler := handlers.get(kind):
                    return handler
        return self._last_handler()

    def _handler_maps(
        self, refused: Refused, environ: WSGIEnvironment
    ) -> Iterator[dict[type[Exception], ErrorHandlerCallable]]:
        """Return what Flask would look through, in its order: by status, then by class alone."""
        specification = self._app.error_handler_spec
        match = match_of(environ)
        blueprints = blueprint_names((match and match.facts.endpoint) or "")
        for status in (refused.code, None):
            for name in (*blueprints, None):
                if name in specification:
                    yield specification[name].get(status, {})


def _is_meant(kind: type) -> bool:
    return issubclass(kind, HTTPException) and kind is not HTTPException


def _keep_decisions(refusal: Refusal, response: Response) -> Answer:
    response.direct_passthrough = False  # A handler may send a file.
    body = response.get_data()
    response.close()
    extra = [
        (name, value)
        for name, value in response.get_wsgi_headers(request.environ)
        if name.lower() not in _DECIDED and not name.lower().startswith("access-control-")
    ]
    return answer_with(refusal, response.content_type or "text/plain", body, extra)
