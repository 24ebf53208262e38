from collections.abc import Sequence

import pytest
from flask import Flask
from werkzeug.routing import Map, Rule

from tenantauth.flask.order import RuleOrder

Added = tuple[str, str, Sequence[str]]


def app_of(*added: Added) -> Flask:
    """Return an app with rules only: no request is served."""
    app = Flask(__name__, static_folder=None)
    for endpoint, path, methods in added:
        app.add_url_rule(path, endpoint, methods=methods)
    return app


# In an order in which Werkzeug does not list them: it lists by endpoint.
CROSSED: Sequence[Added] = [
    ("a", "/first", ["GET"]),
    ("b", "/x/<int:one>", ["GET", "POST"]),
    ("a", "/x/<int:two>", ["POST", "PUT"]),
    ("b", "/y", ["GET"]),
    ("c", "/y", ["GET"]),
]


@pytest.mark.parametrize("added", [CROSSED, CROSSED[::-1]], ids=["as added", "reversed"])
def test_what_is_said_to_answer_does_answer(added: Sequence[Added]) -> None:
    """Threat 55: what Werkzeug keeps to itself is as we read it."""
    app = app_of(*added)
    order = RuleOrder(app.url_map)
    for rule in app.url_map.iter_rules():
        for method in rule.methods or ():
            path = rule.rule.replace("<int:one>", "1").replace("<int:two>", "1")
            adapter = app.url_map.bind("localhost")
            found, _ = adapter.match(path, method=method, return_rule=True)
            assert (order.before(rule, method) or rule) is found


def test_rules_of_other_shapes_answer_for_themselves() -> None:
    app = app_of(("a", "/x", ["GET"]), ("b", "/x/", ["GET"]), ("c", "/x/<y>", ["GET"]))
    order = RuleOrder(app.url_map)
    assert [order.before(rule, "GET") for rule in app.url_map.iter_rules()] == [None] * 3


def test_a_rule_of_no_methods_answers_all_of_them() -> None:
    first, second = Rule("/y", endpoint="first"), Rule("/y", endpoint="second", methods=["GET"])
    url_map = Map([first, second])
    assert RuleOrder(url_map).before(second, "GET") is first
    assert url_map.bind("localhost").match("/y", method="GET") == ("first", {})


def test_a_rule_for_websockets_answers_no_other_request() -> None:
    """Threat 55: the route behind it is not hidden from who asks which routes are open."""
    socket = Rule("/y", endpoint="socket", websocket=True)
    page, behind = Rule("/y", endpoint="page"), Rule("/y", endpoint="behind")
    url_map = Map([socket, page, behind])
    order = RuleOrder(url_map)
    assert (order.before(page, "GET"), order.before(behind, "GET")) == (None, page)
    assert url_map.bind("localhost").match("/y", method="GET") == ("page", {})
