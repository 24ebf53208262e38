"""Finding the marks of a registered view: on what it wraps, its class, and in its closures."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from types import FunctionType, MethodType

from tenantauth.flask.marks import NO_MARKS, Marks, own_marks


def marks_of(view: object, method: str) -> Marks:
    """Return the marks that a view carries for one method, its class's included."""
    view_class = getattr(view, "view_class", None)
    if view_class is None:
        return _marks_of((view,), method)
    dispatch = getattr(view_class, "dispatch_request", None)
    marks = _marks_of((view, dispatch, _method_of(view_class, method)), method)
    for level in view_class.__mro__:
        marks = marks.within(sum(own_marks(level), start=NO_MARKS))
    return marks


def _distinct(targets: Iterable[object]) -> dict[int, Marks]:
    # `functools.wraps` copies attributes, so wrapper and view may carry the very same mark.
    return {id(marks): marks for target in targets for marks in own_marks(target)}


def _marks_of(views: Iterable[object], method: str) -> Marks:
    """Return the marks of views with all that they wrap.

    What only a closure holds may be the view of a decorator without `functools.wraps`, or another
    view that is called: it can make stricter, as an outer level, and never open.
    """
    visible = [target for view in views for target in _unwrap(view)]
    found = _distinct(visible)
    enclosed = [target for view in _enclosed(visible) for target in _with_class(view, method)]
    hidden = [marks for key, marks in _distinct(enclosed).items() if key not in found]
    stricter = Marks(
        requirements=tuple(each for marks in hidden for each in marks.requirements),
        limits=tuple(each for marks in hidden for each in marks.limits),
    )
    return sum(found.values(), start=NO_MARKS).within(stricter)


def _enclosed(views: Iterable[object]) -> Iterator[object]:
    """Follow the functions that closures hold, and what those wrap."""
    waiting = list(views)
    seen = set(map(id, waiting))
    while waiting:
        view = waiting.pop()
        seen.add(id(view))
        for held in _held_by(view):
            targets = [target for target in _unwrap(held) if id(target) not in seen]
            yield from targets
            waiting += targets


def _with_class(view: object, method: str) -> Iterator[object]:
    """Return a view, and the class that a decorator around ``as_view`` hides."""
    yield view
    view_class = getattr(view, "view_class", None)
    if view_class is not None:
        yield from view_class.__mro__
        yield from _unwrap(_method_of(view_class, method))


def _held_by(view: object) -> Iterator[object]:
    for cell in getattr(view, "__closure__", None) or ():
        with suppress(ValueError):  # A cell that is not filled yet.
            if isinstance(cell.cell_contents, FunctionType | MethodType | partial):
                yield cell.cell_contents


def _unwrap(view: object) -> Iterator[object]:
    """Follow ``__wrapped__`` and partials inwards."""
    seen: set[int] = set()
    while view is not None and id(view) not in seen:
        seen.add(id(view))
        yield view
        view = view.func if isinstance(view, partial) else getattr(view, "__wrapped__", None)


def _method_of(view_class: type, method: str) -> object:
    handler = getattr(view_class, method.lower(), None)
    # Flask answers HEAD by `get` when a class has no `head` of its own.
    return getattr(view_class, "get", None) if handler is None and method == "HEAD" else handler
