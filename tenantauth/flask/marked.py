"""What is marked, and where marks are kept: on views and classes themselves, beside blueprints."""

import weakref
from collections.abc import Iterator
from dataclasses import dataclass

from flask.sansio.blueprints import Blueprint

from tenantauth.grant_limit import GrantLimit
from tenantauth.limit import Limit
from tenantauth.requirement import Require
from tenantauth.route import Authentication
from tenantauth.route_cors import RouteCors

_ATTRIBUTE = "__tenantauth_marks__"


@dataclass(frozen=True, slots=True)
class Marks:
    """Everything marked at one level: a view with what it wraps, its class, or a blueprint.

    Raises:
        ValueError: when an open view also requires something, or is open in two ways.
    """

    authentication: Authentication | None = None
    requirements: tuple[Require, ...] = ()
    limits: tuple[Limit | GrantLimit, ...] = ()
    limit_exempt: bool = False
    published: bool = False
    cors: RouteCors | None = None

    def __post_init__(self) -> None:
        if self.authentication is not None and self.requirements:
            raise ValueError("a view cannot be marked open and require something of its caller")

    def __add__(self, other: "Marks") -> "Marks":
        """Add up marks of the same level."""
        if len({self.authentication, other.authentication} - {None}) > 1:
            raise ValueError("a view cannot be marked both public and no_token")
        if self.cors and other.cors and self.cors.said.keys() & other.cors.said.keys():
            raise ValueError("a view cannot be marked with a field of cors twice")
        return Marks(
            authentication=self.authentication or other.authentication,
            requirements=self.requirements + other.requirements,
            limits=self.limits + other.limits,
            limit_exempt=self.limit_exempt or other.limit_exempt,
            published=self.published or other.published,
            cors=self._cors_within(other),
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
            cors=self._cors_within(outer),
        )

    def _cors_within(self, outer: "Marks") -> RouteCors | None:
        return self.cors.within(outer.cors) if self.cors else outer.cors

    @property
    def stricter(self) -> "Marks":
        """The part that can only narrow who may call, and how often."""
        return Marks(requirements=self.requirements, limits=self.limits)


NO_MARKS = Marks()

# Blueprints have no place for foreign attributes; a mark must not keep one alive.
_BLUEPRINT_MARKS: "weakref.WeakKeyDictionary[Blueprint, Marks]" = weakref.WeakKeyDictionary()
# By id, as what is marked may have an equality of its own.
_MARKED: "weakref.WeakValueDictionary[int, object]" = weakref.WeakValueDictionary()


class _Times:
    marked = 0


def count_mark() -> None:
    """Note that something was marked."""
    _Times.marked += 1


def times_marked() -> int:
    """Return how many marks were put so far, on anything: what was read before may be outdated."""
    return _Times.marked


def add_marks(target: object, marks: Marks) -> None:
    """Mark a view, a class or a blueprint.

    Raises:
        ValueError: when it contradicts what is marked there already.
        TypeError: when the target has no place for marks, as a bound method.
    """
    if isinstance(target, Blueprint):
        _BLUEPRINT_MARKS[target] = _BLUEPRINT_MARKS.get(target, NO_MARKS) + marks
    else:
        _add_to_view(target, marks)
    count_mark()


def _add_to_view(target: object, marks: Marks) -> None:
    own = (*own_marks(target), marks)
    sum(own, start=NO_MARKS)  # Marks that contradict each other fail here, at the decorator.
    try:
        setattr(target, _ATTRIBUTE, own)
        _MARKED[id(target)] = target
    except (AttributeError, TypeError):
        raise TypeError(f"{target!r} has no place for marks: use auth.mark(endpoint, …)") from None


def own_marks(target: object) -> tuple[Marks, ...]:
    """Return what is marked on this very object."""
    # Not getattr: a subclass would inherit, and be counted twice.
    marks: tuple[Marks, ...] = getattr(target, "__dict__", {}).get(_ATTRIBUTE, ())
    return marks


def marks_of_blueprint(blueprint: Blueprint) -> Marks:
    """Return the marks of a blueprint itself."""
    return _BLUEPRINT_MARKS.get(blueprint, NO_MARKS)


def marked_objects() -> Iterator[object]:
    """Return every view, class and blueprint that is marked and still there."""
    yield from list(_MARKED.values())
    yield from list(_BLUEPRINT_MARKS)


def module_of(target: object) -> str:
    """Return the module of something that is marked."""
    if isinstance(target, Blueprint):
        return target.import_name
    # A partial's own is that of functools.
    return str(getattr(getattr(target, "func", target), "__module__", ""))


def name_of(target: object) -> str:
    """Name something that is marked, for who has written it."""
    if isinstance(target, Blueprint):
        return f"blueprint {target.name}"
    target = getattr(target, "func", target)
    name = getattr(target, "__qualname__", type(target).__qualname__)
    return f"{module_of(target)}.{name}"
