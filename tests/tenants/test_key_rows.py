"""Between a tenant's key rows and the pure life cycle."""

from datetime import UTC, datetime, timedelta

import pytest

from tenantauth.testing import ManualClock
from tenants.errors import ConflictError, NotFoundError
from tenants.key_maker import KeyMaker
from tenants.key_rows import Snapshot, changes, read_snapshot, to_records, write_chain
from tenants.lifecycle import KeyChain, RotationRules
from tenants.lifetimes import Lifetimes
from tenants.models import KeyRow
from tenants.registry import Registry
from tenants.values import KeyState
from tests.tenants.key_kit import states


@pytest.fixture
def snapshot(registry: Registry) -> Snapshot:
    registry.tenants.create("acme")
    return read(registry)


def read(registry: Registry) -> Snapshot:
    with registry.begin() as session:
        return read_snapshot(session, "acme", 2.0)


def maker_for(registry: Registry, snapshot: Snapshot) -> KeyMaker:
    return KeyMaker("ES256", lambda: registry.vault.unwrap(snapshot.tenant_id, snapshot.data_key))


def write(registry: Registry, snapshot: Snapshot, chain: KeyChain, maker: KeyMaker) -> None:
    with registry.begin(write=True) as session:
        write_chain(session, snapshot, chain, maker)


def test_a_written_chain_is_read_back_as_it_was(registry: Registry, snapshot: Snapshot) -> None:
    maker = maker_for(registry, snapshot)
    chain = snapshot.chain.rotate(registry.now(), maker).compromise([], registry.now(), maker)
    write(registry, snapshot, chain, maker)
    assert read(registry).chain == chain


def test_a_chain_of_new_keys_only_meets_no_unique_index(
    registry: Registry, snapshot: Snapshot
) -> None:
    maker = maker_for(registry, snapshot)
    kids = [key.kid for key in snapshot.chain.keys]
    chain = snapshot.chain.compromise(kids, registry.now(), maker)
    write(registry, snapshot, chain, maker)
    assert list(states(registry).values()) == ["compromised", "compromised", "active", "pending"]


def test_a_snapshot_that_is_no_longer_true_is_refused(
    registry: Registry, snapshot: Snapshot, clock: ManualClock
) -> None:
    clock.advance(3600)
    registry.keys.rotate("acme")
    before = states(registry)
    maker = maker_for(registry, snapshot)
    chain = snapshot.chain.rotate(registry.now(), maker)
    with pytest.raises(ConflictError):
        write(registry, snapshot, chain, maker)
    assert states(registry) == before


def test_threat_31_a_stale_retirement_does_not_cover_up_a_compromise(
    registry: Registry, snapshot: Snapshot, clock: ManualClock
) -> None:
    clock.advance(3600)
    demoted = registry.keys.rotate("acme").demoted
    assert demoted is not None
    clock.advance(2 * 86400)
    stale = read(registry)
    registry.keys.compromise("acme", demoted.kid)
    chain = stale.chain.retire(registry.now(), stale.rules)
    with pytest.raises(ConflictError):
        write(registry, stale, chain, maker_for(registry, stale))
    assert states(registry)[demoted.kid] == "compromised"


def test_only_what_differs_is_a_change(registry: Registry, snapshot: Snapshot) -> None:
    maker = maker_for(registry, snapshot)
    pending = snapshot.chain.pending.kid
    chain = snapshot.chain.compromise([pending], registry.now(), maker)
    assert [key.kid for key in changes(snapshot.chain, chain)] == [pending, chain.pending.kid]
    assert changes(chain, chain) == ()


@pytest.mark.parametrize("slug", ["globex", "", "a\0b", "%", "-"], ids=repr)
def test_an_unknown_tenant_is_told(registry: Registry, slug: str) -> None:
    with registry.begin() as session, pytest.raises(NotFoundError, match="there is no tenant"):
        read_snapshot(session, slug, 2.0)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("pending", (timedelta(hours=1), None, None)),
        ("active", (None, timedelta(days=90), None)),
        ("grace", (None, None, timedelta(days=1, seconds=32))),
        ("retired", (None, None, None)),
        ("compromised", (None, None, None)),
    ],
)
def test_a_key_is_handed_out_with_the_time_of_its_next_step_alone(
    state: KeyState, expected: tuple[timedelta | None, ...]
) -> None:
    at = datetime(2026, 1, 31, tzinfo=UTC)
    row = KeyRow(kid="k", algorithm="ES256", state=state, created_at=at)
    (key,) = to_records([row], RotationRules(Lifetimes(), staleness_s=2.0))
    times = (key.may_promote_at, key.rotates_at, key.retires_at)
    assert tuple(time and time - at for time in times) == expected
