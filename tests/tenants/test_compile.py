"""From rows to policies."""

from collections.abc import Callable
from typing import Any

import pytest

from tenantauth.policy import TenantPolicy
from tenants.compile import Compiled, compile_tenant
from tenants.keys import generate
from tenants.models import CorsRow, HostRow, KeyRow, LimitRow, RoleRow, TenantRow
from tenants.vault import Vault

STATES = ("pending", "active", "grace", "retired", "compromised")
JWK = generate("ES256").public_jwk


def make_cors_row() -> CorsRow:
    return CorsRow(
        path="/",
        origins=["https://app.acme.test"],
        methods=["GET"],
        allow_headers=["Authorization"],
        expose_headers=["X-Total"],
        credentials=True,
        max_age_s=60,
    )


def make_limit_row() -> LimitRow:
    return LimitRow(
        name="user",
        position=0,
        rate="100/15 minute",
        count_by="subject",
        paths=["/reports"],
        methods=["POST"],
        cost=2,
        burst=20,
        strategy="gcra",
        mode="shadow",
        on_outage="closed",
    )


def make_row() -> TenantRow:
    return TenantRow(
        id="t1",
        slug="acme",
        name="Acme",
        status="active",
        tier="gold",
        labels={"crm": "4711"},
        guard="60/minute",
        issuer="https://acme.test",
        audience=["https://acme.test"],
        algorithm="ES256",
        access_ttl_s=900,
        max_ttl_s=86400,
        leeway_s=30,
        rotate_every_s=7776000,
        publish_ahead_s=3600,
        version=7,
        hosts=[HostRow(host="api.acme.test", position=0)],
        cors_rules=[make_cors_row()],
        limits=[make_limit_row()],
        roles=[
            RoleRow(name="admin", inherits=["viewer"], permissions=["write"]),
            RoleRow(name="viewer", inherits=[], permissions=["read"]),
        ],
        keys=[
            KeyRow(kid=f"k-{state}", algorithm="ES256", state=state, public_jwk=JWK)
            for state in STATES
        ],
    )


def no_vault() -> Vault:
    raise AssertionError("verification with public keys never needs the master key")


def compile_row(row: TenantRow) -> Compiled:
    return compile_tenant(row, base_host="base.test", staleness_s=2.0, vault=no_vault)


def policy_of(row: TenantRow) -> TenantPolicy:
    policy = compile_row(row).policy
    assert policy is not None
    return policy


def test_a_good_row_has_no_findings() -> None:
    assert compile_row(make_row()).findings == ()


def test_the_tenants_own_facts_are_kept() -> None:
    policy = policy_of(make_row())
    assert (policy.tenant.slug, policy.tenant.tier, policy.version) == ("acme", "gold", 7)
    assert policy.tenant.metadata == {"crm": "4711"}
    assert policy.tokens.audience == {"https://acme.test"}
    assert (policy.jwks_max_age_s, str(policy.guard), policy.suspended) == (300, "60/minute", False)


def test_keys_that_verify_are_in_the_ring_and_no_others() -> None:
    """threat 31"""
    ring = policy_of(make_row()).keyring
    assert {key.kid for key in ring} == {"k-pending", "k-active", "k-grace"}


def test_a_limit_keeps_every_field_and_shadow_limits_stay() -> None:
    (limit,) = policy_of(make_row()).limits
    assert (limit.rate.amount, limit.rate.window_s) == (100, 900)
    assert (limit.by, limit.paths) == ("subject", ("/reports",))
    assert limit.methods == {"POST"}
    assert (limit.cost, limit.burst, limit.strategy) == (2, 20, "gcra")
    assert (limit.mode, limit.on_outage) == ("shadow", "closed")


def test_a_cors_rule_keeps_every_field() -> None:
    (rule,) = policy_of(make_row()).cors
    assert rule.origins.exact == {"https://app.acme.test"}
    assert (rule.methods, rule.credentials, rule.max_age_s) == (("GET",), True, 60)
    assert (rule.allow_headers, rule.expose_headers) == (("Authorization",), ("X-Total",))


def test_roles_are_expanded() -> None:
    assert policy_of(make_row()).roles.permissions(["admin"]) == {"read", "write"}


def test_a_tenant_without_hosts_lives_below_the_base_host() -> None:
    row = make_row()
    assert policy_of(row).hosts == {"api.acme.test"}
    row.hosts = []
    assert policy_of(row).hosts == {"acme.base.test"}


