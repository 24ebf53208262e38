import gc
import weakref
from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from flask import (
    Blueprint,
    Flask,
    Request,
    copy_current_request_context,
    current_app,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter, Map, Rule

from tenantauth.defaults import default_layers
from tenantauth.environ import GRANT
from tenantauth.flask import TenantAuth, limit, public, require
from tenantauth.flask.routes import FlaskRoutes
from tenantauth.limit import Limit
from tenantauth.route import RouteFacts
from tenantauth.testing import FakePolicySource, make_policy
from tenantauth.units import Rate
from tests.tenantauth.flask.apps import ACME, ask, protected, token

ORIGIN = {"Origin": "https://app.test"}
ASKS_GET = {"Access-Control-Request-Method": "GET"}


class CountedMap(Map):
    """Counts how often it is asked to match or to build an URL."""

    asked = 0

    def update(self) -> None:
        self.asked += 1
        super().update()


class CountedApp(Flask):
    """An app that counts the questions to its map."""

    url_map_class = CountedMap


@pytest.fixture
def counted() -> Flask:
    app = CountedApp(__name__)
    TenantAuth(app, registry=FakePolicySource([ACME]))
    app.add_url_rule("/items/<name>", "item", public(lambda name: f"{name} {request.endpoint}"))
    return app


@pytest.mark.parametrize(
    ("path", "method", "bearer", "status"),
    [
        ("/items/one", "GET", None, 200),
        ("/items/one", "GET", "x.y.z", 401),
        ("/items/one", "POST", None, 405),
        ("/nowhere", "GET", None, 404),
    ],
    ids=["served", "refused", "not allowed", "not found"],
)
def test_a_url_is_matched_once(
    counted: Flask, path: str, method: str, bearer: str | None, status: int
) -> None:
    assert isinstance(counted.url_map, CountedMap)
    ask(counted, path)  # The first request looks at all routes once.
    counted.url_map.asked = 0
    assert ask(counted, path, method=method, token=bearer).status_code == status
    assert counted.url_map.asked == 1


def test_other_urls_can_be_matched_in_a_view(counted: Flask) -> None:
    @counted.get("/find")
    @public
    def find() -> str:
        adapter = counted.create_url_adapter(request)
        assert adapter is not None
        endpoint, arguments = adapter.match("/items/other", method="GET")
        return f"{endpoint} {arguments['name']} {sorted(adapter.allowed_methods('/find'))}"

    assert ask(counted, "/find").text == "item other ['GET', 'HEAD', 'OPTIONS']"


def test_urls_are_built_in_views_as_ever() -> None:
    app = protected()
    app.add_url_rule("/a/<int:n>", "a", public(lambda n: url_for("a", n=n + 1, _external=True)))
    assert ask(app, "/a/1").text == "http://acme.localhost/a/2"


def test_urls_are_built_outside_requests_as_ever() -> None:
    app = protected(SERVER_NAME="acme.test")
    app.add_url_rule("/a", "a", lambda: "")
    with app.app_context():
        assert url_for("a") == "http://acme.test/a"
    with app.test_request_context("/"):
        assert url_for("a") == "/a"


def test_a_scheme_set_by_a_proxy_fix_inside_is_the_one_of_urls() -> None:
    """A match is not reused when something that URLs are built from has changed since."""
    app = Flask(__name__)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_proto=1)  # type: ignore[method-assign]  # as documented
    TenantAuth(app, registry=FakePolicySource([ACME]))
    app.add_url_rule("/a", "a", public(lambda: url_for("a", _external=True)))
    sent = {"X-Forwarded-Proto": "https"}
    assert ask(app, "/a", headers=sent).text == "https://acme.localhost/a"


def test_a_copied_request_context_has_all_arguments_again() -> None:
    """URL value preprocessors take arguments away; what they took is not gone from the match."""
    app = protected()
    app.url_value_preprocessor(lambda endpoint, values: values and values.pop("lang", None))

    @app.get("/<lang>/page")
    @public
    def page() -> str:
        def arguments() -> str:
            return str(request.view_args)

        copied: Callable[[], str] = copy_current_request_context(arguments)
        return f"{arguments()} {copied()}"

    assert ask(app, "/fr/page").text == "{} {'lang': 'fr'}"


