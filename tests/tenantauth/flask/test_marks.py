import functools
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

import pytest
from flask import Blueprint, Flask
from flask.views import MethodView, View
from werkzeug.datastructures import Headers

from tenantauth.flask import TenantAuth, cors, limit, no_token, public, require
from tenantauth.flask.marked import Marks, marks_of_blueprint
from tenantauth.flask.marks import Mark, published
from tenantauth.flask.search import marks_of
from tenantauth.limit import Limit
from tenantauth.requirement import Require
from tenantauth.route_cors import RouteCors
from tenantauth.testing import FakePolicySource, make_policy
from tenantauth.units import Rate
from tests.tenantauth.flask.apps import ACME, ask, protected, token

P = ParamSpec("P")
T = TypeVar("T")

ANALYST = require(roles="analyst")
ADMIN = require(roles="admin")


def wrapping(view: Callable[P, T]) -> Callable[P, T]:
    """Decorate as one should."""

    @functools.wraps(view)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        return view(*args, **kwargs)

    return wrapper


def hiding(view: Callable[P, T]) -> Callable[P, T]:
    """Decorate without `functools.wraps`."""

    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        return view(*args, **kwargs)

    return wrapper


def view() -> str:
    return "hello"


def fresh_view() -> Callable[[], str]:
    return lambda: "hello"


def serving(target: Callable[..., object], **options: object) -> Flask:
    app = protected()
    app.add_url_rule("/", "index", target, **options)  # type: ignore[arg-type]  # any view
    return app


def roles_of(marks: Marks) -> list[list[str]]:
    return [sorted(requirement.roles) for requirement in marks.requirements]


@pytest.mark.parametrize(
    ("mark", "bearer", "status"),
    [
        (None, None, 401),
        (public, None, 200),
        (public, "x.y.z", 401),
        (public, "good", 200),
        (no_token, None, 200),
        (no_token, "x.y.z", 200),
        (ANALYST, None, 401),
        (ANALYST, "good", 403),
        (ANALYST, "analyst", 200),
        (ADMIN, "analyst", 403),
    ],
)
@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_a_mark_decides_who_may_call(
    mark: Mark | None, bearer: str | None, status: int, is_async: bool
) -> None:
    async def async_view() -> str:
        return "hello"

    target = async_view if is_async else fresh_view()
    bearer = {"good": token(), "analyst": token(roles=["analyst"])}.get(bearer or "", bearer)
    app = serving(mark(target) if mark else target)
    assert ask(app, token=bearer).status_code == status


def test_a_mark_returns_the_view_itself() -> None:
    for mark in (public, ANALYST, limit("1/day"), limit.exempt):
        target = fresh_view()
        assert mark(target) is target


@pytest.mark.parametrize(
    "decorate",
    [
        lambda target: wrapping(ANALYST(target)),
        lambda target: ANALYST(wrapping(target)),
        lambda target: wrapping(wrapping(ANALYST(wrapping(target)))),
        lambda target: functools.partial(ANALYST(target)),
        lambda target: wrapping(functools.partial(wrapping(ANALYST(target)))),
        lambda target: hiding(ANALYST(target)),
        lambda target: wrapping(hiding(hiding(ANALYST(target)))),
        lambda target: ANALYST(hiding(target)),
        lambda target: hiding(functools.partial(ANALYST(target))),
    ],
    ids=[
        "below", "above", "between", "partial", "wrapped partial",
        "hidden", "deeply hidden", "above hidden", "hidden partial",
    ],
)  # fmt: skip
def test_the_place_among_decorators_does_not_matter(
    decorate: Callable[[Callable[[], str]], Callable[[], str]],
) -> None:
    """Threat 55: a decorator without `functools.wraps` does not hide a requirement."""
    app = serving(decorate(fresh_view()))
    assert ask(app, token=token()).status_code == 403
    assert ask(app, token=token(roles=["analyst"])).status_code == 200


@pytest.mark.parametrize(
    "decorate",
    [wrapping, lambda target: wrapping(wrapping(target)), functools.partial, hiding],
    ids=["wraps", "twice", "partial", "hidden"],
)
def test_a_mark_is_counted_once(
    decorate: Callable[[Callable[[], str]], Callable[[], str]],
) -> None:
    """`functools.wraps` copies what a view carries."""
    marked = decorate(limit("5/minute")(ANALYST(fresh_view())))
    marks = marks_of(marked, "GET")
    assert (roles_of(marks), len(marks.limits)) == ([["analyst"]], 1)


