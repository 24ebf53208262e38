"""Finding what a registered view leads to, and its marks: what it wraps, its class, what it holds.

A mark on what only a closure, an attribute or an argument holds may be that of the view behind a
decorator without `functools.wraps`, or of another view that is called: it can make stricter, as an
outer level, and never open. Where the view is open all the same, the app's views tell which it is:
one of them is called, anything else is behind a decorator, and the two marks contradict each other.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from types import FunctionType, MethodType

from flask.sansio.scaffold import Scaffold

from tenantauth.flask.marked import NO_MARKS, Marks, name_of, own_marks


@dataclass(frozen=True, slots=True)
class Found:
    """What a view leads to for one method: its ``classes`` are outer levels, innermost first."""

    visible: tuple[object, ...]
    hidden: tuple[object, ...]
    classes: tuple[type, ...]


def marks_of(
    view: object,
    method: str,
    *,
    by_endpoint: Marks = NO_MARKS,
    views: Iterable[object] | None = None,
) -> Marks:
    """Return the marks that a view carries for one method, its class's included.

    ``views`` are those of the app; without them, what an open view holds is taken for one.

    Raises:
        ValueError: when they contradict each other.
    """
    found = find(view, method)
    # `functools.wraps` copies attributes, so wrapper and view may carry the very same mark.
    visible = _distinct(found.visible)
    hidden = [each for key, each in _distinct(found.hidden).items() if key not in visible]
    marks = sum(visible.values(), start=by_endpoint)
    if marks.authentication and views is not None and any(each.requirements for each in hidden):
        _refuse_hidden(found, method, views)
    for each in hidden:
        marks = marks.within(each.stricter)
    for level in found.classes:
        marks = marks.within(sum(own_marks(level), start=NO_MARKS))
    return marks


def _refuse_hidden(found: Found, method: str, views: Iterable[object]) -> None:
    """Refuse an open view with a requirement behind it that is not another view's."""
    called = {_identity(target) for view in views for target in _unwrap(view)}
    for each in held(found.visible, but=called):
        for target in _with_class(each, method):
            if any(marks.requirements for marks in own_marks(target)):
                raise ValueError(
                    f"a view cannot be marked open and hold {name_of(target)}, which requires "
                    "something of its caller and is not another view of this app (a decorator "
                    "without functools.wraps may stand between the marks)"
                )


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


def held(views: Iterable[object], but: Collection[int] = ()) -> Iterator[object]:
    """Follow the code that views hold, and what that wraps and holds, ``but`` these identities."""
    waiting = list(views)
    seen = set(map(id, waiting))
    while waiting:
        for inner in filter(_is_code, _holdings(waiting.pop())):
            targets = [target for target in _unwrap(inner) if id(target) not in seen]
            if any(_identity(target) in but for target in targets):
                continue
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


def _identity(view: object) -> int:
    # A bound method is made anew each time that it is asked for.
    return id(view.__func__ if isinstance(view, MethodType) else view)


def _unwrap(view: object) -> Iterator[object]:
    """Follow ``__wrapped__`` and partials inwards."""
    seen: set[int] = set()
    while view is not None and id(view) not in seen:
        seen.add(id(view))
        yield view
        view = view.func if isinstance(view, partial) else getattr(view, "__wrapped__", None)
