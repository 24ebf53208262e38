from dataclasses import replace
from typing import Any

import pytest

from tenantauth.flask.access import Access, Conditions, LimitAccess, RouteAccess
from tenants.errors import InvalidError
from tenants.route_lock import dump, load, opened

ROUTE = RouteAccess("", "/reports", ("GET",), "reports", "token")
LIMIT = LimitAccess("route:reports", "10/minute", "subject")
FULL = replace(
    ROUTE,
    host="api.test",
    requires=Conditions(
        ("a",), (("b", "c"),), ("s",), ("p",), ("x=1",), (300.0,), (("g",),), ("f",)
    ),
    limits=(LIMIT,),
    limit_exempt=True,
    behind="other",
)


def requiring(**conditions: Any) -> RouteAccess:
    return replace(ROUTE, requires=Conditions(**conditions))


def limited(rate: str, **fields: Any) -> RouteAccess:
    return replace(ROUTE, limits=(replace(LIMIT, rate=rate, **fields),))


def test_a_file_is_read_as_it_was_written() -> None:
    assert load(dump([FULL, ROUTE])) == sorted([FULL, ROUTE])


def test_a_file_is_the_same_in_any_order() -> None:
    assert dump([FULL, ROUTE]) == dump([ROUTE, FULL])


def test_a_file_says_only_what_is_said() -> None:
    assert dump([ROUTE]) == (
        '{\n  "version": 1,\n  "routes": [\n    {\n      "path": "/reports",\n'
        '      "methods": [\n        "GET"\n      ],\n      "endpoint": "reports",\n'
        '      "access": "token"\n    }\n  ]\n}\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", "null", '{"version": 1}', '{"version": 1, "routes": [5]}',
        '{"version": 1, "routes": [{}]}', '{"version": 2, "routes": []}',
        '{"version": 1, "routes": [{"path": "/", "methods": [], "access": "all"}]}',
        '{"version": 1, "routes": [{"path": "/", "methods": [], "access": "token", "x": 1}]}',
    ],
)  # fmt: skip
def test_another_file_is_refused(text: str) -> None:
    with pytest.raises(InvalidError, match=r"lock file|version"):
        load(text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("token", "public"), ("token", "no token"), ("public", "no token"),
        ("no token", "published"), ("published", "tenantless"),
    ],
)  # fmt: skip
def test_a_route_that_lets_more_callers_in_is_more_open(before: Access, after: Access) -> None:
    was, is_now = replace(ROUTE, access=before), replace(ROUTE, access=after)
    assert opened([was], [is_now]) == [f"GET /reports was open to {before}, now to {after}"]
    assert opened([is_now], [was]) == []


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ({"roles": ("a", "b")}, {"roles": ("b",)}, "role a"),
        ({"roles": ("a",)}, {"any_role": (("a", "b"),)}, "role a"),
        ({"any_role": (("a", "b"),)}, {"any_role": (("a", "c"),)}, "role a or b"),
        ({"scopes": ("s",)}, {}, "scope s"),
        ({"permissions": ("p",)}, {}, "permission p"),
        ({"attributes": ("x=1",)}, {"attributes": ("x=2",)}, "attribute x=1"),
        ({"fresh_s": (300.0,)}, {"fresh_s": (900.0,)}, "fresh 5m"),
        ({"fresh_s": (300.0,)}, {"fresh_s": (0.0,)}, "fresh 5m"),
        ({"fresh_s": (0.0,)}, {"fresh_s": (300.0,)}, "not refreshed"),
        ({"acr": (("g",),)}, {"acr": (("g", "s"),)}, "acr g"),
        ({"checks": ("f()",)}, {}, "check f()"),
    ],
)
def test_a_condition_that_is_gone_is_more_open(
    before: dict[str, Any], after: dict[str, Any], lost: str
) -> None:
    assert opened([requiring(**before)], [requiring(**after)]) == [
        f"GET /reports no longer requires {lost}"
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"roles": ("a",)}),
        ({"any_role": (("a", "b"),)}, {"any_role": (("a",),)}),
        ({"any_role": (("a", "b"),)}, {"roles": ("a",)}),
        ({"fresh_s": (300.0,)}, {"fresh_s": (60.0,)}),
        ({"acr": (("g", "s"),)}, {"acr": (("g",),)}),
    ],
)
def test_a_condition_that_is_narrower_is_not_more_open(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert opened([requiring(**before)], [requiring(**after)]) == []


@pytest.mark.parametrize(
    "after",
    [
        ROUTE, limited("11/minute"), limited("10/second"), limited("10/minute", by="tenant"),
        limited("shop.plan()"),
    ],
    ids=["gone", "raised", "another window", "another caller", "a function"],
)  # fmt: skip
def test_a_limit_that_is_gone_or_raised_is_more_open(after: RouteAccess) -> None:
    assert opened([limited("10/minute")], [after]) == [
        "GET /reports has lost its limit 10/minute by subject"
    ]


@pytest.mark.parametrize(
    "after",
    [limited("10/minute"), limited("9/minute"), limited("10/minute", cost=2)],
    ids=["equal", "lowered", "dearer"],
)
def test_a_limit_that_admits_less_is_not_more_open(after: RouteAccess) -> None:
    assert opened([limited("10/minute")], [after]) == []


def test_a_function_stays_the_same_function() -> None:
    assert opened([limited("shop.plan()")], [limited("shop.plan()")]) == []


def test_a_new_exemption_is_more_open() -> None:
    exempt = replace(ROUTE, limit_exempt=True)
    assert opened([ROUTE], [exempt]) == ["GET /reports is exempt from the tenant's limits now"]
    assert opened([exempt], [ROUTE]) == []


def test_a_new_route_is_told_when_it_is_open() -> None:
    new = replace(ROUTE, path="/new")
    assert opened([ROUTE], [ROUTE, new]) == []
    assert opened([ROUTE], [ROUTE, replace(new, access="public")]) == [
        "GET /new is new and open: public"
    ]


def test_a_new_open_method_is_told() -> None:
    both = replace(ROUTE, methods=("GET", "POST"), access="public")
    assert opened([replace(ROUTE, access="public")], [both]) == [
        "POST /reports is new and open: public"
    ]


def test_methods_with_one_reason_are_one_line() -> None:
    was = replace(ROUTE, methods=("GET", "HEAD"))
    assert opened([was], [replace(was, access="public")]) == [
        "GET,HEAD /reports was open to token, now to public"
    ]


def test_the_same_path_at_another_host_is_another_route() -> None:
    was = replace(ROUTE, access="public")
    assert len(opened([was], [replace(was, host="api.test")])) == 1


def test_an_endpoint_may_be_renamed() -> None:
    was = replace(ROUTE, access="public")
    assert opened([was], [replace(was, endpoint="renamed")]) == []


def test_of_two_routes_of_one_path_each_is_compared_with_itself() -> None:
    routes = [ROUTE, replace(ROUTE, endpoint="other", access="public")]
    assert opened(routes, routes) == opened(routes[::-1], routes) == []


def test_a_route_that_is_gone_is_not_more_open() -> None:
    assert opened([replace(ROUTE, access="public")], []) == []


def test_one_of_two_conditions_of_one_name_is_missed() -> None:
    """Functions made by one factory have the same name."""
    twice, once = requiring(checks=("owns",) * 2), requiring(checks=("owns",))
    assert len(opened([twice], [once])) == 1
    assert not opened([once], [twice])


def test_a_limit_shared_by_a_blueprint_is_not_one_for_each_view() -> None:
    shared = replace(ROUTE, limits=(replace(LIMIT, scope="blueprint:shop"),))
    assert len(opened([shared], [limited("10/minute")])) == 1


def test_one_of_two_equal_limits_is_missed() -> None:
    twice = replace(ROUTE, limits=(LIMIT, LIMIT))
    assert len(opened([twice], [limited("10/minute")])) == 1


@pytest.mark.parametrize("path", ["/x/<int:id>", "/x/<other>", "/x/<id>/"])
def test_a_rule_that_takes_a_guarded_path_over_must_require_as_much(path: str) -> None:
    guarded = replace(requiring(roles=("admin",)), path="/x/<id>")
    taking = replace(ROUTE, path=path, endpoint="other")
    assert len(opened([guarded], [guarded, taking])) == 1
    assert not opened([guarded], [guarded, replace(guarded, path=path, endpoint="other")])


ADMIN = replace(requiring(roles=("admin",)), endpoint="admin")
OPEN = replace(ROUTE, endpoint="open", access="public")


def test_a_more_open_rule_that_answers_first_now_is_more_open() -> None:
    """Threat 55: two rules of one path and method have changed places."""
    was = [ADMIN, replace(OPEN, behind="admin")]
    assert opened(was, [OPEN, replace(ADMIN, behind="open")]) == [
        "GET /reports was open to role admin, now to public"
    ]
    assert opened(was, was) == []


def test_a_rule_that_is_gone_opens_what_was_behind_it() -> None:
    """Threat 55."""
    assert len(opened([ADMIN, replace(OPEN, behind="admin")], [OPEN])) == 1


def test_a_stricter_rule_that_answers_first_now_is_not_more_open() -> None:
    was = [OPEN, replace(ADMIN, behind="open")]
    assert opened(was, [ADMIN, replace(OPEN, behind="admin")]) == []


def test_what_never_answers_opens_nothing() -> None:
    assert opened([ADMIN], [ADMIN, replace(OPEN, behind="admin")]) == []
