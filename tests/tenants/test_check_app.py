from flask import Flask
from flask_cors import CORS

from tenantauth.flask import TenantAuth, public, require
from tenantauth.testing import FakePolicySource, make_policy
from tenants.check_app import check_app


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
