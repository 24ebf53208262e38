import gc
import logging
import re
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from flask import Blueprint, Flask
from flask.views import MethodView

from tenantauth.flask import TenantAuth, limit, public, require
from tenantauth.flask.marks import Mark
from tenantauth.testing import FakePolicySource
from tests.tenantauth.flask.apps import ACME, ask

ANALYST = require(roles="analyst")


def hiding(view: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*args: object) -> object:
        return view(*args)

    return wrapper


@pytest.fixture
def home(request: pytest.FixtureRequest) -> str:
    """Return a module of the test's own: what other tests marked may not be collected yet."""
    return "unreached_" + re.sub(r"\W", "_", request.node.name)


def view_of(module: str, name: str = "page") -> Callable[[], str]:
    """Return a new view that says it is of a module."""

    def page() -> str:
        return "hello"

    page.__module__, page.__qualname__ = module, name
    return page


def shop(import_name: str) -> tuple[Flask, TenantAuth]:
    """Return an app whose own module has nothing marked but by the test."""
    app = Flask(import_name, root_path=".")
    return app, TenantAuth(app, registry=FakePolicySource([ACME]))


def unreached(app: Flask) -> list[str]:
    return [str(each) for each in app.extensions["tenantauth"].routes.unreached()]


def test_a_marked_view_without_a_route_is_told(home: str) -> None:
    app, _ = shop(home)
    view = ANALYST(view_of(home))
    assert unreached(app) == [f"the mark on {home}.page does nothing: no route leads to it"]
    app.add_url_rule("/", view_func=view)
    assert unreached(app) == []


def test_it_is_told_once_at_the_first_request(home: str, caplog: pytest.LogCaptureFixture) -> None:
    app, _ = shop(home)
    view = ANALYST(view_of(home))
    assert caplog.records == []
    for _ in range(2):
        ask(app, "/nowhere")
    told = [(each.name, each.levelno) for each in caplog.records if "mark" in each.getMessage()]
    assert told == [("tenantauth", logging.WARNING)]
    del view


def test_a_contradiction_is_told_at_the_first_request(
    home: str, caplog: pytest.LogCaptureFixture
) -> None:
    app, auth = shop(home)
    auth.mark("page", public)
    app.add_url_rule("/", view_func=ANALYST(view_of(home, name="page")), methods=["GET"])
    ask(app, "/nowhere")
    assert "GET /: a view cannot be marked open" in caplog.text


@pytest.mark.parametrize("mark", [public, limit.exempt], ids=["public", "exempt"])
def test_a_mark_that_is_hidden_and_would_open_is_told(home: str, mark: Mark) -> None:
    app, _ = shop(home)
    app.add_url_rule("/", "index", hiding(mark(view_of(home))))
    assert [line.split(": ")[1][:38] for line in unreached(app)] == [
        "a decorator without functools.wraps hi"
    ]


def test_a_mark_that_is_hidden_and_holds_is_not_told(home: str) -> None:
    app, _ = shop(home)
    app.add_url_rule("/", "index", hiding(limit("1/day")(ANALYST(view_of(home)))))
    assert unreached(app) == []


def test_a_blueprint_without_a_route_is_told(home: str) -> None:
    app, _ = shop(home)
    blueprint = Blueprint("admin", home, root_path=".")
    ANALYST.on(blueprint)
    assert unreached(app) == ["the mark on blueprint admin does nothing: no route leads to it"]
    blueprint.add_url_rule("/", "index", view_of(home))
    app.register_blueprint(blueprint)
    assert unreached(app) == []


def test_an_outer_blueprint_is_reached_by_the_routes_of_an_inner_one(home: str) -> None:
    app, _ = shop(home)
    outer, inner = Blueprint("outer", home, root_path="."), Blueprint("inner", home, root_path=".")
    ANALYST.on(outer)
    inner.add_url_rule("/", "index", view_of(home))
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    assert unreached(app) == []


def test_an_endpoint_that_is_not_there_is_told(home: str) -> None:
    app, auth = shop(home)
    auth.mark("ui.statc", public)
    auth.mark("static", public)
    assert unreached(app) == [
        "the mark on endpoint ui.statc does nothing: the app has no route of this name"
    ]


def test_a_view_of_one_app_of_two_is_reached(home: str) -> None:
    one, two = shop(home)[0], shop(home)[0]
    one.add_url_rule("/", view_func=ANALYST(view_of(home)))
    assert unreached(two) == unreached(one) == []


def test_a_view_of_an_app_that_is_gone_stays_reached(home: str) -> None:
    view = ANALYST(view_of(home))
    gone, _ = shop(home)
    gone.add_url_rule("/", view_func=view)
    assert unreached(gone) == []
    del gone, _
    gc.collect()
    app, _ = shop(home)
    assert unreached(app) == []


def test_a_view_of_another_package_is_for_other_apps(home: str) -> None:
    app, _ = shop(home)
    view = ANALYST(view_of("unreached_library.views"))
    assert unreached(app) == []
    app.add_url_rule("/", "index", view_of("unreached_library.views"))
    assert unreached(app) == [
        "the mark on unreached_library.views.page does nothing: no route leads to it"
    ]
    del view


@pytest.mark.parametrize(
    ("import_name", "module", "told"),
    [
        ("unreached_pack.app", "unreached_pack.views", True),
        ("unreached_pack", "unreached_pack.views", True),
        ("unreached_pack.app", "unreached_packs.views", False),
        ("unreached_module", "unreached_other", False),
    ],
    ids=["neighbour", "below a package", "another name", "another module"],
)
def test_the_modules_of_an_app_are_those_of_its_package(
    import_name: str, module: str, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = ModuleType("unreached_pack")
    package.__path__ = []
    monkeypatch.setitem(sys.modules, "unreached_pack", package)
    view = ANALYST(view_of(module))
    assert bool(unreached(shop(import_name)[0])) is told
    del view


def test_a_base_class_is_reached_by_its_subclasses(home: str) -> None:
    class Base(MethodView):
        pass

    class Child(Base):
        @public
        def get(self) -> str:
            return "hello"

    Base.__module__ = Child.__module__ = Child.get.__module__ = home
    ANALYST(Base)
    app, _ = shop(home)
    assert len(unreached(app)) == 2
    app.add_url_rule("/", view_func=Child.as_view("child"))
    assert unreached(app) == []


def test_a_mark_on_an_overridden_method_is_told(home: str) -> None:
    """Threat 55: the subclass has lost what its base requires."""

    class Base(MethodView):
        @ANALYST
        def get(self) -> str:
            return "hello"

    class Child(Base):
        def get(self) -> str:
            return "hello"

    Base.get.__module__, Base.get.__qualname__ = home, "Base.get"
    app, _ = shop(home)
    app.add_url_rule("/", view_func=Child.as_view("child"))
    assert unreached(app) == [f"the mark on {home}.Base.get does nothing: no route leads to it"]


def test_a_method_that_no_route_takes_is_told(home: str) -> None:
    class Things(MethodView):
        @ANALYST
        def post(self) -> str:
            return "posted"

    Things.post.__module__ = home
    app, _ = shop(home)
    app.add_url_rule("/", view_func=Things.as_view("things"), methods=["GET"])
    assert len(unreached(app)) == 1


def test_what_takes_no_mark_says_how_to_mark_it(home: str) -> None:
    blueprint = Blueprint("ui", home, root_path=".", static_folder=".")
    with pytest.raises(TypeError, match=r"use auth\.mark\(endpoint"):
        public(blueprint.send_static_file)
