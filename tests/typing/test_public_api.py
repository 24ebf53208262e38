"""The public API as a customer's type checker sees it: mypy reads this with everything else."""

from datetime import timedelta
from typing import assert_type

from flask import Blueprint, Flask, Request
from flask.views import MethodView

from tenantauth import Grant, Identity, Settings, Stack, Tenant, default_layers
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
from tenantauth.layer import Layer
from tenantauth.resolve import ByHost
from tenantauth.testing import FakePolicySource, make_policy
from tenants import Registry
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


def test_marks_leave_views_as_they_are() -> None:
    assert_type(login("alice"), str)
    assert login("alice") == "alice"
    assert make_app().extensions["tenantauth"].settings == Settings()
    assert Grant(Tenant("1", "acme", "Acme", "https://acme.test"), Identity("acme")).tenant.name
