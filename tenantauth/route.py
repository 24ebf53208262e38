"""What the app says about the matched route: data for the layers, asked for before they run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol
from wsgiref.types import WSGIEnvironment

from tenantauth.grant_limit import GrantLimit
from tenantauth.identity import Identity
from tenantauth.limit import Limit
from tenantauth.reply import Refusal
from tenantauth.request import RequestFacts
from tenantauth.route_cors import RouteCors

Authentication = Literal["required", "optional", "ignored"]

# Asked of the proven identity; the environ is for an app's own conditions.
Requirement = Callable[[Identity, RequestFacts, WSGIEnvironment], Refusal | None]


@dataclass(frozen=True, slots=True)
class RouteLimit:
    """A limit of a route itself, counted under the route's name."""

    scope: str
    limit: Limit | GrantLimit


@dataclass(frozen=True, slots=True)
class RouteFacts:
    """Facts of one route. The defaults deny: a token is required.

    ``matched`` is false where no view answers; ``known`` is true all the same where the app has
    something to say (a redirect to the path with its slash, the methods that are allowed).
    ``published`` documents (keys, metadata) are for any origin, uncharged, and served while the
    tenant is suspended. ``cors`` replaces fields of the tenant's rule.
    """

    endpoint: str | None = None
    matched: bool = True
    known: bool = True
    authentication: Authentication = "required"
    requirements: tuple[Requirement, ...] = ()
    limits: tuple[RouteLimit, ...] = ()
    limit_exempt: bool = False
    published: bool = False
    cors: RouteCors | None = None


class Routes(Protocol):
    """The app's routes, seen from the stack."""

    def facts(self, environ: WSGIEnvironment, method: str) -> RouteFacts:
        """Return the facts of the route that this request, with this method, would reach."""
        ...


class TokenEverywhere:
    """The routes of an app that says nothing about them: a token is required everywhere."""

    def facts(self, environ: WSGIEnvironment, method: str) -> RouteFacts:
        """Return the denying defaults."""
        return RouteFacts()


def method_asked_for(request: RequestFacts, *, preflights: bool) -> str:
    """Return the method whose route matters: a preflight asks for that of the real request.

    Only where ``preflights`` are answered: an OPTIONS that reaches the app is a request like any
    other.
    """
    return (request.untrusted_preflight_method if preflights else None) or request.method
