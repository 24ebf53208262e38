"""The public API as a customer's type checker sees it: mypy reads this with everything else."""

from datetime import timedelta
from typing import assert_type

from flask import Blueprint, Flask, Request
from flask.views import MethodView

from tenantauth import (
    Answer,
    ByHost,
    Grant,
    Identity,
    Layer,
    Limit,
    Rate,
    Refusal,
    RequestContext,
    Settings,
    Stack,
    Tenant,
    bearer_challenge,
    default_layers,
    layers_from,
    resolve_by,
    source_from,
    stack_from,
)
from tenantauth.flask import (
    Refused,
    TenantAuth,
    cors,
    current_identity,
    current_tenant,
    limit,
    no_token,
    public,
    require,
)
from tenantauth.testing import FakePolicySource, make_policy
from tenants import CorsSpec, InvalidError, LimitSpec, Registry, TenantSpec
from tenants.web import token_service


@require(roles={"analyst"}, scopes="reports:read", fresh=timedelta(minutes=5))
def reports() -> dict[str, str | None]:
    assert_type(current_tenant.slug, str)
    return {"user": current_identity.subject}


@public
async def prices() -> str:
    return "10"


@limit("10/minute", by="address")
@no_token
def login(name: str) -> str:
    return name


@limit(lambda grant: "5/day", by=lambda grant: grant.tenant.slug)
@cors(methods=["PUT"], max_age=timedelta(minutes=5))
def upload() -> str:
    return "stored"


class Things(MethodView):
    """A view whose methods are marked one by one."""

    @limit.exempt
    def get(self) -> str:
        return "things"


def is_own(identity: Identity, request: Request) -> bool:
    return identity.subject == request.path


def make_app() -> Flask:
    app = Flask("customer")
    auth = TenantAuth(app, registry=Registry(settings=Settings()))
    blueprint = Blueprint("shop", "shop")
    require(check=is_own, any_role=["a", "b"]).on(blueprint)

    @auth.refusal
    def word(refused: Refused) -> str:
        return str(refused.problem["code"])

    auth.mark("static", public, limit("9/minute"))
    app.register_blueprint(token_service())
    app.add_url_rule("/things", view_func=require()(Things.as_view("things")))
    return app


def make_stack(app: Flask) -> Stack:
    source = FakePolicySource([make_policy()])
    layers: tuple[Layer, ...] = default_layers()
    return Stack(app, layers, resolve=ByHost(), source=source)


class Closed:
    """A layer of the customer's own."""

    name = "closed"
    requires: frozenset[str] = frozenset()
    provides: frozenset[str] = frozenset()

    def admit(self, context: RequestContext) -> Refusal | Answer | None:
        if context.policy.tenant.slug == "moved":
            return Answer(308, (("Location", "https://other.test"),))
        return Refusal("forbidden", headers=(bearer_challenge(),))


def make_stack_by_settings(app: Flask) -> Stack:
    settings = Settings()
    source = source_from(settings, Registry(settings=settings))
    layers = layers_from(settings, limits=[Limit("all", Rate(9, 60))])
    stack = stack_from(app, settings, source, [*layers, Closed()])
    return Stack(app, stack.layers, resolve=resolve_by(settings), source=source)


def sign_up(registry: Registry) -> str:
    rule = CorsSpec(origins=("https://app.acme.test",))
    wanted = TenantSpec(slug="acme", name="Acme", cors=(rule,), limits=(LimitSpec("all", "9/s"),))
    try:
        return registry.tenants.add(wanted).url
    except InvalidError as error:
        return " ".join(error.problems)


def test_marks_leave_views_as_they_are() -> None:
    assert_type(login("alice"), str)
    assert login("alice") == "alice"
    assert make_app().extensions["tenantauth"].settings == Settings()
    assert Grant(Tenant("1", "acme", "Acme", "https://acme.test"), Identity("acme")).tenant.name
