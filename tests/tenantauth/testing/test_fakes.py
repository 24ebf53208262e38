import pytest

from tenantauth.errors import RegistryUnavailableError, UnknownTenantError
from tenantauth.ports import RefusedEvent, TenantKey, VersionedSource
from tenantauth.testing import FakePolicySource, RecordingSink, make_policy

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