def test_a_host_that_the_app_does_not_trust_is_flasks_to_refuse() -> None:
    app = protected(TRUSTED_HOSTS=["globex.localhost"])
    app.add_url_rule("/", view_func=public(lambda: "hello"))
    assert ask(app).status_code == 400
    assert ask(app, host="globex.localhost").status_code == 200


def test_the_trusted_hosts_of_a_request_class_are_asked() -> None:
    class Careful(Request):
        trusted_hosts = ["globex.localhost"]  # noqa: RUF012  # declared without ClassVar there

    app = protected()
    app.request_class = Careful
    app.add_url_rule("/", view_func=public(lambda: "hello"))
    assert ask(app).status_code == 400


def test_subdomain_matching_works() -> None:
    app = Flask(__name__, subdomain_matching=True)
    app.config["SERVER_NAME"] = "localhost"
    TenantAuth(app, registry=FakePolicySource([ACME, make_policy("globex")]))
    app.add_url_rule("/", "sub", public(lambda tenant: tenant), subdomain="<tenant>")
    assert ask(app).text == "acme"
    assert ask(app, host="globex.localhost").text == "globex"


def test_host_matching_works() -> None:
    app = Flask(__name__, host_matching=True, static_host="static.localhost")
    TenantAuth(app, registry=FakePolicySource([ACME, make_policy("globex")]))
    app.add_url_rule("/", "acme", public(lambda: "acme"), host="acme.localhost")
    app.add_url_rule("/", "globex", lambda: "globex", host="globex.localhost")
    assert ask(app).text == "acme"
    assert ask(app, host="globex.localhost").status_code == 401


def test_an_app_below_a_prefix_works() -> None:
    """Threat 48: what is matched is the path below the prefix, for Flask and for limits."""
    app = protected()
    app.add_url_rule("/a", "a", public(lambda: url_for("a")))
    moved = {"SCRIPT_NAME": "/prefix", "PATH_INFO": "/a"}
    assert ask(app, environ=moved).text == "/prefix/a"


@pytest.mark.parametrize("path_info", ["/few", "few", "//few", "///few"])
def test_no_spelling_of_a_path_escapes_its_limit(path_info: str) -> None:
    """Threats 48 and 73: a moved SCRIPT_NAME leaves paths without a slash, and they match."""
    app = protected(limits=[Limit("few", Rate(1, 3600), by="tenant", paths=("/few",))])
    app.add_url_rule("/few", view_func=public(lambda: "hello"))
    assert ask(app, "/few").status_code == 200
    assert ask(app, environ={"PATH_INFO": path_info}).status_code == 429


def test_no_spelling_of_a_method_escapes_its_limit() -> None:
    """Threat 73: Flask reads methods in capitals."""
    few = Limit("few", Rate(1, 3600), by="tenant", methods=frozenset({"POST"}))
    app = protected(limits=[few])
    app.add_url_rule("/", view_func=public(lambda: "hello"), methods=["POST"])
    assert ask(app, method="POST").status_code == 200
    assert ask(app, environ={"REQUEST_METHOD": "post"}).status_code == 429


class Resource(MethodView):
    """Reading is open, asking for options is not."""

    @public
    def get(self) -> str:
        return "open"

    def options(self) -> str:
        return "closed"


@pytest.mark.parametrize("headers", [ASKS_GET, ASKS_GET | ORIGIN], ids=["no origin", "origin"])
@pytest.mark.parametrize("cors", [True, False], ids=["with CORS", "without CORS"])
def test_a_preflight_never_reaches_a_closed_method(cors: bool, headers: dict[str, str]) -> None:
    """Threat 55: a header that names an open method opens no other."""
    app = Flask(__name__)
    layers = None if cors else default_layers()[1:]
    TenantAuth(app, registry=FakePolicySource([ACME]), layers=layers)
    app.add_url_rule("/", view_func=Resource.as_view("resource"))
    assert ask(app).text == "open"
    assert ask(app, method="OPTIONS", headers=headers).status_code in (204, 401)


