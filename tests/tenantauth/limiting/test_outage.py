import time
from collections.abc import Callable, Sequence

import pytest

from tenantauth.errors import StateUnavailableError
from tenantauth.limit import Limit
from tenantauth.limit import OnOutage as Mode
from tenantauth.limiting.memory import MemoryLimits
from tenantauth.limiting.outage import OnOutage
from tenantauth.limiting.redis import RedisLimits
from tenantauth.limiting.redis_client import TIMEOUT_S
from tenantauth.limiting.state_url import StateUrl
from tenantauth.ports import Charge, Decision
from tenantauth.testing import ManualClock
from tenantauth.units import Rate
from tests.servers.valkey import ValkeyServer


class FallibleStore:
    """Counts in memory, unless it is ``down``; ``asked`` is how often it was tried."""

    def __init__(self, clock: ManualClock) -> None:
        self.down = False
        self.asked = 0
        self._counters = MemoryLimits(clock)

    def decide(self, charges: Sequence[Charge]) -> Decision:
        self.asked += 1
        if self.down:
            raise StateUnavailableError("connection refused")
        return self._counters.decide(charges)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def shared(clock: ManualClock) -> FallibleStore:
    return FallibleStore(clock)


@pytest.fixture
def store(shared: FallibleStore, clock: ManualClock) -> OnOutage:
    return OnOutage(shared, MemoryLimits(clock), clock)


def charge(mode: Mode = "local", amount: int = 2) -> Charge:
    return Charge(Limit(mode, Rate(amount, 3600), on_outage=mode), ("id", "tenant", mode))


def test_a_store_that_is_there_is_asked_each_time(store: OnOutage, shared: FallibleStore) -> None:
    assert [store.decide([charge()]).allowed for _ in range(3)] == [True, True, False]
    assert shared.asked == 3


def test_a_local_limit_is_counted_in_memory_meanwhile(
    store: OnOutage, shared: FallibleStore
) -> None:
    """Threat 78."""
    shared.down = True
    assert [store.decide([charge()]).allowed for _ in range(3)] == [True, True, False]


def test_an_open_limit_is_neither_counted_nor_told(store: OnOutage, shared: FallibleStore) -> None:
    """Threat 78."""
    shared.down = True
    assert {store.decide([charge("open")]) for _ in range(9)} == {Decision(())}


def test_a_closed_limit_refuses_and_spends_nothing_of_the_others(
    store: OnOutage, shared: FallibleStore
) -> None:
    """Threat 78."""
    shared.down = True
    for _ in range(9):
        with pytest.raises(StateUnavailableError, match=r"limit closed$"):
            store.decide([charge(), charge("closed")])
    assert store.decide([charge()]).standings[0].remaining == 1


def test_local_limits_beside_open_ones_still_hold(store: OnOutage, shared: FallibleStore) -> None:
    shared.down = True
    asked = [charge("open"), charge()]
    assert [store.decide(asked).allowed for _ in range(3)] == [True, True, False]


def test_the_store_is_tried_once_a_second(
    store: OnOutage, shared: FallibleStore, clock: ManualClock
) -> None:
    """Threat 78: no request but one a second waits for a store that is away."""
    shared.down = True
    for _ in range(20):
        store.decide([charge("open")])
        clock.advance(0.25)
    assert shared.asked == 5


def test_a_store_that_is_back_is_used_with_what_it_had_counted(
    store: OnOutage, shared: FallibleStore, clock: ManualClock
) -> None:
    store.decide([charge()])
    shared.down = True
    store.decide([charge()])
    shared.down = False
    clock.advance(1)
    assert store.decide([charge()]).standings[0].remaining == 0
    assert shared.asked == 3


def test_an_outage_is_one_warning_and_its_end_another(
    store: OnOutage,
    shared: FallibleStore,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Threat 78."""
    for down in (False, True, True, True, False, False):
        shared.down = down
        clock.advance(1)
        store.decide([charge("open")])
    assert caplog.messages == [
        "the state store cannot be reached: connection refused",
        "the state store is back",
    ]


@pytest.mark.server
@pytest.mark.parametrize(
    ("breaking", "mending", "remaining"),
    [
        (ValkeyServer.kill, ValkeyServer.start, 999),
        # The question that nobody waited for was counted in the end, and once.
        (ValkeyServer.pause, ValkeyServer.go_on, 997),
    ],
    ids=["killed", "hanging"],
)
def test_a_real_outage_delays_one_request_and_ends_by_itself(
    valkey: ValkeyServer,
    clock: ManualClock,
    breaking: Callable[[ValkeyServer], None],
    mending: Callable[[ValkeyServer], object],
    remaining: int,
) -> None:
    """Threat 78, threat 98."""
    shared = RedisLimits(StateUrl.parse(valkey.url))
    store = OnOutage(shared, MemoryLimits(clock), clock)
    assert store.decide([charge(amount=1000)]).standings[0].remaining == 999
    breaking(valkey)
    started = time.monotonic()
    for _ in range(100):
        assert store.decide([charge(amount=1000)]).allowed
    assert time.monotonic() - started < 4 * TIMEOUT_S
    mending(valkey)
    clock.advance(1)
    assert store.decide([charge(amount=1000)]).standings[0].remaining == remaining
    shared.close()
