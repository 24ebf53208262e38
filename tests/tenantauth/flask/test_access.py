from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Blueprint, Flask, Request
from flask.views import MethodView
from werkzeug.routing import Rule

from tenantauth.flask import TenantAuth, limit, no_token, public, require
from tenantauth.flask.access import Conditions, LimitAccess, RouteAccess, accesses
from tenantauth.flask.marks import Mark, published
from tenantauth.identity import Grant, Identity
from tenantauth.testing import FakePolicySource
from tests.tenantauth.flask.apps import ACME

GET = ("GET", "HEAD", "OPTIONS")


def fresh_view() -> Callable[[], str]:
    return lambda: "hello"


def is_owner(identity: Identity, request: Request) -> bool:
    return True


def plan(grant: Grant) -> str:
    return "5/minute"


def bare(**options: Any) -> Flask:
    """Return an app without routes and without health paths."""
    app = Flask(__name__, static_folder=None, **options)
    TenantAuth(app, registry=FakePolicySource([ACME]), tenantless=())
    return app


def listed(app: Flask) -> list[RouteAccess]:
    state = app.extensions["tenantauth"]
    return accesses(state.routes.routes, state.stack.tenantless)


def only(*marks: Mark) -> RouteAccess:
    app, view = bare(), fresh_view()
    for mark in marks:
        view = mark(view)
    app.add_url_rule("/", "index", view)
    (found,) = listed(app)
    return found


@pytest.mark.parametrize(
    ("marks", "who"),
    [
        ([], "token"),
        ([public], "public"),
        ([no_token], "no token"),
        ([published], "published"),
        ([require(roles={"b", "a"})], "role a, role b"),
        ([require(any_role=["b", "a"])], "role a or b"),
        ([require(scopes="read", permissions="x:y")], "scope read, permission x:y"),
        ([require(attributes={"department": "finance"})], "attribute department='finance'"),
        ([require(fresh=timedelta(minutes=5))], "fresh 5m"),
        ([require(fresh=True)], "not refreshed"),
        ([require(acr={"gold", "silver"})], "acr gold or silver"),
        ([require(check=is_owner)], f"check {__name__}.is_owner()"),
        ([require(check=partial(is_owner))], f"check {__name__}.is_owner()"),
        ([require(roles="a"), require(roles="a", scopes="read")], "role a, scope read"),
    ],
)
def test_who_may_call_is_said_in_words(marks: list[Mark], who: str) -> None:
    assert only(*marks).who == who


@pytest.mark.parametrize(
    ("mark", "text"),
    [
        (limit("10/minute"), "10/minute by subject"),
        (limit("10/minute", by="address", cost=2), "10/minute by address, cost 2"),
        (limit(plan, by=plan), f"{__name__}.plan() by {__name__}.plan()"),
    ],
    ids=["plain", "cost", "functions"],
)
def test_a_limit_is_said_in_words(mark: Mark, text: str) -> None:
    assert list(map(str, only(mark).limits)) == [text]


def test_a_limit_of_a_blueprint_is_shared() -> None:
    app, blueprint = bare(), Blueprint("api", __name__)
    limit("10/minute").on(blueprint)
    blueprint.add_url_rule("/", "index", fresh_view())
    app.register_blueprint(blueprint)
    assert str(listed(app)[0].limits[0]) == "10/minute by subject (blueprint api)"


def test_methods_with_one_answer_share_a_record() -> None:
    class Things(MethodView):
        @public
        def get(self) -> str:
            return "got"

        def post(self) -> str:
            return "posted"

        @require(roles="a")
        def put(self) -> str:
            return "put"

    app = bare()
    app.add_url_rule("/", view_func=Things.as_view("things"))
    assert [(each.methods, each.who) for each in listed(app)] == [
        (("GET", "HEAD"), "public"),
        (("OPTIONS", "POST"), "token"),
        (("PUT",), "role a"),
    ]


def test_a_record_holds_everything() -> None:
    assert only(require(roles="a"), limit("1/day"), limit.exempt) == RouteAccess(
        host="",
        path="/",
        methods=GET,
        endpoint="index",
        access="token",
        requires=Conditions(roles=("a",)),
        limits=(LimitAccess("route:index", "1/day", "subject"),),
        limit_exempt=True,
    )


def test_paths_without_a_tenant_are_open_whatever_their_route_says() -> None:
    app = Flask(__name__, static_folder=None)
    TenantAuth(app, registry=FakePolicySource([ACME]), tenantless=("/ping",))
    app.add_url_rule("/ping", "ping", require(roles="a")(fresh_view()))
    assert listed(app) == [RouteAccess("", "/ping", ("*",), "", "tenantless")]


def test_hosts_and_subdomains_are_told_apart() -> None:
    app = bare(host_matching=True)
    app.add_url_rule("/", "one", fresh_view(), host="acme.localhost")
    other = bare(subdomain_matching=True)
    other.add_url_rule("/", "two", fresh_view(), subdomain="api")
    assert [each.host for each in listed(app) + listed(other)] == ["acme.localhost", "api.*"]


def test_a_rule_that_takes_any_method_is_listed_for_all() -> None:
    app = bare()
    app.url_map.add(Rule("/", endpoint="any"))
    app.view_functions["any"] = public(fresh_view())
    assert set(listed(app)[0].methods) == {"*", "POST", "DELETE", "PATCH", "PUT", *GET}


def test_marks_that_contradict_each_other_are_broken() -> None:
    app = Flask(__name__, static_folder=None)
    auth = TenantAuth(app, registry=FakePolicySource([ACME]), tenantless=())
    auth.mark("index", public)
    app.add_url_rule("/", "index", require(roles="a")(fresh_view()))
    assert [each.access for each in listed(app)] == ["broken"]


def test_rules_that_only_build_urls_are_left_out() -> None:
    app = bare()
    app.add_url_rule("/", "index", fresh_view(), build_only=True)
    assert listed(app) == []


def test_of_two_rules_of_one_path_the_first_answers() -> None:
    app = bare()
    app.add_url_rule("/", "one", fresh_view(), methods=["GET"])
    app.add_url_rule("/", "two", public(fresh_view()), methods=["GET", "POST"])
    found = {(each.endpoint, each.methods): (each.behind, each.who) for each in listed(app)}
    assert found == {
        ("one", GET): ("", "token"),
        ("two", GET): ("one", "nobody, one answers"),
        ("two", ("POST",)): ("", "public"),
    }
