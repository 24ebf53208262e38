"""Marks on views: data for the stack, never wrappers.

A mark returns the view unchanged, so its place among other decorators does not matter. Marks stand
on functions, async views, ``MethodView`` classes and their methods; ``.on(blueprint)`` marks a
whole blueprint.
"""

import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from inspect import iscoroutinefunction
from typing import Literal, TypeVar
from wsgiref.types import WSGIEnvironment

from flask import Request
from flask.sansio.blueprints import Blueprint

from tenantauth.flask.match import request_of
from tenantauth.identity import Identity
from tenantauth.limit import CountBy, Limit
from tenantauth.requirement import EnvironCheck, Names, Require, names
from tenantauth.route import Authentication
from tenantauth.units import Rate

View = TypeVar("View")
RequestCheck = Callable[[Identity, Request], bool]

_ATTRIBUTE = "__tenantauth_marks__"
# Blueprints have no place for foreign attributes; a mark must not keep one alive.
_BLUEPRINT_MARKS: "weakref.WeakKeyDictionary[Blueprint, Marks]" = weakref.WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Marks:
    """Everything marked at one level: a view with what it wraps, its class, or a blueprint.

    Raises:
        ValueError: when an open view also requires something, or is open in two ways.
    """

    authentication: Authentication | None = None
    requirements: tuple[Require, ...] = ()
    limits: tuple[Limit, ...] = ()
    limit_exempt: bool = False
    published: bool = False

    def __post_init__(self) -> None:
        if self.authentication is not None and self.requirements:
            raise ValueError("a view cannot be marked open and require something of its caller")

    def __add__(self, other: "Marks") -> "Marks":
        """Add up marks of the same level."""
        if len({self.authentication, other.authentication} - {None}) > 1:
            raise ValueError("a view cannot be marked both public and no_token")
        return Marks(
            authentication=self.authentication or other.authentication,
            requirements=self.requirements + other.requirements,
            limits=self.limits + other.limits,
            limit_exempt=self.limit_exempt or other.limit_exempt,
            published=self.published or other.published,
        )

    def within(self, outer: "Marks") -> "Marks":
        """Add an outer level: requirements add up, unless this level is itself marked open."""
        requirements = self.requirements
        if self.authentication is None:
            requirements += outer.requirements
        return Marks(
            authentication=self.authentication or (None if requirements else outer.authentication),
            requirements=requirements,
            limits=self.limits + outer.limits,
            limit_exempt=self.limit_exempt or outer.limit_exempt,
            published=self.published,
        )


NO_MARKS = Marks()


def own_marks(target: object) -> tuple[Marks, ...]:
    """Return what is marked on this very object."""
    # Not getattr: a subclass would inherit, and be counted twice.
    marks: tuple[Marks, ...] = getattr(target, "__dict__", {}).get(_ATTRIBUTE, ())
    return marks


def _add(target: object, marks: Marks) -> None:
    if isinstance(target, Blueprint):
        _BLUEPRINT_MARKS[target] = _BLUEPRINT_MARKS.get(target, NO_MARKS) + marks
        return
    own = (*own_marks(target), marks)
    sum(own, start=NO_MARKS)  # Marks that contradict each other fail here, at the decorator.
    setattr(target, _ATTRIBUTE, own)


def marks_of_blueprint(blueprint: Blueprint) -> Marks:
    """Return the marks of a blueprint itself."""
    return _BLUEPRINT_MARKS.get(blueprint, NO_MARKS)


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark to put on a view, by decoration, or on a blueprint."""

    marks: Marks

    def __call__(self, view: View) -> View:
        """Mark a view and return it unchanged."""
        _add(view, self.marks)
        return view

    def on(self, blueprint: Blueprint) -> None:
        """Mark every view of a blueprint."""
        _add(blueprint, self.marks)


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

    return check_environ


class _LimitMark:
    """``limit("10/minute", by="subject", cost=1)``; ``limit.exempt`` leaves a view out."""

    exempt = Mark(Marks(limit_exempt=True))
    """Leave a view out of the tenant's limits."""

    def __call__(self, rate: str, *, by: CountBy = "subject", cost: int = 1) -> Mark:
        """Limit a view itself, in one decision with the tenant's limits.

        Raises:
            ValueError: when the rate, ``by`` or the cost cannot work.
        """
        return Mark(Marks(limits=(Limit("route", Rate.parse(rate), by=by, cost=cost),)))


limit = _LimitMark()