def test_a_wrapper_that_lost_its_way_inwards_counts_once() -> None:
    wrapper = wrapping(limit("5/minute")(fresh_view()))
    del wrapper.__wrapped__  # type: ignore[attr-defined]  # `functools.wraps` sets it
    assert len(marks_of(wrapper, "GET").limits) == 1


def test_a_hidden_mark_never_opens_a_view() -> None:
    """Threat 55: a view that calls an open one is not open for it."""
    opened = public(fresh_view())
    app = serving(lambda: opened() + "!")
    assert ask(app).status_code == 401


def test_an_open_view_that_calls_another_view_is_open() -> None:
    closed = ADMIN(fresh_view())
    app = serving(public(lambda: closed() + "!"))
    app.add_url_rule("/closed", "closed", closed)
    assert [ask(app, path).status_code for path in ("/", "/closed")] == [200, 401]


def test_a_view_may_call_itself() -> None:
    def countdown(n: int = 1) -> str:
        return countdown(n - 1) if n else "done"

    assert marks_of(ANALYST(countdown), "GET").requirements


def test_a_wrapper_that_wraps_itself_ends() -> None:
    target = public(fresh_view())
    target.__wrapped__ = target  # type: ignore[attr-defined]  # as a broken decorator would
    assert marks_of(target, "GET").authentication == "optional"


def test_a_closure_that_is_not_filled_yet_is_none() -> None:
    def outer() -> Callable[[], str]:
        def inner() -> str:
            return later()

        found.append(marks_of(inner, "GET"))
        later = fresh_view()
        return inner

    found: list[Marks] = []
    outer()
    assert found == [Marks()]


def test_a_method_of_an_object_can_be_a_view() -> None:
    class Pages:
        @public
        def page(self) -> str:
            return "hello"

    assert ask(serving(Pages().page)).status_code == 200


@pytest.mark.parametrize(
    ("first", "second"),
    [(public, ANALYST), (ANALYST, public), (public, no_token), (no_token, ANALYST)],
    ids=["require on public", "public on require", "no_token on public", "require on no_token"],
)
@pytest.mark.parametrize("wrap", [lambda target: target, wrapping], ids=["directly", "wrapped"])
def test_marks_that_contradict_each_other_fail_at_the_decorator(
    first: Mark, second: Mark, wrap: Callable[[Callable[[], str]], Callable[[], str]]
) -> None:
    marked = wrap(second(fresh_view()))
    with pytest.raises(ValueError, match="cannot be marked"):
        first(marked)


def test_blueprint_marks_that_contradict_each_other_fail_at_once() -> None:
    blueprint = Blueprint("b", __name__)
    public.on(blueprint)
    with pytest.raises(ValueError, match="cannot be marked"):
        ANALYST.on(blueprint)
    assert marks_of_blueprint(blueprint).authentication == "optional"


