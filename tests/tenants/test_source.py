"""Policies out of a real database."""

import logging
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text

from tenantauth.errors import RegistryUnavailableError, UnknownTenantError
from tenantauth.limit import Limit
from tenantauth.policy import TenantPolicy
from tenantauth.ports import TenantKey
from tenantauth.settings import Settings
from tenantauth.units import Rate
from tenants.registry import Registry
from tenants.source import SqlPolicySource
from tests.servers.databases import on


@pytest.fixture
def source(registry: Registry) -> SqlPolicySource:
    registry.tenants.create("acme", hosts=["api.acme.test"], limits=[Limit("user", Rate(5, 60))])
    registry.tenants.create("globex")
    return SqlPolicySource(registry)


def by_host(source: SqlPolicySource, host: str) -> TenantPolicy:
    return source.get(TenantKey("host", host))


@pytest.mark.parametrize(
    ("key", "slug"),
    [
        (TenantKey("host", "api.acme.test"), "acme"),
        (TenantKey("host", "globex.localhost"), "globex"),
        (TenantKey("slug", "acme"), "acme"),
        (TenantKey("issuer", "https://api.acme.test"), "acme"),
        (TenantKey("issuer", "http://globex.localhost:8000"), "globex"),
    ],
)
def test_a_tenant_is_found_by_any_of_its_names(
    source: SqlPolicySource, key: TenantKey, slug: str
) -> None:
    assert source.get(key).tenant.slug == slug


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("localhost", id="base host"),
        pytest.param("acme.localhost", id="derived host of a tenant with an own host"),
        pytest.param("x.globex.localhost", id="below a tenant"),
        pytest.param("globex.localhost.evil.test", id="suffix"),
        pytest.param("globexlocalhost", id="no dot"),
        pytest.param("acme", id="a slug"),
        pytest.param("", id="empty"),
        pytest.param("glob%.localhost", id="LIKE"),
        pytest.param("' OR 1=1 --", id="SQL"),
        pytest.param("\x00", id="NUL"),
        pytest.param("\udcff", id="surrogate"),
    ],
)
def test_no_other_host_answers(source: SqlPolicySource, host: str) -> None:
    """threat 45, threat 47, threat 116"""
    with pytest.raises(UnknownTenantError):
        by_host(source, host)


def test_a_suspended_tenant_is_known_and_says_so(
    registry: Registry, source: SqlPolicySource
) -> None:
    registry.tenants.suspend("globex")
    assert by_host(source, "globex.localhost").suspended


def test_a_deleted_tenant_is_unknown(registry: Registry, source: SqlPolicySource) -> None:
    """threat 52"""
    damage(registry, "UPDATE tenantauth_tenants SET deleted_at = updated_at WHERE slug = 'globex'")
    for key in (TenantKey("host", "globex.localhost"), TenantKey("slug", "globex")):
        with pytest.raises(UnknownTenantError):
            source.get(key)


def test_a_policy_takes_few_queries_in_one_transaction(
    registry: Registry, source: SqlPolicySource
) -> None:
    statements: list[str] = []
    begun: list[Connection] = []
    event.listen(
        registry.engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2])
    )
    event.listen(registry.engine, "begin", begun.append)
    by_host(source, "api.acme.test")
    assert len(begun) == 1
    assert len(statements) <= 9


def test_the_generation_differs_after_each_change_only(
    registry: Registry, source: SqlPolicySource
) -> None:
    before = source.generation()
    assert source.generation() == before
    registry.tenants.suspend("acme")
    changed = source.generation()
    registry.tenants.suspend("acme")
    assert source.generation() == changed != before


def test_a_database_that_is_gone_is_unavailable_and_not_unknown(tmp_path: Path) -> None:
    source = SqlPolicySource(Registry(settings=Settings(database_url=f"sqlite:///{tmp_path}/x.db")))
    with pytest.raises(RegistryUnavailableError, match="there is no database"):
        by_host(source, "acme.localhost")
    with pytest.raises(RegistryUnavailableError):
        source.generation()


def test_a_tenant_that_cannot_be_compiled_keeps_its_last_good_policy(
    registry: Registry, source: SqlPolicySource
) -> None:
    good = by_host(source, "api.acme.test")
    damage(registry, "UPDATE tenantauth_limits SET rate = 'often'")
    assert by_host(source, "api.acme.test").limits == good.limits
    assert by_host(source, "globex.localhost").tenant.slug == "globex"


def test_a_last_good_policy_does_not_outlive_a_suspension_or_a_leaked_key(
    registry: Registry, source: SqlPolicySource
) -> None:
    """threat 31, threat 52"""
    by_host(source, "api.acme.test")
    damage(registry, "UPDATE tenantauth_limits SET rate = 'often'")
    damage(registry, "UPDATE tenantauth_signing_keys SET state = 'compromised'")
    registry.tenants.suspend("acme")
    policy = by_host(source, "api.acme.test")
    assert (policy.suspended, len(policy.keyring)) == (True, 0)


def test_a_tenant_that_was_never_good_is_unavailable(
    registry: Registry, source: SqlPolicySource
) -> None:
    damage(registry, "UPDATE tenantauth_limits SET rate = 'often'")
    with pytest.raises(RegistryUnavailableError, match="cannot be read"):
        by_host(source, "api.acme.test")


@on("sqlite")
def test_a_column_without_json_is_unavailable(registry: Registry, source: SqlPolicySource) -> None:
    damage(registry, "UPDATE tenantauth_tenants SET audience = '{'")
    with pytest.raises(RegistryUnavailableError, match="cannot be read"):
        by_host(source, "api.acme.test")


def test_a_bad_row_is_logged_once_for_each_version(
    registry: Registry, source: SqlPolicySource, caplog: pytest.LogCaptureFixture
) -> None:
    by_host(source, "api.acme.test")
    damage(registry, "UPDATE tenantauth_limits SET rate = 'often'")
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            by_host(source, "api.acme.test")
        registry.tenants.suspend("acme")
        by_host(source, "api.acme.test")
    assert len(caplog.messages) == 2
    assert "limit 'user': 'often' is not a rate" in caplog.messages[0]


def test_last_good_policies_are_bounded(registry: Registry) -> None:
    """threat 102"""
    source = SqlPolicySource(registry, remembered=1)
    registry.tenants.create("acme")
    registry.tenants.create("globex")
    by_host(source, "acme.localhost")
    by_host(source, "globex.localhost")
    damage(registry, "UPDATE tenantauth_tenants SET guard = 'often'")
    assert by_host(source, "globex.localhost").tenant.slug == "globex"
    with pytest.raises(RegistryUnavailableError):
        by_host(source, "acme.localhost")


def damage(registry: Registry, statement: str) -> None:
    with registry.begin(write=True) as session:
        session.execute(text(statement))
