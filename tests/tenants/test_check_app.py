from typing import Any

import pytest
from flask import Flask
from flask_cors import CORS

from tenantauth.defaults import default_layers
from tenantauth.flask import TenantAuth, cors, public, require
from tenantauth.testing import FakePolicySource, make_policy
from tenants.check_app import check_app, cors_of


def shop(name: str) -> tuple[Flask, TenantAuth]:
    app = Flask(name, root_path=".", static_folder=None)
    return app, TenantAuth(app, registry=FakePolicySource([make_policy()]))


def page() -> str:
    return "hello"


def test_an_app_without_marks_has_no_findings() -> None:
    assert list(check_app(shop("check_plain")[0])) == []


def test_a_mark_that_does_nothing_is_an_error() -> None:
    app, auth = shop("check_unreached")
    auth.mark("pagge", public)
    (finding,) = check_app(app)
    assert (finding.id, finding.severity, finding.place) == ("TA601", "error", "endpoint pagge")


def test_marks_that_contradict_each_other_are_an_error_at_their_route() -> None:
    app, auth = shop("check_broken")
    auth.mark("page", public)
    view = require(roles="a")(lambda: "hello")
    app.add_url_rule("/page", "page", view, methods=["POST"], provide_automatic_options=False)
    (finding,) = check_app(app)
    assert (finding.id, finding.severity, finding.place) == ("TA602", "error", "POST /page")


def test_an_open_mark_above_a_hidden_requirement_is_an_error() -> None:
    """Threat 55: unless what is held is another view of the app."""
    app, _ = shop("check_hidden")
    closed = require(roles="a")(page)
    app.add_url_rule("/", "index", public(lambda closed=closed: closed()))
    assert {(each.id, each.severity) for each in check_app(app)} == {("TA602", "error")}
    app.add_url_rule("/closed", "closed", closed)
    assert list(check_app(app)) == []


def test_flask_cors_beside_the_stack_is_a_warning_with_its_replacement() -> None:
    app, _ = shop("check_cors")
    CORS(app)
    (finding,) = check_app(app)
    assert (finding.id, finding.severity, finding.place) == ("TA603", "warning", "app check_cors")
    assert finding.hint.startswith("remove it")


def cors_shop(name: str, allow_headers: list[str]) -> Flask:
    """Return an app whose rule for pages below /parts names its own headers."""
    app = Flask(name, root_path=".", static_folder=None)
    rules: list[dict[str, object]] = [{"origins": "https://a.test"}]
    rules += [{"path": "/parts", "origins": "https://a.test", "allow_headers": allow_headers}]
    TenantAuth(app, registry=FakePolicySource([make_policy()]), cors=rules)
    return app


def test_pages_that_can_send_no_token_to_a_route_that_needs_one_are_a_warning() -> None:
    """Threat 67: every call of such a page is a 401, and before it a failed preflight."""
    app = cors_shop("check_rule", ["X-Part"])
    app.add_url_rule("/parts/<int:id>", "part", lambda **_: "part")
    (finding,) = check_app(app)
    assert (finding.id, finding.severity) == ("TA604", "warning")
    assert finding.place == "cors= of app check_rule, /parts"


@pytest.mark.parametrize(
    ("mark", "found"),
    [
        (cors(allow_headers=["X-Part"]), ["@cors of /part"]),
        (cors(allow_headers=[]), ["@cors of /part"]),
        (cors(allow_headers=["X-Part", "authorization"]), []),
        (cors(methods=["PUT"]), []),
    ],
    ids=["without", "none", "with", "silent"],
)
def test_a_mark_without_the_field_of_tokens_is_a_warning(mark: Any, found: list[str]) -> None:
    app, _ = shop("check_mark")
    app.add_url_rule("/part", "part", mark(lambda: "part"), methods=["PUT"])
    open_view = public(cors(allow_headers=["X-Part"])(lambda: "open"))
    app.add_url_rule("/open", "open", open_view)
    assert [(each.id, each.place) for each in check_app(app)] == [("TA604", at) for at in found]


def test_an_app_says_its_default_rules_and_where_tokens_are_needed() -> None:
    app = cors_shop("check_says", ["Authorization"])
    app.add_url_rule("/closed", "closed", lambda: "closed")
    app.add_url_rule("/own", "own", cors(allow_headers=["X"])(lambda: "own"))
    app.add_url_rule("/open", "open", public(lambda: "open"))
    said = cors_of(app)
    assert [rule.path for rule in said.defaults] == ["/parts", "/"]
    assert (said.token_paths, said.known) == (("/closed",), True)


def test_an_app_with_layers_of_its_own_has_no_default_rules() -> None:
    app = Flask("check_layers", root_path=".", static_folder=None)
    layers = [each for each in default_layers() if each.name != "cors"]
    TenantAuth(app, registry=FakePolicySource([make_policy()]), layers=layers)
    assert cors_of(app).defaults == ()
