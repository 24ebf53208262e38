"""Who may call each route of an app, and how often: for people to read and for programs to compare.

Methods of one route with the same answer share a record.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby
from typing import Literal

from werkzeug.routing import Rule

from tenantauth.flask.routes import FlaskRoutes
from tenantauth.flask.survey import Surveyed, survey
from tenantauth.requirement import Require
from tenantauth.route import RouteFacts, RouteLimit
from tenantauth.units import format_duration

Access = Literal["broken", "token", "public", "no token", "published", "tenantless"]
"""From closed to open. Marks that contradict each other let nobody in."""

_ACCESS: dict[str, Access] = {"required": "token", "optional": "public", "ignored": "no token"}
Choices = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, order=True)
class Conditions:
    """What all requirements of a route ask for together; of each of the choices, one.

    ``fresh_s`` is the longest time since sign-in; 0 is no refresh since.
    """

    roles: tuple[str, ...] = ()
    any_role: Choices = ()
    scopes: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    fresh_s: tuple[float, ...] = ()
    acr: Choices = ()
    checks: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """One short text for each condition."""
        return (
            *(f"role {name}" for name in self.roles),
            *(f"role {' or '.join(names)}" for names in self.any_role),
            *(f"scope {name}" for name in self.scopes),
            *(f"permission {name}" for name in self.permissions),
            *(f"attribute {each}" for each in self.attributes),
            *(
                f"fresh {format_duration(each)}" if each else "not refreshed"
                for each in self.fresh_s
            ),
            *(f"acr {' or '.join(names)}" for names in self.acr),
            *(f"check {name}" for name in self.checks),
        )


@dataclass(frozen=True, slots=True, order=True)
class LimitAccess:
    """A limit of a route or blueprint; a rate or an owner that the app tells is its function."""

    scope: str
    rate: str
    by: str
    cost: int = 1

    def __str__(self) -> str:
        cost = f", cost {self.cost}" if self.cost > 1 else ""
        # The route's own limits need no name; a blueprint's is shared.
        shared = "" if self.scope.startswith("route:") else f" ({self.scope.replace(':', ' ')})"
        return f"{self.rate} by {self.by}{cost}{shared}"


@dataclass(frozen=True, slots=True, order=True)
class RouteAccess:
    """Who may call some methods of a route, and the limits of its own.

    ``behind`` is the endpoint of the route that answers all of these requests in its place.
    """

    host: str
    path: str
    methods: tuple[str, ...]
    endpoint: str
    access: Access
    requires: Conditions = Conditions()
    limits: tuple[LimitAccess, ...] = ()
    limit_exempt: bool = False
    behind: str = ""

    @property
    def who(self) -> str:
        """Who may call, in words."""
        if self.behind:
            return f"nobody, {self.behind} answers"
        return ", ".join(self.requires.words) or self.access


def accesses(routes: FlaskRoutes, tenantless: Iterable[str]) -> list[RouteAccess]:
    """Return the access to every route, in a stable order, and to paths without a tenant."""
    tenantless = sorted(tenantless)
    alone = [RouteAccess("", path, ("*",), "", "tenantless") for path in tenantless]
    # The stack lets such a path pass before it asks for a route.
    found = sorted(_each(routes, frozenset(tenantless)), key=_but_methods)
    grouped = (list(group) for _, group in groupby(found, _but_methods))
    merged = [
        replace(group[0], methods=tuple(sorted({m for each in group for m in each.methods})))
        for group in grouped
    ]
    return sorted([*alone, *merged])


def _each(routes: FlaskRoutes, tenantless: frozenset[str]) -> Iterator[RouteAccess]:
    for surveyed in survey(routes):
        if surveyed.rule.rule not in tenantless:
            yield _access(surveyed)


def _but_methods(access: RouteAccess) -> RouteAccess:
    return replace(access, methods=())


def _access(surveyed: Surveyed) -> RouteAccess:
    rule, facts = surveyed.rule, surveyed.facts
    behind = surveyed.behind.endpoint if surveyed.behind else ""
    methods = (surveyed.method,)
    closed = RouteAccess(_host(rule), rule.rule, methods, rule.endpoint, "broken", behind=behind)
    if facts is None:
        return closed
    return replace(
        closed,
        access="published" if facts.published else _ACCESS[facts.authentication],
        requires=_conditions(facts),
        limits=tuple(sorted(map(_limit, facts.limits))),
        limit_exempt=facts.limit_exempt,
    )


def _host(rule: Rule) -> str:
    return rule.host or (f"{rule.subdomain}.*" if rule.subdomain else "")


def _conditions(facts: RouteFacts) -> Conditions:
    """Add up the requirements; of a kind that is not ours there is only the name."""
    asked = [each for each in facts.requirements if isinstance(each, Require)]
    others = [each for each in facts.requirements if not isinstance(each, Require)]
    checks: list[Callable[..., object]] = [*others, *(each.check for each in asked if each.check)]
    return Conditions(
        roles=_all(each.roles for each in asked),
        any_role=_choices(each.any_role for each in asked),
        scopes=_all(each.scopes for each in asked),
        permissions=_all(each.permissions for each in asked),
        attributes=_all(
            [f"{name}={value!r}" for name, value in each.attributes.items()] for each in asked
        ),
        fresh_s=tuple(sorted({_seconds(each.fresh) for each in asked if each.fresh is not None})),
        acr=_choices(each.acr for each in asked),
        checks=tuple(sorted(map(_name_of, checks))),
    )


def _all(names: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(sorted({name for each in names for name in each}))


def _choices(sets: Iterable[Iterable[str]]) -> Choices:
    return tuple(sorted({tuple(sorted(each)) for each in sets} - {()}))


def _seconds(fresh: timedelta | Literal[True]) -> float:
    return 0.0 if fresh is True else fresh.total_seconds()


def _limit(declared: RouteLimit) -> LimitAccess:
    limit = declared.limit
    rate = _name_of(limit.rate) if callable(limit.rate) else str(limit.rate)
    by = _name_of(limit.by) if callable(limit.by) else limit.by
    return LimitAccess(declared.scope, rate, by, limit.cost)


def _name_of(function: Callable[..., object]) -> str:
    """Name a function of the app's own; a condition is wrapped by its mark."""
    own = getattr(function, "__wrapped__", function)
    own = getattr(own, "func", own)
    named = own if hasattr(own, "__qualname__") else type(own)
    return f"{named.__module__}.{named.__qualname__}()"
