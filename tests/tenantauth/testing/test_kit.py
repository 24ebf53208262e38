import pytest
from flask import Flask

from tenantauth.flask import TenantAuth, current_identity, current_tenant, limit, public, require
from tenantauth.identity import Identity
from tenantauth.limit import Limit
from tenantauth.policy import TenantPolicy
from tenantauth.ports import TenantKey
from tenantauth.testing import Kit, ManualClock, client, make_policy
from tenantauth.units import Rate


class Unasked:
    """A policy source that must not be asked."""

    def get(self, key: TenantKey) -> TenantPolicy:
        raise AssertionError("the registry was asked")


def create_app() -> Flask:
    """Return an app as a factory makes it: with the installed registry, whose database is none."""
    app = Flask(__name__)
    TenantAuth(app)

    @app.get("/me")
    def me() -> dict[str, object]:
        identity: Identity = current_identity
        return {
            "tenant": current_tenant.slug,
            "subject": identity.subject,
            "roles": sorted(identity.roles),
            "permissions": sorted(identity.permissions),
            "scopes": sorted(identity.scopes),
            "department": identity.claims.get("department"),
        }

    app.add_url_rule("/open", "open", public(lambda: str(current_identity.kind)))
    app.add_url_rule("/analysts", "analysts", require(roles="analyst")(lambda: "read"))
    app.add_url_rule("/once", "once", limit("1/hour")(lambda: "once"))
    return app


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app()


@pytest.fixture
def kit() -> Kit:
    return Kit()


def test_a_client_is_alice_of_acme(app: Flask) -> None:
    assert client(app).get("/me").json == {
        "tenant": "acme",
        "subject": "alice",
        "roles": [],
        "permissions": [],
        "scopes": [],
        "department": None,
    }


def test_a_client_is_whom_it_is_said_to_be(app: Flask) -> None:
    answer = client(
        app,
        "globex",
        "bob",
        roles={"analyst": ["reports:read"]},
        scopes={"b", "a"},
        claims={"department": "finance"},
    ).get("/me")
    assert answer.json == {
        "tenant": "globex",
        "subject": "bob",
        "roles": ["analyst"],
        "permissions": ["reports:read"],
        "scopes": ["a", "b"],
        "department": "finance",
    }


@pytest.mark.parametrize(("roles", "status"), [({"analyst"}, 200), ({"viewer"}, 403), ((), 403)])
def test_a_role_is_required_as_in_production(app: Flask, roles: set[str], status: int) -> None:
    assert client(app, roles=roles).get("/analysts").status_code == status


def test_a_bare_string_is_one_name(app: Flask) -> None:
    seen = client(app, roles="analyst", scopes="reports").get("/me").json
    assert seen is not None
    assert (seen["roles"], seen["scopes"]) == (["analyst"], ["reports"])


def test_a_client_without_a_subject_is_anonymous(app: Flask) -> None:
    anonymous = client(app, subject=None)
    assert anonymous.get("/open").text == "anonymous"
    assert anonymous.get("/me").json["code"] == "missing_token"  # type: ignore[index]  # a problem


def test_limits_are_off_unless_asked_for(app: Flask) -> None:
    policy = make_policy(limits=[Limit("one", Rate(1, 60))], guard="1/hour")
    unlimited = client(app, policies=[policy])
    assert {unlimited.get("/once").status_code for _ in range(3)} == {200}
    anonymous = client(app, subject=None, policies=[policy])
    bad = {"Authorization": "Bearer bad"}
    assert {anonymous.get("/me", headers=bad).status_code for _ in range(3)} == {401}


def test_limits_count_for_this_client_alone(app: Flask) -> None:
    for _ in range(2):
        limited = client(app, limits=True)
        assert [limited.get("/once").status_code for _ in range(2)] == [200, 429]


def test_the_clients_of_a_kit_share_tenants_counters_and_clock(app: Flask, kit: Kit) -> None:
    kit.policy(limits=[Limit("two", Rate(2, 60))])
    alice, bob = (kit.client(app, subject=name, limits=True) for name in ("alice", "bob"))
    assert [each.get("/me").status_code for each in (alice, bob, alice)] == [200, 200, 429]
    kit.clock.advance(60)
    assert bob.get("/me").status_code == 200


def test_with_limits_the_guard_counts_for_all_clients_by_the_kits_clock(
    app: Flask, kit: Kit
) -> None:
    kit.policy(guard="1/hour")
    bad = {"Authorization": "Bearer bad"}
    one, another = (kit.client(app, limits=True) for _ in range(2))
    assert [each.get("/me", headers=bad).status_code for each in (one, another)] == [401, 429]
    kit.clock.advance(3600)
    assert another.get("/me", headers=bad).status_code == 401


def test_a_token_expires_when_the_clock_says_so(app: Flask, kit: Kit) -> None:
    token, anonymous = kit.token(ttl_s=60), kit.client(app, subject=None)
    headers = {"Authorization": f"Bearer {token}"}
    assert anonymous.get("/me", headers=headers).status_code == 200
    kit.clock.advance(91)
    assert anonymous.get("/me", headers=headers).json["code"] == "token_expired"  # type: ignore[index]  # a problem


def test_a_clients_own_tokens_never_expire(app: Flask, kit: Kit) -> None:
    alice = kit.client(app)
    kit.clock.advance(86_400)
    assert alice.get("/me").status_code == 200


def test_a_token_of_one_tenant_is_refused_at_anothers_host(app: Flask, kit: Kit) -> None:
    """Threat 44: also in a test, by the real verifier."""
    kit.policy("globex")
    refused = kit.client(app, "acme").get("http://globex.localhost/me")
    assert refused.status_code == 401
    assert kit.sink.events[-1].reason == "wrong_issuer"


def test_a_tenant_that_was_not_made_is_unknown(app: Flask) -> None:
    assert client(app).get("http://globex.localhost/me").status_code == 404


def test_a_tenant_can_change_under_its_clients(app: Flask, kit: Kit) -> None:
    alice = kit.client(app)
    kit.policy(suspended=True)
    assert alice.get("/me").json["code"] == "tenant_suspended"  # type: ignore[index]  # a problem


def test_a_policy_of_ones_own_is_the_tenant(app: Flask) -> None:
    policy = make_policy("initech", host="api.initech.test")
    assert client(app, policy).get("/me").json["tenant"] == "initech"  # type: ignore[index]  # a dict


def test_several_clients_are_several_callers_at_once(app: Flask) -> None:
    alice, bob = client(app), client(app, "globex", "bob")
    seen = [each.get("/me").json for each in (alice, bob, alice)]
    assert [answer and answer["subject"] for answer in seen] == ["alice", "bob", "alice"]


def test_an_app_is_as_it_was_when_its_client_has_done() -> None:
    app = Flask(__name__)
    TenantAuth(app, registry=Unasked())
    assert client(app).get("/").status_code == 404
    with pytest.raises(AssertionError, match="was asked"):
        app.extensions["tenantauth"].policy("acme")


def test_an_app_sees_the_kits_tenants_without_a_request(app: Flask, kit: Kit) -> None:
    kit.policy("globex")
    with kit.serving(app):
        assert app.extensions["tenantauth"].policy("globex").tenant.slug == "globex"


def test_an_app_without_the_extension_is_told_so() -> None:
    with pytest.raises(RuntimeError, match="the app 'plain' has no TenantAuth"):
        client(Flask("plain"))


def test_a_kit_begins_at_the_time_of_its_clock() -> None:
    kit = Kit(clock=ManualClock(1_900_000_000.0))
    assert kit.clock.now() == 1_900_000_000.0