@pytest.mark.parametrize(
    "make",
    [
        lambda: limit("often"),
        lambda: limit("0/minute"),
        lambda: limit("1/minute", cost=2),
        lambda: limit("1/minute", by="nobody"),  # type: ignore[arg-type]  # not a way of counting
        lambda: require(roles=""),
        lambda: require(scopes='a"b'),
        lambda: require(permissions=["a b"]),
    ],
)
def test_marks_that_cannot_work_fail_at_once(make: Callable[[], Mark]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # each says something else
        make()


def test_require_takes_every_condition() -> None:
    mark = require(
        roles="a", any_role={"b", "c"}, scopes=["s"], permissions=("p",),
        attributes={"department": "finance"}, fresh=timedelta(minutes=5), acr="gold",
    )  # fmt: skip
    assert mark.marks.requirements == (
        Require(
            frozenset({"a"}),
            frozenset({"b", "c"}),
            frozenset({"s"}),
            frozenset({"p"}),
            {"department": "finance"},
            timedelta(minutes=5),
            frozenset({"gold"}),
        ),
    )


def test_several_requirements_must_all_hold() -> None:
    app = serving(require(roles="analyst")(require(scopes="reports:read")(fresh_view())))
    assert ask(app, token=token(roles=["analyst"])).status_code == 403
    assert ask(app, token=token(scope="reports:read")).status_code == 403
    both = token(roles=["analyst"], scope="reports:read")
    assert ask(app, token=both).status_code == 200


@pytest.mark.parametrize("answer", [False, None, 1, "yes"])
def test_a_condition_holds_by_true_alone(answer: object) -> None:
    """A check that forgets to return, or returns something, lets nobody in."""
    app = serving(require(check=lambda identity, request: answer)(fresh_view()))  # type: ignore[arg-type,return-value]  # what a careless check returns
    assert ask(app, token=token()).status_code == 403


def test_a_condition_that_fails_refuses() -> None:
    """Threat 56."""
    app = serving(require(check=lambda identity, request: 1 / 0 > 1)(fresh_view()))
    assert ask(app, token=token()).status_code == 500


def test_a_limit_of_a_view_is_its_own() -> None:
    app = serving(public(limit("1/day", by="address")(fresh_view())))
    app.add_url_rule("/other", "other", public(limit("1/day", by="address")(fresh_view())))
    statuses = [ask(app, path).status_code for path in ("/", "/", "/other", "/other")]
    assert statuses == [200, 429, 200, 429]


def test_a_limit_counts_its_cost() -> None:
    app = serving(limit("4/day", cost=2)(fresh_view()))
    assert [ask(app, token=token()).status_code for _ in range(3)] == [200, 200, 429]
    assert ask(app, token=token("bob")).status_code == 200


def test_a_blueprint_limit_is_one_shared_counter() -> None:
    blueprint = Blueprint("b", __name__)
    limit("2/day").on(blueprint)
    for name in ("one", "two"):
        blueprint.add_url_rule(f"/{name}", name, fresh_view())
    app = protected()
    app.register_blueprint(blueprint)
    statuses = [ask(app, path, token=token()).status_code for path in ("/one", "/two", "/one")]
    assert statuses == [200, 200, 429]


def test_an_exempt_view_is_left_out_of_the_tenants_limits() -> None:
    app = protected(limits=[Limit("all", Rate(1, 86400), by="tenant")])
    app.add_url_rule("/free", "free", public(limit.exempt(fresh_view())))
    app.add_url_rule("/own", "own", public(limit("1/day")(limit.exempt(fresh_view()))))
    app.add_url_rule("/paid", "paid", public(fresh_view()))
    paths = ("/free", "/free", "/paid", "/paid", "/free", "/own", "/own")
    assert [ask(app, path).status_code for path in paths] == [200, 200, 200, 429, 200, 200, 429]


class Things(MethodView):
    """One class whose methods are marked each for itself."""

    @public
    def get(self) -> str:
        return "things"

    @ANALYST
    def post(self) -> str:
        return "made"

    def put(self) -> str:
        return "put"


@pytest.mark.parametrize(
    ("method", "bearer", "status"),
    [
        ("GET", None, 200),
        ("HEAD", None, 200),
        ("POST", None, 401),
        ("POST", "good", 403),
        ("PUT", None, 401),
        ("PUT", "good", 200),
        ("OPTIONS", None, 401),
        ("DELETE", None, 405),
    ],
)
def test_each_method_of_a_class_has_its_own_marks(
    method: str, bearer: str | None, status: int
) -> None:
    """Threat 55: an open GET opens HEAD, which is the same view, and nothing else."""
    app = serving(Things.as_view("things"))
    response = ask(app, method=method, token=bearer and token())
    assert response.status_code == status


def test_a_mark_on_a_class_is_for_all_its_methods() -> None:
    @ANALYST
    class Closed(MethodView):
        def get(self) -> str:
            return "got"

        @public
        def post(self) -> str:
            return "posted"

        @require(scopes="write")
        def put(self) -> str:
            return "put"

    found = Closed.as_view("closed")
    assert roles_of(marks_of(found, "GET")) == [["analyst"]]
    assert marks_of(found, "POST") == Marks(authentication="optional")
    assert len(marks_of(found, "PUT").requirements) == 2


def test_marks_of_classes_add_up_and_are_counted_once() -> None:
    @ADMIN
    class Base(MethodView):
        @limit("5/minute")
        def get(self) -> str:
            return "got"

    @ANALYST
    class Child(Base):
        pass

    marks = marks_of(Child.as_view("child"), "GET")
    assert (roles_of(marks), len(marks.limits)) == ([["analyst"], ["admin"]], 1)
    assert roles_of(marks_of(Base.as_view("base"), "GET")) == [["admin"]]


def test_an_open_class_below_a_closed_one_is_open() -> None:
    @ADMIN
    class Base(MethodView):
        pass

    @public
    class Child(Base):
        def get(self) -> str:
            return "got"

    assert ask(serving(Child.as_view("child"))).status_code == 200


def test_a_closed_class_below_an_open_one_is_closed() -> None:
    @public
    class Base(MethodView):
        pass

    @ANALYST
    class Child(Base):
        def get(self) -> str:
            return "got"

    assert ask(serving(Child.as_view("child"))).status_code == 401


def test_a_mark_on_the_dispatcher_of_a_class_is_found() -> None:
    """Threat 55: a plain `View` has no methods to mark."""

    class Page(View):
        @ANALYST
        def dispatch_request(self) -> str:
            return "page"

    assert ask(serving(Page.as_view("page")), token=token()).status_code == 403


@pytest.mark.parametrize("decorator", [ANALYST, wrapping, hiding], ids=["mark", "wraps", "hides"])
def test_decorators_of_a_class_keep_its_marks(
    decorator: Callable[[Callable[..., object]], Callable[..., object]],
) -> None:
    class Listed(MethodView):
        decorators = [decorator]  # noqa: RUF012  # as Flask documents it

        @ANALYST
        def get(self) -> str:
            return "got"

    assert ask(serving(Listed.as_view("listed")), token=token()).status_code == 403


@pytest.mark.parametrize("decorate", [wrapping, hiding], ids=["wraps", "hides"])
def test_a_decorated_class_view_keeps_its_marks(
    decorate: Callable[[Callable[..., object]], Callable[..., object]],
) -> None:
    @ANALYST
    class Page(MethodView):
        def get(self) -> str:
            return "got"

    decorated = decorate(Page.as_view("page"))
    assert ask(serving(decorated), token=token()).status_code == 403
    assert len(marks_of(decorated, "GET").requirements) == 1


def test_a_hidden_class_view_keeps_the_marks_of_its_methods() -> None:
    decorated = hiding(Things.as_view("things"))
    assert roles_of(marks_of(decorated, "POST")) == [["analyst"]]
    assert marks_of(decorated, "GET") == marks_of(decorated, "PUT") == Marks()


def blueprints(*marks: Mark | None, view_mark: Mark | None = None) -> Flask:
    """Return an app with nested blueprints, the outermost first, around one view."""
    app = protected()
    inner = Blueprint("inner", __name__)
    target = fresh_view()
    inner.add_url_rule("/", "index", view_mark(target) if view_mark else target)
    for number, mark in enumerate(reversed(marks)):
        if mark is not None:
            mark.on(inner)
        outer = Blueprint(f"outer{number}", __name__)
        outer.register_blueprint(inner)
        inner = outer
    app.register_blueprint(inner)
    return app


@pytest.mark.parametrize(
    ("marks", "view_mark", "anonymous", "good", "analyst"),
    [
        ([ANALYST], None, 401, 403, 200),
        ([ANALYST, None], None, 401, 403, 200),
        ([None, ANALYST], None, 401, 403, 200),
        ([ANALYST], public, 200, 200, 200),
        ([ANALYST], no_token, 200, 200, 200),
        ([public], None, 200, 200, 200),
        ([public], ANALYST, 401, 403, 200),
        ([public, ANALYST], None, 401, 403, 200),
        ([ANALYST, public], None, 200, 200, 200),
        ([ANALYST], require(scopes="x"), 401, 403, 403),
        ([require(scopes="x"), ANALYST], None, 401, 403, 403),
        ([no_token], public, 200, 200, 200),
    ],
    ids=[
        "require", "outer require", "inner require", "public view", "no_token view",
        "public", "require view in public", "require in public", "public in require",
        "require adds up", "nested require adds up", "nearest opening wins",
    ],
)  # fmt: skip
def test_the_nearest_mark_opens_and_requirements_add_up(
    marks: list[Mark | None], view_mark: Mark | None, anonymous: int, good: int, analyst: int
) -> None:
    app = blueprints(*marks, view_mark=view_mark)
    tokens = (None, token(), token(roles=["analyst"]))
    assert [ask(app, token=each).status_code for each in tokens] == [anonymous, good, analyst]


def test_marks_of_one_blueprint_are_not_anothers() -> None:
    app, one, two = protected(), Blueprint("one", __name__), Blueprint("two", __name__)
    public.on(one)
    one.add_url_rule("/one", "index", view)
    two.add_url_rule("/two", "index", view)
    app.register_blueprint(one)
    app.register_blueprint(two)
    assert (ask(app, "/one").status_code, ask(app, "/two").status_code) == (200, 401)


def test_the_static_files_of_a_blueprint_follow_its_marks() -> None:
    app = protected()
    for name, mark in (("open", public), ("closed", limit("5/minute"))):
        blueprint = Blueprint(name, __name__, static_folder=".", static_url_path=f"/{name}")
        mark.on(blueprint)
        app.register_blueprint(blueprint)
    assert ask(app, "/open/none.css").status_code == 404
    assert ask(app, "/closed/none.css").status_code == 401


def test_a_document_for_everybody_is_its_views_alone() -> None:
    target = published(fresh_view())
    assert marks_of(target, "GET") == Marks(authentication="ignored", published=True)
    assert not Marks().within(published.marks).published


@pytest.mark.parametrize("none", [(), frozenset()])
def test_one_role_of_none_is_refused_at_the_decorator(none: Collection[str]) -> None:
    """A set that came out empty would let anybody in."""
    with pytest.raises(ValueError, match="any_role needs a role"):
        require(any_role=none)


async def _later(identity: object, request: object) -> bool:
    return True


@pytest.mark.parametrize(
    "conditions",
    [{"check": _later}, {"check": "x"}, {"fresh": 5}, {"fresh": False}, {"roles": ["a", 1]}],
    ids=["async check", "no function", "seconds", "fresh is False", "a number"],
)
def test_a_condition_that_cannot_work_is_refused_at_the_decorator(conditions: Any) -> None:
    with pytest.raises(ValueError, match=r"check|fresh|not a name"):
        require(**conditions)


PREFLIGHT = {"Origin": "https://app.test", "Access-Control-Request-Method": "GET"}


def preflight(app: Flask, path: str = "/", method: str = "GET") -> Headers:
    headers = PREFLIGHT | {"Access-Control-Request-Method": method}
    return ask(app, path, method="OPTIONS", headers=headers).headers


def test_a_route_replaces_fields_of_the_tenants_cors_rule() -> None:
    app = serving(cors(allow_headers="X-Key", expose_headers=["ETag"])(fresh_view()))
    asked = preflight(app)
    assert asked["Access-Control-Allow-Headers"] == "X-Key"
    assert asked["Access-Control-Allow-Origin"] == "https://app.test"
    answer = ask(app, token=token(), headers=PREFLIGHT).headers
    assert answer["Access-Control-Expose-Headers"].endswith(", ETag")


def test_a_preflight_is_answered_by_the_route_of_the_method_to_come() -> None:
    class Resource(MethodView):
        @cors(max_age=5)
        def get(self) -> str:
            return "got"

        @cors(max_age="10s")
        def put(self) -> str:
            return "put"

    app = serving(Resource.as_view("resource"))
    ages = [preflight(app, method=method)["Access-Control-Max-Age"] for method in ("GET", "PUT")]
    assert ages == ["5", "10"]


def test_the_nearest_cors_mark_wins_field_by_field() -> None:
    app, blueprint = protected(), Blueprint("b", __name__)
    cors(methods="put", max_age=5).on(blueprint)
    blueprint.add_url_rule("/", "index", cors(max_age=timedelta(minutes=1))(fresh_view()))
    app.register_blueprint(blueprint)
    asked = preflight(app)
    assert asked["Access-Control-Allow-Methods"] == "PUT"
    assert asked["Access-Control-Max-Age"] == "60"


def test_two_cors_marks_on_a_view_say_different_things() -> None:
    marked = cors(max_age=5)(cors(methods="PUT")(fresh_view()))
    assert marks_of(marked, "GET").cors == RouteCors(methods=("PUT",), max_age_s=5)
    with pytest.raises(ValueError, match="field of cors twice"):
        cors(max_age=6)(marked)


def test_a_hidden_cors_mark_allows_nothing() -> None:
    """Threat 55: it may be that of another view, which is called."""
    app = serving(hiding(cors(methods="PURGE")(fresh_view())))
    assert "PURGE" not in preflight(app)["Access-Control-Allow-Methods"]


@pytest.mark.parametrize(
    "make",
    [
        cors,
        lambda: cors(methods="*"),
        lambda: cors(allow_headers=["X Y"]),
        lambda: cors(max_age="often"),
        lambda: cors(max_age=86_401),
    ],
)
def test_cors_marks_that_cannot_work_fail_at_once(make: Callable[[], Mark]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # each says something else
        make()


def test_a_limit_may_count_what_the_app_names() -> None:
    """Threat 75: all analysts together, apart from a subject of that name."""
    team = limit("2/day", by=lambda grant: "analysts" if grant.identity.roles else "")
    app = serving(team(fresh_view()))
    callers = [token(subject, roles=["analyst"]) for subject in ("alice", "bob", "carol")]
    assert [ask(app, token=each).status_code for each in callers] == [200, 200, 429]
    assert ask(app, token=token("analysts")).status_code == 200


def test_a_limit_may_have_the_rate_that_the_app_tells() -> None:
    by_role = limit(lambda grant: "2/day" if grant.identity.roles else "1/day")
    app = serving(by_role(fresh_view()))
    plain, analyst = token("bob"), token("alice", roles=["analyst"])
    assert [ask(app, token=plain).status_code for _ in range(2)] == [200, 429]
    assert [ask(app, token=analyst).status_code for _ in range(3)] == [200, 200, 429]


def test_a_limit_whose_rate_cannot_be_read_refuses() -> None:
    """Threat 56."""
    assert ask(serving(limit(lambda grant: "much")(fresh_view())), token=token()).status_code == 500


def test_a_view_that_opens_what_the_tenants_limits_allow_spends_nothing_when_refused() -> None:
    app = protected(limits=[Limit("all", Rate(2, 86_400), by="tenant")])
    app.add_url_rule("/", "index", public(limit("1/day", by="tenant")(fresh_view())))
    app.add_url_rule("/other", "other", public(fresh_view()))
    paths = ("/", "/", "/other", "/other")
    assert [ask(app, path).status_code for path in paths] == [200, 429, 200, 429]


def test_marks_hold_where_a_preprocessor_takes_arguments_away() -> None:
    app, blueprint = protected(), Blueprint("b", __name__, url_prefix="/<lang>")
    blueprint.url_value_preprocessor(lambda endpoint, values: values and values.pop("lang"))
    blueprint.add_url_rule("/", "index", ANALYST(fresh_view()))
    app.register_blueprint(blueprint)
    asked = (token(), token(roles=["analyst"]))
    assert [ask(app, "/fr/", token=each).status_code for each in asked] == [403, 200]


def test_a_blueprint_registered_twice_is_marked_twice() -> None:
    app, blueprint = protected(), Blueprint("b", __name__)
    public.on(blueprint)
    blueprint.add_url_rule("/", "index", fresh_view())
    app.register_blueprint(blueprint, url_prefix="/one")
    app.register_blueprint(blueprint, url_prefix="/two", name="again")
    assert [ask(app, path).status_code for path in ("/one/", "/two/")] == [200, 200]


def test_marks_hold_by_host() -> None:
    """Threat 45: one path, two hosts, two views."""
    app = Flask(__name__, host_matching=True, static_host="static.localhost")
    TenantAuth(app, registry=FakePolicySource([ACME, make_policy("globex")]))
    app.add_url_rule("/", "open", public(fresh_view()), host="acme.localhost")
    app.add_url_rule("/", "closed", ANALYST(fresh_view()), host="globex.localhost")
    hosts = ("acme.localhost", "globex.localhost")
    assert [ask(app, host=host).status_code for host in hosts] == [200, 401]


def test_marks_hold_below_a_prefix() -> None:
    """Threat 48."""
    app = serving(ANALYST(fresh_view()))
    moved = {"SCRIPT_NAME": "/prefix", "PATH_INFO": "/"}
    asked = (None, token(), token(roles=["analyst"]))
    assert [ask(app, token=each, environ=moved).status_code for each in asked] == [401, 403, 200]
