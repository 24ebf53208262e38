import pytest

from tenantauth.errors import RegistryUnavailableError, UnknownTenantError
from tenantauth.ports import RefusedEvent, Registry, TenantKey, VersionedSource
from tenantauth.resolve import Resolver
from tenantauth.route import RouteFacts, Routes
from tenantauth.testing import (
    FakePolicySource,
    FakeRegistry,
    FakeResolver,
    FakeRoutes,
    RecordingSink,
    make_context,
    make_policy,
)

ACME = make_policy()


@pytest.mark.parametrize(
    "key",
    [
        TenantKey("slug", "acme"),
        TenantKey("host", "acme.localhost"),
        TenantKey("issuer", "http://acme.localhost"),
    ],
    ids=lambda key: key.kind,
)
def test_a_policy_is_found_by_each_of_its_keys(key: TenantKey) -> None:
    source: VersionedSource = FakePolicySource([ACME])
    assert source.get(key) is ACME


@pytest.mark.parametrize(
    "key", [TenantKey("slug", "globex"), TenantKey("host", "acme"), TenantKey("slug", "")], ids=str
)
def test_an_unknown_key_is_no_tenant(key: TenantKey) -> None:
    with pytest.raises(UnknownTenantError):
        FakePolicySource([ACME]).get(key)


def test_a_new_version_replaces_the_old_with_all_its_keys() -> None:
    source = FakePolicySource([ACME])
    source.put(make_policy(host="new.acme.test", version=2))
    assert source.get(TenantKey("slug", "acme")).version == 2
    with pytest.raises(UnknownTenantError):
        source.get(TenantKey("host", "acme.localhost"))


def test_a_removed_tenant_is_unknown() -> None:
    source = FakePolicySource([ACME, make_policy("globex")])
    source.remove("acme")
    assert source.get(TenantKey("slug", "globex")).tenant.slug == "globex"
    with pytest.raises(UnknownTenantError):
        source.get(TenantKey("slug", "acme"))


def test_every_change_is_a_new_generation() -> None:
    source = FakePolicySource([ACME])
    seen = {source.generation()}
    source.put(ACME)
    seen.add(source.generation())
    source.remove("acme")
    seen.add(source.generation())
    assert len(seen) == 3


def test_it_can_be_down_and_come_back() -> None:
    source = FakePolicySource([ACME])
    source.down = True
    for question in (lambda: source.get(TenantKey("slug", "acme")), source.generation):
        with pytest.raises(RegistryUnavailableError):
            question()
    source.down = False
    assert source.get(TenantKey("slug", "acme")) is ACME


def test_reads_are_counted() -> None:
    source = FakePolicySource([ACME])
    source.get(TenantKey("slug", "acme"))
    assert source.reads == 1


def test_the_sink_keeps_events_in_order() -> None:
    sink = RecordingSink()
    events = [RefusedEvent(code, "", "", None, "GET", "/", "") for code in ("a", "b")]
    for event in events:
        sink.emit(event)
    assert sink.events == events


def test_a_policy_can_be_looked_for_without_counting_as_a_read() -> None:
    source = FakePolicySource([ACME])
    source.down = True
    assert source.find(TenantKey("slug", "acme")) is ACME
    assert source.find(TenantKey("slug", "globex")) is None
    assert source.reads == 0


def test_a_registry_hands_out_its_source_and_says_whether_it_is_ready() -> None:
    registry = FakeRegistry([ACME])
    port: Registry = registry
    assert port.source().get(TenantKey("slug", "acme")) is ACME
    assert (registry.opened, port.ready()) == (1, None)
    registry.reason = "no master key"
    assert port.ready() == "no master key"


def test_a_registry_that_is_down_cannot_say_whether_it_is_ready() -> None:
    registry = FakeRegistry()
    registry.policies.down = True
    with pytest.raises(RegistryUnavailableError):
        registry.ready()


def test_routes_go_by_exact_path() -> None:
    routes: Routes = FakeRoutes({"/prices": RouteFacts(authentication="optional")})
    assert routes.facts({"PATH_INFO": "/prices"}, "GET").authentication == "optional"
    assert not routes.facts({"PATH_INFO": "/prices/"}, "GET").matched


@pytest.mark.parametrize("slug", ["acme", None])
def test_a_resolver_names_the_same_tenant_for_all(slug: str | None) -> None:
    resolver: Resolver = FakeResolver(slug)
    key = resolver.resolve(make_context().request, {})
    assert (key and key.value) == slug
