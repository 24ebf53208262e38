"""What counting in memory adds to the contract of every store (tests/contracts)."""

import sys
import threading

import pytest

from tenantauth.limit import Limit
from tenantauth.limiting.memory import MemoryLimits
from tenantauth.ports import Charge
from tenantauth.testing import ManualClock
from tenantauth.units import Rate
from tests.tenantauth.forks import in_child

THREE = Limit("three", Rate(3, 60))
ONE = Limit("one", Rate(1, 60))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store(clock: ManualClock) -> MemoryLimits:
    return MemoryLimits(clock)


def charge(limit: Limit = ONE, *owner: str, tenant: str = "id") -> Charge:
    return Charge(limit, (tenant, limit.name, *owner))


def allowed(store: MemoryLimits, *charges: Charge) -> bool:
    return store.decide(charges).allowed


def test_a_refusal_says_when_the_next_may_pass(store: MemoryLimits, clock: ManualClock) -> None:
    allowed(store, charge())
    clock.advance(45)
    assert store.decide([charge()]).retry_after_s == 15
    clock.advance(15)
    assert allowed(store, charge())


def test_a_window_moves_with_each_request(store: MemoryLimits, clock: ManualClock) -> None:
    """Threat 76: no burst at the edge of a window."""
    clock.advance(59)
    assert [allowed(store, charge(THREE)) for _ in range(3)] == [True] * 3
    clock.advance(2)
    assert not allowed(store, charge(THREE))


@pytest.mark.parametrize("jump_s", [-3600.0, 3600.0], ids=["back", "forward"])
def test_a_jump_of_the_wall_clock_changes_nothing(
    store: MemoryLimits, clock: ManualClock, jump_s: float
) -> None:
    """Threat 79."""
    allowed(store, charge())
    clock.set_wall(clock.now() + jump_s)
    assert store.decide([charge()]).retry_after_s == 60


def test_the_memory_of_callers_is_bounded(clock: ManualClock) -> None:
    """Threat 77, threat 102: the counter unused for longest is forgotten."""
    store = MemoryLimits(clock, size=2)
    for name in "abac":
        allowed(store, charge(ONE if name != "a" else THREE, name))
    assert store.decide([charge(THREE, "a")]).standings[0].remaining == 0
    assert not allowed(store, charge(ONE, "c"))
    assert allowed(store, charge(ONE, "b"))


def test_a_flood_at_one_tenant_makes_no_other_tenant_forget(clock: ManualClock) -> None:
    """Threat 75, threat 102."""
    store = MemoryLimits(clock, size=10)
    allowed(store, charge(tenant="globex"))
    for number in range(100):
        allowed(store, charge(THREE, f"random-{number}", tenant="acme"))
    assert not allowed(store, charge(tenant="globex"))


def test_a_refused_request_leaves_no_trace_in_memory(clock: ManualClock) -> None:
    """Threat 77: random callers behind a full tenant limit grow nothing."""
    store = MemoryLimits(clock, size=2)
    allowed(store, charge(), charge(THREE, "a"))
    for number in range(9):
        assert not allowed(store, charge(), charge(THREE, f"random-{number}"))
    assert store.decide([charge(THREE, "a")]).standings[0].remaining == 1


def test_no_thread_is_started(store: MemoryLimits) -> None:
    """Threat 80: no timer thread that a fork would lose."""
    before = threading.active_count()
    allowed(store, charge())
    assert threading.active_count() == before


def test_a_forked_process_counts_for_itself(store: MemoryLimits) -> None:
    """Threat 80: also when another thread held the lock while it forked."""
    assert allowed(store, charge())
    with store._counters.get()._lock:
        assert in_child(lambda: str(allowed(store, charge()))) == "True"
    assert not allowed(store, charge())


def test_a_busy_counter_stays_small(store: MemoryLimits, clock: ManualClock) -> None:
    """Threat 77: measured, in bytes."""
    busy = charge(Limit("busy", Rate(1_000_000, 60)))
    for _ in range(2000):
        allowed(store, busy)
        clock.advance(0.1)
    window = store._counters.get()._windows.get("id", (busy.owner, 60))
    assert window is not None
    assert sys.getsizeof(window._spent) < 2500