@pytest.mark.parametrize("status", ["suspended", "deleted", "?"])
def test_any_other_status_is_not_served(status: str) -> None:
    """threat 52"""
    row = make_row()
    row.status = status
    assert policy_of(row).suspended


def put(collection: str, **columns: object) -> Callable[[TenantRow], None]:
    def damage(row: TenantRow) -> None:
        target = getattr(row, collection)[0] if collection else row
        for name, value in columns.items():
            setattr(target, name, value)

    return damage


@pytest.mark.parametrize(
    ("damage", "place"),
    [
        pytest.param(put("", guard="often"), "tenant 'acme'", id="guard"),
        pytest.param(put("", issuer=""), "tenant 'acme'", id="issuer"),
        pytest.param(
            put("", audience="https://acme.test"), "tenant 'acme'", id="audience is a text"
        ),
        pytest.param(put("", audience=[]), "tenant 'acme'", id="no audience"),
        pytest.param(put("", labels={"a": 5}), "tenant 'acme'", id="metadata is a number"),
        pytest.param(put("", labels=["a"]), "tenant 'acme'", id="metadata is a list"),
        pytest.param(put("", leeway_s=None), "tenant 'acme'", id="leeway is null"),
        pytest.param(put("", max_ttl_s=-1), "tenant 'acme'", id="max_ttl"),
        pytest.param(put("hosts", host="a b"), "tenant 'acme'", id="host"),
        pytest.param(put("cors_rules", origins=5), "CORS rule '/'", id="origins is a number"),
        pytest.param(put("cors_rules", origins=["*"]), "CORS rule '/'", id="any origin"),
        pytest.param(put("cors_rules", path="reports"), "CORS rule 'reports'", id="path"),
        pytest.param(put("cors_rules", methods=[5]), "CORS rule '/'", id="method is a number"),
        pytest.param(put("limits", rate="1/0 minute"), "limit 'user'", id="rate"),
        pytest.param(put("limits", count_by="planet"), "limit 'user'", id="by"),
        pytest.param(put("limits", mode="off"), "limit 'user'", id="mode"),
        pytest.param(put("limits", cost=0), "limit 'user'", id="cost"),
        pytest.param(put("limits", cost=None), "limit 'user'", id="cost is null"),
        pytest.param(
            put("roles", inherits=["nobody"]), "tenant 'acme'", id="role inherits nothing"
        ),
        pytest.param(put("roles", permissions={"a": 1}), "role 'admin'", id="permissions"),
    ],
)
def test_a_row_that_cannot_be_read_is_a_finding(
    damage: Callable[[TenantRow], None], place: str
) -> None:
    row = make_row()
    damage(row)
    compiled = compile_row(row)
    assert compiled.policy is None
    assert [finding.partition(":")[0] for finding in compiled.findings] == [place]


def test_every_bad_row_is_found_at_once() -> None:
    row = make_row()
    for damage in (put("cors_rules", path="x"), put("limits", rate="x"), put("", guard="x")):
        damage(row)
    assert len(compile_row(row).findings) == 3


@pytest.mark.parametrize(
    "jwk",
    [{}, [], None, 5, {"kty": "EC"}, {**JWK, "d": "AA"}, {**JWK, "x": None}],
    ids=["empty", "list", "null", "number", "no members", "private", "null member"],
)
def test_one_bad_key_harms_no_other(jwk: Any) -> None:
    """threat 34"""
    row = make_row()
    row.keys[0].public_jwk = jwk
    compiled = compile_row(row)
    assert compiled.policy is not None
    assert {key.kid for key in compiled.keyring} == {"k-active", "k-grace"}
    assert [finding.partition(":")[0] for finding in compiled.findings] == ["key 'k-pending'"]


def test_an_older_policy_is_served_with_todays_keys_and_status() -> None:
    """threat 31, threat 52: a bad limit keeps neither a leaked key nor a suspended tenant alive."""
    row = make_row()
    last_good = policy_of(row)
    row.version, row.status, row.limits[0].rate = 8, "suspended", "often"
    row.keys[1].state = "compromised"
    patched = compile_row(row).patch(last_good)
    assert (patched.version, patched.suspended) == (8, True)
    assert {key.kid for key in patched.keyring} == {"k-pending", "k-grace"}
    assert patched.limits == last_good.limits
