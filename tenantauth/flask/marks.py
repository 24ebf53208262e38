"""Marks on views: data for the stack, never wrappers.

A mark returns the view unchanged, so its place among other decorators does not matter. Marks stand
on functions, async views, ``MethodView`` classes and their methods; ``.on(blueprint)`` marks a
whole blueprint.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import update_wrapper
from inspect import iscoroutinefunction
from typing import Literal, TypeVar
from wsgiref.types import WSGIEnvironment

from flask import Request
from flask.sansio.blueprints import Blueprint

from tenantauth.flask.app_defaults import MaxAge, read_max_age, read_methods
from tenantauth.flask.marked import Marks, add_marks
from tenantauth.flask.match import request_of
from tenantauth.grant_limit import GrantLimit, GrantText
from tenantauth.identity import Identity
from tenantauth.limit import CountBy, Limit
from tenantauth.names import Names, each_name
from tenantauth.requirement import EnvironCheck, Require, names
from tenantauth.route_cors import RouteCors
from tenantauth.units import Rate

View = TypeVar("View")
RequestCheck = Callable[[Identity, Request], bool]


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark to put on a view, by decoration, or on a blueprint."""

    marks: Marks

    def __call__(self, view: View) -> View:
        """Mark a view and return it unchanged."""
        add_marks(view, self.marks)
        return view

    def on(self, blueprint: Blueprint) -> None:
        """Mark every view of a blueprint."""
        add_marks(blueprint, self.marks)


public = Mark(Marks(authentication="optional"))
"""A token is optional; an invalid one is still refused."""

no_token = Mark(Marks(authentication="ignored"))
"""No token is looked at."""

published = Mark(Marks(authentication="ignored", published=True))
"""A document for everybody: any origin, no limits, served while the tenant is suspended."""


def require(
    *,
    roles: Names = (),
    any_role: Names | None = None,
    scopes: Names = (),
    permissions: Names = (),
    attributes: Mapping[str, object] | None = None,
    fresh: timedelta | Literal[True] | None = None,
    acr: Names = (),
    check: RequestCheck | None = None,
) -> Mark:
    """Require all the given conditions of the caller; a bare string is one name.

    ``any_role`` asks for one of several. ``check`` is called with the identity and the request.
    ``fresh`` is the longest time since sign-in, or ``True`` for no refresh since (RFC 9470).

    Raises:
        ValueError: when a name or ``fresh`` cannot work, or ``any_role`` leaves no choice.
    """
    if any_role is not None and not names(any_role):
        raise ValueError("any_role needs a role: one of none would be anybody")
    requirement = Require(
        roles=names(roles),
        any_role=names(any_role or ()),
        scopes=names(scopes),
        permissions=names(permissions),
        attributes=dict(attributes or {}),
        fresh=fresh,
        acr=names(acr),
        check=None if check is None else _with_request(check),
    )
    return Mark(Marks(requirements=(requirement,)))


def _with_request(check: RequestCheck) -> EnvironCheck:
    if iscoroutinefunction(check):
        raise ValueError("check cannot be async: it is called before any view")
    if not callable(check):
        raise ValueError("check is called with the identity and the request")

    def check_environ(identity: Identity, environ: WSGIEnvironment) -> bool:
        return check(identity, request_of(environ)) is True

    # `routes` names the app's own function.
    update_wrapper(check_environ, check)
    return check_environ


class _LimitMark:
    """``limit("10/minute", by="subject", cost=1)``; ``limit.exempt`` leaves a view out."""

    exempt = Mark(Marks(limit_exempt=True))
    """Leave a view out of the tenant's limits."""

    def __call__(
        self, rate: str | GrantText, *, by: CountBy | GrantText = "subject", cost: int = 1
    ) -> Mark:
        """Limit a view itself, in one decision with the tenant's limits.

        Both ``rate`` and ``by`` may be functions of the grant. One for ``by`` names whose requests
        are counted together, apart from all subjects; where it returns ``""``, the address counts.

        Raises:
            ValueError: when the rate, ``by`` or the cost cannot work.
        """
        fixed = Rate.parse(rate) if isinstance(rate, str) else rate
        if isinstance(fixed, Rate) and not callable(by):
            return Mark(Marks(limits=(Limit("route", fixed, by=by, cost=cost),)))
        return Mark(Marks(limits=(GrantLimit("route", fixed, by=by, cost=cost),)))


limit = _LimitMark()


def cors(
    *,
    methods: Names | None = None,
    allow_headers: Names | None = None,
    expose_headers: Names | None = None,
    max_age: MaxAge | None = None,
) -> Mark:
    """Replace fields of the tenant's CORS rule, for this route and its preflights.

    Origins and credentials are the tenant's to say. ``max_age`` is a `timedelta`, seconds, or a
    text such as ``10m``.

    Raises:
        ValueError: when nothing is replaced, or a field cannot work.
    """
    fields = RouteCors(
        methods=None if methods is None else read_methods(methods),
        allow_headers=None if allow_headers is None else each_name(allow_headers),
        expose_headers=None if expose_headers is None else each_name(expose_headers),
        max_age_s=None if max_age is None else read_max_age(max_age),
    )
    if not fields.said:
        raise ValueError("cors() replaces nothing: give it a field")
    return Mark(Marks(cors=fields))