def test_a_preflight_asks_for_the_method_to_come() -> None:
    """Threat 66: in any case, as browsers send what the page wrote."""
    app, asked = Flask(__name__), []
    routes = FlaskRoutes(app)
    app.add_url_rule("/", view_func=Resource.as_view("resource"))
    for method in ("GET", "get", "OPTIONS"):
        with app.test_request_context("/", method="OPTIONS") as context:
            asked.append(routes.facts(context.request.environ, method).authentication)
    assert asked == ["optional", "optional", "required"]


def test_made_up_methods_use_no_memory() -> None:
    """Threats 77 and 102: a rule without methods takes any of them."""
    app = Flask(__name__)
    routes = FlaskRoutes(app)
    app.url_map.add(Rule("/", endpoint="any"))
    app.view_functions["any"] = public(lambda: "hello")
    for number in range(20):
        with app.test_request_context("/", method=f"M{number}") as context:
            facts = routes.facts(context.request.environ, f"M{number}")
            assert facts.authentication == "optional"
    assert len(routes._facts) == 0


def test_facts_are_read_once_for_a_route_and_method() -> None:
    app = Flask(__name__)
    routes = FlaskRoutes(app)
    app.add_url_rule("/", "index", require(roles="a")(lambda: ""))
    with app.test_request_context("/") as context:
        first = routes.facts(context.request.environ, "GET")
        assert routes.facts(context.request.environ, "GET") is first


def test_a_replaced_view_is_read_anew() -> None:
    app = protected()
    app.add_url_rule("/", "index", public(lambda: "open"))
    assert ask(app).status_code == 200
    app.view_functions["index"] = lambda: "closed"
    assert ask(app).status_code == 401


def test_an_endpoint_with_a_dot_is_in_no_blueprint() -> None:
    app = protected()
    app.add_url_rule("/", endpoint="a.b", view_func=public(lambda: "hello"))
    assert ask(app).text == "hello"


def test_a_route_that_nobody_views_is_closed() -> None:
    app = protected()
    app.add_url_rule("/", endpoint="later")
    assert ask(app).status_code == 401


def test_limits_are_counted_under_the_name_of_their_place() -> None:
    app, blueprint = Flask(__name__), Blueprint("b", __name__)
    routes = FlaskRoutes(app)
    blueprint.add_url_rule("/", "v w", limit("1/day")(limit("5/day")(lambda: "")))
    limit("9/day").on(blueprint)
    app.register_blueprint(blueprint)
    with app.test_request_context("/") as context:
        facts = routes.facts(context.request.environ, "GET")
    assert [(each.scope, each.limit.name, str(each.limit.rate)) for each in facts.limits] == [
        ("route:b.v w", "route:b.v_w", "5/day"),
        ("route:b.v w", "route:b.v_w:2", "1/day"),
        ("blueprint:b", "blueprint:b", "9/day"),
    ]


def test_an_app_without_any_url_adapter_is_closed() -> None:
    app = Flask(__name__)
    app.create_url_adapter = lambda request: None  # type: ignore[method-assign]  # as an app may
    assert FlaskRoutes(app).facts({}, "GET") == RouteFacts(matched=False, known=False)


