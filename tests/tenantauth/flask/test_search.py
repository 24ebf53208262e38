"""What a route's view leads to; the marks themselves are in test_marks.py."""

import functools
from collections.abc import Callable
from types import MethodType
from typing import Any

import pytest
from flask import Flask
from flask.views import MethodView, View
from werkzeug.local import LocalProxy

from tenantauth.flask import public, require
from tenantauth.flask.marked import Marks
from tenantauth.flask.search import find, marks_of
from tests.tenantauth.flask.apps import ask, protected, token

ANALYST = require(roles="analyst")
Decorate = Callable[[Callable[..., Any]], Callable[..., Any]]


class Keeping:
    """A decorator that keeps the view in an attribute, and says nothing of it."""

    def __init__(self, view: Callable[..., Any]) -> None:
        self.view = view

    def __call__(self, *args: object) -> object:
        return self.view(*args)

    def run(self, *args: object) -> object:
        return self.view(*args)


class Updating(Keeping):
    """A decorator that says what it wraps, as it should."""

    def __init__(self, view: Callable[..., Any]) -> None:
        super().__init__(view)
        functools.update_wrapper(self, view)


def hiding(view: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*args: object) -> object:
        return view(*args)

    return wrapper


def by_default(view: Callable[..., Any]) -> Callable[..., Any]:
    return lambda view=view: view()


