from collections.abc import Mapping

import pytest
from flask import Flask, current_app, render_template_string

from tenantauth.defaults import default_layers
from tenantauth.errors import UnknownTenantError
from tenantauth.flask import (
    TenantAuth,
    current_identity,
    current_tenant,
    current_user,
    limit,
    no_token,
    public,
    require,
)
from tenantauth.flask.state import state_of
from tenantauth.identity import Identity
from tenantauth.layers.cors import Cors
from tenantauth.testing import FakeRegistry, Kit, client, make_policy

ACME = make_policy(roles={"analyst": ["reports:read"]})


@pytest.fixture
def auth() -> TenantAuth:
    return TenantAuth(registry=FakeRegistry([ACME, make_policy("globex", suspended=True)]))


@pytest.fixture
def app(auth: TenantAuth) -> Flask:
    app = Flask(__name__)
    auth.init_app(app)

    @app.get("/user")
    @public
    def user() -> dict[str, object]:
        return {"name": current_user["name"] if current_user else None}

    @app.get("/department")
    @limit("1/hour")
    @require(attributes={"department": "finance"})
    def department() -> dict[str, object]:
        return dict(current_identity.attributes)

    return app


class Directory:
    """Users and what is known of them; it remembers whom it was asked about."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []

    def user(self, identity: Identity) -> dict[str, object] | None:
        self.asked.append(identity.subject)
        return None if identity.subject == "ghost" else {"name": str(identity.subject).title()}

    async def user_soon(self, identity: Identity) -> dict[str, object] | None:
        return self.user(identity)

    def facts(self, identity: Identity) -> Mapping[str, object]:
        self.asked.append(f"{identity.subject} in {current_app.name}")
        return {"department": "finance"} if identity.subject == "alice" else {}

    async def facts_soon(self, identity: Identity) -> Mapping[str, object]:
        return self.facts(identity)


@pytest.fixture
def directory() -> Directory:
    return Directory()


def test_a_user_is_loaded_once_when_asked_for(
    auth: TenantAuth, app: Flask, directory: Directory
) -> None:
    auth.user_loader(directory.user)
    assert client(app).get("/user").json == {"name": "Alice"}
    assert directory.asked == ["alice"]


def test_a_user_is_not_loaded_for_a_view_that_does_not_ask(
    auth: TenantAuth, app: Flask, directory: Directory
) -> None:
    auth.user_loader(directory.user)
    app.add_url_rule("/idle", "idle", lambda: "idle")
    client(app).get("/idle")
    assert directory.asked == []


def test_each_request_loads_its_own_user(
    auth: TenantAuth, app: Flask, directory: Directory
) -> None:
    """Threat 54: also below an app context that outlives them."""
    auth.user_loader(directory.user)
    with app.app_context():
        seen = [client(app, subject=name).get("/user").json for name in ("ann", "bob")]
    assert seen == [{"name": "Ann"}, {"name": "Bob"}]


def test_a_loader_may_be_async(auth: TenantAuth, app: Flask, directory: Directory) -> None:
    auth.user_loader(directory.user_soon)
    auth.claims_loader(directory.facts_soon)
    assert client(app).get("/user").json == {"name": "Alice"}
    assert client(app).get("/department").json == {"department": "finance"}


@pytest.mark.parametrize("subject", [None, "ghost"], ids=["anonymous", "deleted"])
def test_a_caller_without_a_user_has_none(
    auth: TenantAuth, app: Flask, directory: Directory, subject: str | None
) -> None:
    auth.user_loader(directory.user)
    assert client(app, subject=subject).get("/user").json == {"name": None}


def test_a_user_without_a_loader_is_a_mistake_that_is_named(app: Flask) -> None:
    app.add_url_rule("/mistake", "mistake", lambda: str(current_user.name))
    app.testing = True
    with pytest.raises(RuntimeError, match="marked with @auth"):
        client(app).get("/mistake")


def test_a_loader_is_returned_unchanged(auth: TenantAuth, directory: Directory) -> None:
    loader = directory.user
    assert auth.user_loader(loader) is loader
    assert auth.claims_loader(loader) is loader


def test_loaded_attributes_can_be_required(
    auth: TenantAuth, app: Flask, directory: Directory
) -> None:
    auth.claims_loader(directory.facts)
    assert client(app).get("/department").json == {"department": "finance"}
    assert client(app, subject="bob").get("/department").status_code == 403
    assert directory.asked == [f"alice in {app.name}", f"bob in {app.name}"]


def test_attributes_are_looked_up_for_callers_within_their_limits_only(
    auth: TenantAuth, app: Flask, directory: Directory
) -> None:
    auth.claims_loader(directory.facts)
    alice = client(app, limits=True)
    assert [alice.get("/department").status_code for _ in range(3)] == [200, 429, 429]
    client(app, subject=None).get("/department")
    assert len(directory.asked) == 1


def test_a_loader_that_fails_lets_nobody_pass(
    auth: TenantAuth, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """Threat 56."""

    @auth.claims_loader
    def fail(identity: Identity) -> Mapping[str, object]:
        raise OSError("away")

    assert client(app).get("/department").json["code"] == "internal_error"  # type: ignore[index]  # a problem
    assert "internal error" in caplog.text


def test_attributes_are_loaded_right_before_they_are_asked_for(app: Flask) -> None:
    names = [layer.name for layer in state_of(app).stack.layers]
    assert names[-2:] == ["attributes", "authorize"]


@pytest.mark.parametrize(
    ("layers", "last"),
    [(default_layers()[:-1], "attributes"), ([Cors()], "cors")],
    ids=["nobody authorises", "nobody is known"],
)
def test_layers_of_ones_own_load_attributes_where_they_can(
    auth: TenantAuth, layers: list[Cors], last: str
) -> None:
    assert auth.add_layer(Flask(__name__), layers)[-1].name == last


def test_a_job_acts_for_a_user(auth: TenantAuth, app: Flask, directory: Directory) -> None:
    auth.user_loader(directory.user)
    with app.app_context(), auth.acting_as("acme", "alice", roles="analyst") as identity:
        assert current_identity == identity
        assert (current_tenant.slug, current_identity.kind) == ("acme", "user")
        assert current_identity.has_permission("reports:read")
        assert current_user["name"] == "Alice"


def test_a_job_has_the_attributes_of_whom_it_acts_for(
    auth: TenantAuth, app: Flask, directory: Directory
) -> None:
    auth.claims_loader(directory.facts)
    with app.app_context(), auth.acting_as("acme", "alice"):
        assert current_identity.attributes == {"department": "finance"}


def test_a_job_can_act_at_a_suspended_tenant(auth: TenantAuth, app: Flask) -> None:
    with app.app_context(), auth.acting_as("globex", "biller"):
        assert current_tenant.slug == "globex"


def test_nobody_acts_at_an_unknown_tenant(auth: TenantAuth, app: Flask) -> None:
    with app.app_context(), pytest.raises(UnknownTenantError), auth.acting_as("initech", "x"):
        pass


def test_a_job_is_tested_with_the_kits_tenants(auth: TenantAuth, app: Flask) -> None:
    kit = Kit()
    kit.policy("initech")
    with app.app_context(), kit.serving(app), auth.acting_as("initech", "x"):
        assert current_tenant.slug == "initech"


TEMPLATE = "{{ current_tenant.slug }} {{ current_identity.subject }} {{ current_user.name }}"


def test_templates_see_who_calls(auth: TenantAuth, app: Flask, directory: Directory) -> None:
    auth.user_loader(directory.user)
    app.add_url_rule("/page", "page", lambda: render_template_string(TEMPLATE))
    assert client(app).get("/page").text == "acme alice Alice"


def test_a_template_without_a_tenant_finds_nobody(auth: TenantAuth) -> None:
    app = Flask(__name__)
    TenantAuth(app, registry=FakeRegistry(), tenantless=["/about"])
    page = "{% if current_identity %}somebody{% else %}nobody{% endif %}"
    app.add_url_rule("/about", "about", no_token(lambda: render_template_string(page)))
    assert client(app).get("/about").text == "nobody"
