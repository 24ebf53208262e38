from pathlib import Path

import pytest
from flask import Blueprint, Flask

from tenantauth.flask import TenantAuth, limit, public, require
from tenantauth.flask.marks import Mark
from tenantauth.testing import FakePolicySource
from tests.tenantauth.flask.apps import ACME, ask, token


@pytest.fixture
def auth() -> TenantAuth:
    return TenantAuth()


def put_on(auth: TenantAuth) -> Flask:
    app = Flask(__name__)
    auth.init_app(app, registry=FakePolicySource([ACME]))
    return app


def closed() -> str:
    return "hello"


def statuses(*apps: Flask, path: str = "/") -> list[int]:
    return [ask(app, path).status_code for app in apps]


def test_an_endpoint_is_marked_after_its_route(auth: TenantAuth) -> None:
    app = put_on(auth)
    app.add_url_rule("/", "index", closed)
    auth.mark("index", public)
    assert statuses(app) == [200]


def test_an_endpoint_is_marked_before_its_route(auth: TenantAuth) -> None:
    app = put_on(auth)
    auth.mark("index", public)
    app.add_url_rule("/", "index", closed)
    assert statuses(app) == [200]


def test_an_endpoint_is_marked_before_there_is_an_app(auth: TenantAuth) -> None:
    auth.mark("index", public)
    apps = [put_on(auth), put_on(auth)]
    for app in apps:
        app.add_url_rule("/", "index", closed)
    assert statuses(*apps) == [200, 200]


def test_an_endpoint_of_one_app_is_not_anothers(auth: TenantAuth) -> None:
    """Threat 55: one extension may be put on many apps."""
    one = put_on(auth)
    auth.mark("index", public)
    two = put_on(auth)
    for app in (one, two):
        app.add_url_rule("/", "index", closed)
    assert statuses(one, two) == [200, 401]


def test_an_earlier_app_is_named(auth: TenantAuth) -> None:
    one, two = put_on(auth), put_on(auth)
    for app in (one, two):
        app.add_url_rule("/", "index", closed)
    auth.mark("index", public, app=one)
    assert statuses(one, two) == [200, 401]


def test_two_extensions_keep_to_their_own_apps(auth: TenantAuth) -> None:
    other = TenantAuth()
    one, two = put_on(auth), put_on(other)
    for app in (one, two):
        app.add_url_rule("/", "index", closed)
    auth.mark("index", public)
    assert statuses(one, two) == [200, 401]
    with pytest.raises(ValueError, match="not put on that app"):
        auth.mark("index", public, app=two)


def test_static_files_are_marked_by_endpoint(auth: TenantAuth, tmp_path: Path) -> None:
    app = put_on(auth)
    app.static_folder = str(tmp_path)
    auth.mark("static", public)
    assert statuses(app, path="/static/none.css") == [404]


def test_the_static_files_of_a_blueprint_are_marked_by_endpoint(auth: TenantAuth) -> None:
    """A bound method takes no attributes; the rest of the blueprint stays closed."""
    app, ui = put_on(auth), Blueprint("ui", __name__, static_folder=".", static_url_path="/ui")
    ui.add_url_rule("/page", "page", closed)
    auth.mark("ui.static", public)
    app.register_blueprint(ui)
    assert statuses(app, path="/ui/none.css") == [404]
    assert statuses(app, path="/page") == [401]


def test_several_marks_hold_together(auth: TenantAuth) -> None:
    app = put_on(auth)
    app.add_url_rule("/", "index", closed)
    auth.mark("index", public, limit("1/day", by="address"))
    assert [statuses(app), statuses(app)] == [[200], [429]]


def test_a_requirement_by_endpoint_adds_to_the_views_own(auth: TenantAuth) -> None:
    app = put_on(auth)
    app.add_url_rule("/", "index", require(scopes="read")(lambda: "hello"))
    auth.mark("index", require(roles="analyst"))
    both = token(scope="read", roles=["analyst"])
    asked = [ask(app, token=each).status_code for each in (token(scope="read"), both)]
    assert asked == [403, 200]


def test_an_endpoint_mark_wins_over_the_blueprints(auth: TenantAuth) -> None:
    app, blueprint = put_on(auth), Blueprint("b", __name__)
    require(roles="analyst").on(blueprint)
    blueprint.add_url_rule("/", "index", closed)
    app.register_blueprint(blueprint)
    auth.mark("b.index", public)
    assert statuses(app) == [200]


@pytest.mark.parametrize(
    ("own", "mark"),
    [(require(roles="a"), public), (public, require(roles="a"))],
    ids=["public on require", "require on public"],
)
def test_a_contradiction_fails_at_once_and_changes_nothing(
    auth: TenantAuth, own: Mark, mark: Mark
) -> None:
    app = put_on(auth)
    app.add_url_rule("/", "index", own(lambda: "hello"))
    before = statuses(app)
    with pytest.raises(ValueError, match="cannot be marked"):
        auth.mark("index", mark)
    assert statuses(app) == before


def test_a_contradiction_with_a_later_route_opens_nothing(auth: TenantAuth) -> None:
    """Threat 56."""
    app = put_on(auth)
    auth.mark("index", public)
    app.add_url_rule("/", "index", require(roles="a")(lambda: "hello"))
    assert statuses(app) == [500]


def test_a_mark_after_the_first_request_counts(auth: TenantAuth) -> None:
    app = put_on(auth)
    app.add_url_rule("/", "index", closed)
    before = statuses(app)
    auth.mark("index", public)
    assert (before, statuses(app)) == ([401], [200])