def by_keyword(view: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *, view=view: view()


def by_attribute(view: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper() -> object:
        return wrapper.view()  # type: ignore[attr-defined]  # set below

    wrapper.view = view  # type: ignore[attr-defined]  # as some decorators do
    return wrapper


def argument(view: Callable[..., Any]) -> Callable[..., Any]:
    return functools.partial(lambda called: called(), view)


def named(view: Callable[..., Any]) -> Callable[..., Any]:
    return functools.partial(lambda *, called: called(), called=view)


HIDING: list[Decorate] = [
    Keeping, lambda view: Keeping(Keeping(view)), lambda view: hiding(Keeping(view)),
    lambda view: Keeping(hiding(view)), lambda view: Keeping(view).run,
    by_default, by_keyword, by_attribute, argument, named,
]  # fmt: skip
NAMES = [
    "object", "object in object", "object in closure", "closure in object", "method of an object",
    "default", "keyword default", "attribute", "argument of a partial", "keyword of a partial",
]  # fmt: skip


def as_one(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view open, by way of a function where it has no place for marks."""
    return public(hiding(view) if isinstance(view, MethodType) else view)


def serving(view: Callable[..., Any]) -> Flask:
    app = protected()
    app.add_url_rule("/", "index", view)
    return app


def fresh_view() -> Callable[[], str]:
    return lambda: "hello"


@pytest.mark.parametrize("decorate", HIDING, ids=NAMES)
def test_what_holds_a_view_keeps_its_requirements(decorate: Decorate) -> None:
    """Threat 55: whatever the decorator, a requirement is not lost."""
    app = serving(decorate(ANALYST(fresh_view())))
    asked = (token(), token(roles=["analyst"]))
    assert [ask(app, token=each).status_code for each in asked] == [403, 200]


@pytest.mark.parametrize("decorate", HIDING, ids=NAMES)
def test_what_holds_a_view_is_not_open_for_it(decorate: Decorate) -> None:
    """Threat 55: it may be another view, which is called."""
    assert ask(serving(decorate(public(fresh_view())))).status_code == 401


@pytest.mark.parametrize("decorate", HIDING, ids=NAMES)
def test_an_open_mark_above_what_holds_a_requirement_contradicts_it(decorate: Decorate) -> None:
    """Threat 55: the view behind a decorator is not opened past what it requires."""
    app = serving(as_one(decorate(ANALYST(fresh_view()))))
    assert ask(app, token=token(roles=["analyst"])).status_code == 500


@pytest.mark.parametrize("decorate", HIDING, ids=NAMES)
def test_an_open_view_may_hold_another_view_of_the_app(decorate: Decorate) -> None:
    closed = ANALYST(fresh_view())
    app = serving(as_one(decorate(closed)))
    app.add_url_rule("/closed", "closed", closed)
    assert [ask(app, path).status_code for path in ("/", "/closed")] == [200, 401]


def test_a_view_with_two_routes_is_not_another_view_than_itself() -> None:
    """Threat 55."""
    view = public(hiding(ANALYST(fresh_view())))
    app = serving(view)
    app.add_url_rule("/again", "again", view)
    assert [ask(app, path).status_code for path in ("/", "/again")] == [500, 500]


def test_a_view_behind_another_one_is_that_ones() -> None:
    """A called view keeps its own requirements, also those that a decorator of it hides."""
    called = hiding(ANALYST(fresh_view()))
    app = serving(public(lambda: called() + "!"))
    app.add_url_rule("/called", "called", called)
    assert [ask(app, path).status_code for path in ("/", "/called")] == [200, 401]


def test_a_method_that_is_a_view_of_its_own_may_be_held() -> None:
    class Pages:
        @ANALYST
        def closed(self) -> str:
            return "hello"

    pages = Pages()
    app = serving(public(hiding(pages.closed)))
    app.add_url_rule("/closed", "closed", pages.closed)
    assert [ask(app, path).status_code for path in ("/", "/closed")] == [200, 401]


@pytest.mark.parametrize("decorate", [hiding, Keeping], ids=["closure", "object"])
def test_an_open_mark_above_a_hidden_class_contradicts_what_that_requires(
    decorate: Decorate,
) -> None:
    """Threat 55."""

    @ANALYST
    class Page(View):
        def dispatch_request(self) -> str:
            return "hello"

    view = public(decorate(Page.as_view("page")))
    with pytest.raises(ValueError, match=r"hold .*Page, which requires"):
        marks_of(view, "GET", views=[view])


def test_an_endpoint_marked_open_contradicts_what_its_view_hides() -> None:
    """Threat 55: the mark may come before the route that shows what is called."""
    app = serving(hiding(ANALYST(fresh_view())))
    app.extensions["tenantauth"].hooks.mark("index", public)
    assert ask(app, token=token(roles=["analyst"])).status_code == 500


@pytest.mark.parametrize("mark", [public, ANALYST], ids=["public", "require"])
def test_an_object_that_says_what_it_wraps_is_seen_through(mark: Decorate) -> None:
    marks = marks_of(Updating(mark(fresh_view())), "GET")
    assert marks == marks_of(mark(fresh_view()), "GET")


@pytest.mark.parametrize("mark", [public, ANALYST], ids=["public", "require"])
def test_an_object_can_be_marked_as_it_is(mark: Decorate) -> None:
    assert marks_of(mark(Keeping(fresh_view())), "GET") == marks_of(mark(fresh_view()), "GET")


def test_the_class_of_an_object_and_its_call_are_marked() -> None:
    @require(scopes="read")
    class Page:
        @ANALYST
        def __call__(self) -> str:
            return "hello"

    assert len(marks_of(Page(), "GET").requirements) == 2


@pytest.mark.parametrize("decorate", [hiding, Keeping], ids=["closure", "object"])
def test_a_hidden_dispatcher_keeps_its_requirements(decorate: Decorate) -> None:
    class Page(View):
        @ANALYST
        def dispatch_request(self) -> str:
            return "hello"

    assert marks_of(decorate(Page.as_view("page")), "GET").requirements


def test_an_object_is_searched_by_method() -> None:
    class Things(MethodView):
        def get(self) -> str:
            return "got"

        @ANALYST
        def post(self) -> str:
            return "posted"

    view = Keeping(Things.as_view("things"))
    assert marks_of(view, "GET") == Marks()
    assert marks_of(view, "POST").requirements


def test_proxies_and_apps_in_a_closure_are_left_alone() -> None:
    """Asking a proxy for anything would ask what it stands for, which is not there yet."""

    def absent() -> object:
        raise AssertionError("asked too early")

    proxy, app = LocalProxy(absent), Flask("other")
    app.add_url_rule("/", view_func=ANALYST(fresh_view()))
    view = public(lambda: f"{proxy} {app}")
    assert marks_of(view, "GET") == Marks(authentication="optional")


def test_a_forwarding_object_in_a_closure_is_left_alone() -> None:
    class Later:
        def __call__(self) -> object:
            raise AssertionError("called too early")

        def __getattr__(self, name: str) -> object:
            raise LookupError(name)

    task = Later()
    assert marks_of(public(lambda: task), "GET") == Marks(authentication="optional")


def test_a_class_in_a_closure_is_no_view() -> None:
    class Model:
        check = staticmethod(ANALYST(fresh_view()))

    assert marks_of(lambda: Model, "GET") == Marks()


def test_views_that_hold_each_other_end() -> None:
    one, two = Keeping(fresh_view()), Keeping(fresh_view())
    one.view, two.view = two, one
    assert len(find(one, "GET").visible) < 10
