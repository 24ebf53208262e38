"""The contract of `tenantauth.ports.PolicySource`."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tenantauth.errors import RegistryUnavailableError, UnknownTenantError
from tenantauth.policy import TenantPolicy
from tenantauth.ports import TenantKey
from tests.contracts.sources import Held, cached, cached_sql, fake, sql

ACME = TenantKey("slug", "acme")


@pytest.fixture(params=[fake, cached, sql, cached_sql], ids=lambda make: make.__name__)
def held(request: pytest.FixtureRequest, tmp_path: Path) -> Held:
    make: Callable[[Path], Held] = request.param
    return make(tmp_path)


def test_a_tenant_answers_to_slug_host_and_issuer(held: Held) -> None:
    held.create("acme")
    policy = held.source.get(ACME)
    keys = [TenantKey("host", "acme.localhost"), TenantKey("issuer", policy.tokens.issuer)]
    assert [held.source.get(key).tenant for key in keys] == [policy.tenant, policy.tenant]


def test_a_policy_can_verify_tokens(held: Held) -> None:
    held.create("acme")
    assert any(key.state == "active" for key in held.source.get(ACME).keyring)


@pytest.mark.parametrize(
    "key",
    [
        TenantKey("slug", "globex"),
        TenantKey("host", "globex.localhost"),
        TenantKey("issuer", "https://globex.test"),
        TenantKey("host", "acme"),
        TenantKey("slug", "acme.localhost"),
        TenantKey("slug", ""),
        TenantKey("host", "\x00"),
        TenantKey("host", "\udcff"),
    ],
    ids=["slug", "host", "issuer", "slug as host", "host as slug", "empty", "NUL", "surrogate"],
)
def test_nobody_answers_to_another_key(held: Held, key: TenantKey) -> None:
    held.create("acme")
    with pytest.raises(UnknownTenantError):
        held.source.get(key)


def test_tenants_share_nothing(held: Held) -> None:
    """Threat 44."""
    for slug in ("acme", "globex"):
        held.create(slug)
    acme, globex = (held.source.get(TenantKey("slug", slug)) for slug in ("acme", "globex"))
    assert acme.tenant.id != globex.tenant.id
    assert acme.hosts.isdisjoint(globex.hosts)
    assert {key.kid for key in acme.keyring}.isdisjoint(key.kid for key in globex.keyring)


def test_a_change_is_seen_within_the_staleness_bound(held: Held) -> None:
    held.create("acme")
    before = held.source.get(ACME)
    held.suspend("acme")
    held.settle()
    after = held.source.get(ACME)
    assert (before.suspended, after.suspended) == (False, True)
    assert after.version > before.version


def test_a_new_tenant_is_seen_though_it_was_unknown(held: Held) -> None:
    with pytest.raises(UnknownTenantError):
        held.source.get(ACME)
    held.create("acme")
    held.settle()
    assert held.source.get(ACME).tenant.slug == "acme"


def test_what_cannot_be_known_is_not_unknown(held: Held) -> None:
    """An outage must not become a 404, which clients and caches believe."""
    held.lose()
    with pytest.raises(RegistryUnavailableError):
        held.source.get(ACME)


def test_threads_may_ask_at_once(held: Held) -> None:
    held.create("acme")
    found = list[TenantPolicy]()
    threads = [
        threading.Thread(target=lambda: found.append(held.source.get(ACME))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [policy.tenant.slug for policy in found] == ["acme"] * 4