class Late:
    """A middleware inside that sends every request to the closed route."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self.kept: dict[str, object] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.kept = {name: value for name, value in environ.items() if "tenantauth" in name}
        return self._app({**environ, "PATH_INFO": "/closed"}, start_response)


def test_a_match_is_only_for_the_request_it_was_made_for() -> None:
    """Threat 55: the kept match stays with its path, so a changed path is seen."""
    app = Flask(__name__)
    late = Late(app.wsgi_app)
    app.wsgi_app = late  # type: ignore[method-assign]  # as documented
    TenantAuth(app, registry=FakePolicySource([ACME]))
    app.add_url_rule("/open", "open", public(lambda: "open"))
    app.add_url_rule("/closed", "closed", lambda: "closed")
    response = ask(app, "/open")
    assert (response.status_code, response.text == "closed") == (500, False)
    assert GRANT in late.kept


def test_a_condition_of_the_apps_own_sees_the_matched_request() -> None:
    """`request.view_args` says whose thing it is: what most such conditions are about."""
    app = protected()

    @app.get("/users/<name>")
    @require(check=lambda identity, request: identity.subject in (request.view_args or {}).values())
    def user(name: str) -> ResponseReturnValue:
        return name

    assert ask(app, "/users/alice", token=token()).text == "alice"
    assert ask(app, "/users/bob", token=token()).status_code == 403


def test_a_condition_does_not_read_the_body_before_the_view() -> None:
    app = protected()

    @app.post("/")
    @require(check=lambda identity, request: request.content_type == "text/plain")
    def echo() -> bytes:
        return request.get_data()

    bearer = {"Authorization": f"Bearer {token()}", "Content-Type": "text/plain"}
    sent = app.test_client().post("/", base_url="http://acme.localhost", headers=bearer, data="x")
    assert sent.text == "x"


class OfTheApp(BaseConverter):
    """A converter that looks something up, as Flask lets it."""

    def to_python(self, value: str) -> str:
        return f"{current_app.name} {value}"


def test_a_converter_of_the_app_may_use_its_context() -> None:
    app = protected()
    app.url_map.converters["looked_up"] = OfTheApp
    app.add_url_rule("/<looked_up:name>", view_func=public(lambda name: name))
    assert ask(app, "/x").text == f"{app.name} x"


@pytest.mark.parametrize(
    ("path", "method", "known"),
    [("/docs", "GET", True), ("/docs/", "POST", True), ("/other", "GET", False)],
    ids=["redirect", "method not allowed", "not found"],
)
def test_what_flask_answers_of_a_known_path_is_known(
    path: str, method: str, *, known: bool
) -> None:
    app = Flask(__name__)
    routes = FlaskRoutes(app)
    app.add_url_rule("/docs/", view_func=lambda: "docs", endpoint="docs")
    with app.test_request_context(path, method=method) as context:
        facts = routes.facts(context.request.environ, method)
    assert (facts.matched, facts.known) == (False, known)


@pytest.mark.parametrize("on", ["view", "blueprint"])
def test_a_mark_that_comes_after_the_first_request_holds(on: str) -> None:
    """Threat 55: a late import must not leave its routes open."""
    app, blueprint, view = protected(), Blueprint("late", __name__), lambda: "view"
    blueprint.add_url_rule("/", endpoint="view", view_func=view)
    app.register_blueprint(blueprint)
    assert ask(app, token=token()).status_code == 200
    admin = require(roles="admin")
    _ = admin(view) if on == "view" else admin.on(blueprint)  # type: ignore[func-returns-value]
    assert ask(app, token=token()).status_code == 403


def test_a_limit_is_one_counter_for_all_methods_of_a_view_and_no_other_limits() -> None:
    """Threat 73: neither can a method be changed to be counted anew, nor counts one for another."""

    @limit("10/minute")
    class Things(MethodView):
        @limit("1000/hour")
        def get(self) -> str:
            return "get"

        @limit("5/minute")
        def post(self) -> str:
            return "post"

    app = Flask(__name__)
    routes = FlaskRoutes(app)
    app.add_url_rule("/", view_func=Things.as_view("things"))
    names = {
        method: {str(each.limit.rate): each.limit.name for each in facts.limits}
        for method in ("GET", "POST")
        for facts in [routes.read_facts("things", method)]
    }
    assert names["GET"]["10/minute"] == names["POST"]["10/minute"]
    assert len({name for each in names.values() for name in each.values()}) == 3


def test_an_app_is_not_kept_alive_by_the_extension_that_marks_it() -> None:
    """A factory makes many apps with one extension, in tests above all."""
    auth = TenantAuth()
    apps: weakref.WeakSet[Flask] = weakref.WeakSet()
    for number in range(3):
        apps.add(_put_on(auth, str(number)))
    gc.collect()
    assert len(apps) == 0


def _put_on(auth: TenantAuth, name: str) -> Flask:
    app = Flask(name)
    auth.init_app(app, registry=FakePolicySource())
    return app
