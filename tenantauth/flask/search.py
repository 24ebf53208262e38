"""Finding what a registered view leads to, and its marks: what it wraps, its class, what it holds.

A mark on what only a closure, an attribute or an argument holds may be that of the view behind a
decorator without `functools.wraps`, or of another view that is called: it can make stricter, as an
outer level, and never open.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from types import FunctionType, MethodType

from flask.sansio.scaffold import Scaffold

from tenantauth.flask.marked import NO_MARKS, Marks, own_marks


@dataclass(frozen=True, slots=True)
class Found:
    """What a view leads to for one method: its ``classes`` are outer levels, innermost first."""

    visible: tuple[object, ...]
    hidden: tuple[object, ...]
    classes: tuple[type, ...]


def marks_of(view: object, method: str, *, by_endpoint: Marks = NO_MARKS) -> Marks:
    """Return the marks that a view carries for one method, its class's included.

    Raises:
        ValueError: when they contradict each other.
    """
    found = find(view, method)
    # `functools.wraps` copies attributes, so wrapper and view may carry the very same mark.
    visible = _distinct(found.visible)
    hidden = [each for key, each in _distinct(found.hidden).items() if key not in visible]
    marks = sum(visible.values(), start=by_endpoint)
    for each in hidden:
        marks = marks.within(each.stricter)
    for level in found.classes:
        marks = marks.within(sum(own_marks(level), start=NO_MARKS))
    return marks


def find(view: object, method: str) -> Found:
    """Return everything that may carry marks of a view, for one method."""
    view_class = _class_of(view)
    views = (view, *(_handlers(view_class, method) if view_class else ()))
    visible = tuple(target for each in views for target in _unwrap(each))
    hidden = (target for each in held(visible) for target in _with_class(each, method))
    return Found(visible, tuple(hidden), view_class.__mro__ if view_class else ())


def _distinct(targets: Iterable[object]) -> dict[int, Marks]:
    return {id(marks): marks for target in targets for marks in own_marks(target)}


def _class_of(view: object) -> type | None:
    """Return the class of a class-based view, also of an object that is called itself."""
    view_class = getattr(view, "view_class", None)
    if isinstance(view_class, type):
        return view_class
    return type(view) if _is_called(view) else None


def _handlers(view_class: type, method: str) -> Iterator[object]:
    """Return what a class runs for a method: its dispatcher, and the method's own function."""
    yield getattr(view_class, "dispatch_request", getattr(view_class, "__call__", None))  # noqa: B004  # its marks are looked for
    handler = getattr(view_class, method.lower(), None)
    if handler is None and method == "HEAD":
        # Flask answers HEAD by `get` when a class has no `head` of its own.
        handler = getattr(view_class, "get", None)
    yield handler


def _with_class(view: object, method: str) -> Iterator[object]:
    """Return a view, and the class that a decorator around ``as_view`` hides."""
    yield view
    if view_class := _class_of(view):
        yield from view_class.__mro__
        for handler in _handlers(view_class, method):
            yield from _unwrap(handler)


def held(views: Iterable[object]) -> Iterator[object]:
    """Follow the code that views hold, and what that wraps and holds."""
    waiting = list(views)
    seen = set(map(id, waiting))
    while waiting:
        for inner in filter(_is_code, _holdings(waiting.pop())):
            targets = [target for target in _unwrap(inner) if id(target) not in seen]
            seen.update(map(id, targets))
            yield from targets
            waiting += targets


def _holdings(view: object) -> Iterator[object]:
    """Return what is in a view's attributes, arguments, defaults and closure."""
    yield from _attributes(view)
    if isinstance(view, partial):
        yield from view.args
        yield from view.keywords.values()
    if isinstance(view, MethodType):
        yield from _attributes(view.__self__)
        view = view.__func__
    if isinstance(view, FunctionType):
        yield from view.__defaults__ or ()
        yield from (view.__kwdefaults__ or {}).values()
        for cell in view.__closure__ or ():
            with suppress(ValueError):  # A cell that is not filled yet.
                yield cell.cell_contents


def _attributes(view: object) -> tuple[object, ...]:
    # Apps, blueprints and classes hold more than the view that is looked at.
    if isinstance(view, type | Scaffold):
        return ()
    return tuple(getattr(view, "__dict__", {}).values())


def _is_code(value: object) -> bool:
    # Not isinstance: a proxy claims the class of what it stands for, and would have to find it.
    kind = type(value)
    if issubclass(kind, FunctionType | MethodType | partial):
        return True
    return _is_called(value) and not hasattr(kind, "__getattr__")


def _is_called(value: object) -> bool:
    """Tell whether this is an object of a class that was written to be called.

    Proxies for what is not there yet forward their ``__call__``: they are none, and not asked.
    """
    kind = type(value)
    if issubclass(kind, type | Scaffold | FunctionType | MethodType | partial):
        return False
    return isinstance(getattr(kind, "__call__", None), FunctionType)  # noqa: B004  # not its own


def _unwrap(view: object) -> Iterator[object]:
    """Follow ``__wrapped__`` and partials inwards."""
    seen: set[int] = set()
    while view is not None and id(view) not in seen:
        seen.add(id(view))
        yield view
        view = view.func if isinstance(view, partial) else getattr(view, "__wrapped__", None)
