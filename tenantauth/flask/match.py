"""A matched URL on its way from the stack to Flask, kept in the environ."""

from dataclasses import dataclass
from wsgiref.types import WSGIEnvironment

from flask import Request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, Rule

from tenantauth.route import RouteFacts

_MATCH = "tenantauth.flask.match"


@dataclass(frozen=True, slots=True)
class Match:
    """The outcome of matching a URL for a method, with what it was made from."""

    adapter: MapAdapter
    method: str
    made_from: tuple[object, ...]
    rule: Rule | None
    arguments: dict[str, object]
    error: HTTPException | None
    facts: RouteFacts

    def still_holds(self, environ: WSGIEnvironment) -> bool:
        """Tell whether Flask would find the same: nothing in between changed the request."""
        return self.method == method_of(environ) and self.made_from == made_from(environ)


def keep(environ: WSGIEnvironment, match: Match) -> None:
    """Keep the match of this request."""
    environ[_MATCH] = match


def match_of(environ: WSGIEnvironment) -> Match | None:
    """Return the match that the layers were asked about, or ``None``."""
    match = environ.get(_MATCH)
    return match if isinstance(match, Match) else None


def method_of(environ: WSGIEnvironment) -> str:
    """Return the method as Werkzeug reads it."""
    return str(environ["REQUEST_METHOD"]).upper()


def made_from(environ: WSGIEnvironment) -> tuple[object, ...]:
    """Return everything that an adapter is made from, and with it the URLs that it builds."""
    return (
        environ["wsgi.url_scheme"],
        environ.get("HTTP_HOST"),
        environ.get("SERVER_NAME"),
        environ.get("SERVER_PORT"),
        environ.get("SCRIPT_NAME"),
        environ.get("PATH_INFO"),
        environ.get("QUERY_STRING"),
    )


def blueprint_names(endpoint: str) -> list[str]:
    """Return the blueprints of an endpoint, innermost first: ``a.b.view`` is in a.b and in a.

    An endpoint of the app's own may have a dot in its name: not every name is a blueprint's.
    """
    parts = endpoint.split(".")[:-1]
    return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]


def request_of(environ: WSGIEnvironment) -> Request:
    """Return the request as conditions of the app's own may see it: matched, its body unread."""
    request = Request(environ, populate_request=False, shallow=True)
    match = match_of(environ)
    if match is not None:
        request.url_rule, request.view_args = match.rule, dict(match.arguments)
    return request
