"""Marks in stacks of decorators, against an oracle that reads the stack as a list of words."""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tenantauth.flask import limit, no_token, public, require
from tenantauth.flask.marked import Marks
from tenantauth.flask.search import marks_of

View = Callable[..., Any]


class Keeping:
    """A decorator that keeps the view in an attribute."""

    def __init__(self, view: View) -> None:
        self.view = view

    def __call__(self) -> object:
        return self.view()


def wrapping(view: View) -> View:
    @functools.wraps(view)
    def wrapper() -> object:
        return view()

    return wrapper


def hiding(view: View) -> View:
    def wrapper() -> object:
        return view()

    return wrapper


OPENING: Mapping[str, Callable[[], View]] = {"public": lambda: public, "no_token": lambda: no_token}
REQUIRING: Mapping[str, Callable[[], View]] = {
    "a": lambda: require(roles="a"),
    "b": lambda: require(roles="b"),
}
PLAIN: Mapping[str, Callable[[], View]] = {
    "limit": lambda: limit("5/minute"),
    "wraps": lambda: wrapping,
    "partial": lambda: functools.partial,
}
HIDING: Mapping[str, Callable[[], View]] = {"hides": lambda: hiding, "keeps": lambda: Keeping}
ALL = {**OPENING, **REQUIRING, **PLAIN, **HIDING}
# From the view outwards, as decorators are applied.
STACKS = st.lists(st.sampled_from(sorted(ALL)), max_size=8)


def decorated(stack: Sequence[str]) -> View:
    view: View = lambda: "hello"  # noqa: E731  # each stack marks one of its own
    for word in stack:
        view = ALL[word]()(view)
    return view


def marks(stack: Sequence[str], *others: View) -> Marks | None:
    """Return what the stack is marked with, or nothing when it contradicts itself."""
    try:
        view = decorated(stack)
        return marks_of(view, "GET", views=[view, *others])
    except ValueError:
        return None


def visible(stack: Sequence[str]) -> Sequence[str]:
    """Return what stands above the last decorator that hides what is below."""
    hides = [place for place, word in enumerate(stack) if word in HIDING]
    return stack[hides[-1] + 1 :] if hides else stack


@given(STACKS)
def test_no_stack_of_decorators_opens_what_requires_something(stack: Sequence[str]) -> None:
    """Threat 55: the route answers nobody, or asks for everything that is required."""
    wanted = {word for word in stack if word in REQUIRING}
    found = marks(stack)
    if found is None:
        assert OPENING.keys() & set(stack)
        assert wanted or OPENING.keys() <= set(stack)
    else:
        assert {role for each in found.requirements for role in each.roles} == wanted
        assert not (wanted and found.authentication)


@given(STACKS)
def test_only_an_open_mark_in_sight_opens(stack: Sequence[str]) -> None:
    """Threat 55."""
    found = marks(stack)
    if found is not None:
        assert (found.authentication is not None) == bool(OPENING.keys() & set(visible(stack)))


@given(STACKS, st.sampled_from(sorted(HIDING)))
def test_an_open_view_is_not_closed_by_views_that_it_calls(
    stack: Sequence[str], hides: str
) -> None:
    """Where the held view has a route of its own, nothing contradicts."""
    try:
        called = decorated(stack)
        marks_of(called, "GET", views=[called])
    except ValueError:
        return
    view = public(ALL[hides]()(called))
    found = marks_of(view, "GET", views=[view, called])
    assert (found.authentication, found.requirements) == ("optional", ())
