"""Counters against a model that keeps every admitted request for ever."""

from collections import defaultdict
from copy import deepcopy

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tenantauth.limit import Limit
from tenantauth.limiting.failures import Failures
from tenantauth.limiting.memory import MemoryLimits
from tenantauth.limiting.window import SUB_WINDOWS, Window
from tenantauth.ports import Charge
from tenantauth.testing import ManualClock
from tenantauth.units import Rate

# Few and small, so that windows fill up; halves of seconds, so that sums are exact.
RATES = st.builds(Rate, st.integers(1, 4), st.sampled_from([1, 2, 5]))
STEPS = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 0, 0.5, 1, 1.5, 2, 4.5, 5, 60]),
        st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True),
        st.integers(1, 4),
    ),
    max_size=25,
)
TEXTS = st.text(st.sampled_from("ab/:%3A\u00e9\ud800\x00 ") | st.characters(), max_size=4)
# The first part is the tenant; there is always one.
OWNERS = st.lists(TEXTS, min_size=1, max_size=4).map(tuple)


class Model:
    """What was admitted, for each limit: (when, cost)."""

    def __init__(self) -> None:
        self._admitted: dict[str, list[tuple[float, int]]] = defaultdict(list)

    def used(self, limit: Limit, now_s: float) -> int:
        begin_s = now_s - limit.rate.window_s
        return sum(cost for at, cost in self._admitted[limit.name] if at > begin_s)

    def fits(self, limits: list[Limit], now_s: float) -> bool:
        return all(self.used(limit, now_s) + limit.cost <= limit.rate.amount for limit in limits)

    def admit(self, limits: list[Limit], now_s: float) -> None:
        for limit in limits:
            self._admitted[limit.name].append((now_s, limit.cost))


@given(st.lists(RATES, min_size=3, max_size=3), STEPS)
@example([Rate(3, 5), Rate(1, 5), Rate(1, 5)], [(0, [1], 1), (5, [0, 1], 1), (0, [0], 3)])
@settings(deadline=None)
def test_limits_hold_all_or_nothing_in_every_window(
    rates: list[Rate], steps: list[tuple[float, list[int], int]]
) -> None:
    """Threat 76, threat 81: never more than the amount in any window; refusals spend nothing."""
    clock, model = ManualClock(), Model()
    store = MemoryLimits(clock)
    for wait_s, chosen, cost in steps:
        clock.advance(wait_s)
        now_s = clock.monotonic()
        limits = [Limit(str(n), rates[n], cost=min(cost, rates[n].amount)) for n in chosen]
        decision = store.decide([Charge(limit, ("id", limit.name)) for limit in limits])
        # Halves of seconds are longer than a sub-window here, so that nothing is rounded.
        assert decision.allowed is model.fits(limits, now_s)
        if decision.allowed:
            model.admit(limits, now_s)
        for standing in decision.standings:
            used = model.used(standing.limit, now_s)
            assert standing.remaining == standing.limit.rate.amount - used


@given(
    st.integers(1, 5),
    st.sampled_from([1, 7, 60, 61]),
    st.lists(st.tuples(st.integers(0, 800_000), st.integers(1, 5)), max_size=200),
)
@settings(deadline=None)
def test_no_window_ever_holds_more_than_the_amount(
    amount: int, window_s: int, steps: list[tuple[int, int]]
) -> None:
    """Threat 76: with windows of any position, and times that share sub-windows."""
    window, now_us, window_us = Window(), 0, window_s * 1_000_000
    admitted: list[tuple[int, int]] = []
    for wait_us, cost in steps:
        now_us += wait_us
        if not window.wait_us(now_us, window_us, amount, min(cost, amount)):
            window.spend(now_us, window_us, min(cost, amount))
            admitted.append((now_us, min(cost, amount)))
            # The fullest windows end with a request.
            held = sum(cost for at, cost in admitted if at > now_us - window_us)
            assert held <= amount
        assert len(window) <= SUB_WINDOWS + 2


@given(
    st.integers(1, 9),
    st.lists(st.integers(0, 1_500_000), min_size=1, max_size=30),
    st.integers(1, 9),
)
def test_the_wait_is_the_earliest_time_at_which_a_cost_fits(
    amount: int, waits_us: list[int], cost: int
) -> None:
    """Threat 81: it passes then, and not a microsecond before."""
    window, now_us, window_us, cost = Window(), 0, 10_000_000, min(cost, amount)
    for pause_us in waits_us:
        now_us += pause_us
        if not window.wait_us(now_us, window_us, amount, 1):
            window.spend(now_us, window_us, 1)
    wait_us = window.wait_us(now_us, window_us, amount, cost)
    if wait_us:
        # Asked on copies, as asking forgets what is old.
        assert deepcopy(window).wait_us(now_us + wait_us - 1, window_us, amount, cost) == 1
    assert window.wait_us(now_us + wait_us, window_us, amount, cost) == 0


@given(OWNERS, OWNERS)
@example(("a/b", "c"), ("a", "b/c"))
@example(("a:b", "c"), ("a", "b:c"))
@example(("a", ""), ("a",))
@example(("%3A",), (":",))
@settings(deadline=None)
def test_two_owners_share_a_counter_only_when_they_are_the_same(
    one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    """Threat 75: whatever characters the parts hold."""
    store, limit = MemoryLimits(), Limit("once", Rate(1, 86_400))
    assert store.decide([Charge(limit, one)]).allowed
    assert store.decide([Charge(limit, other)]).allowed is (one != other)


@given(RATES, st.lists(st.sampled_from([0.0, 0.0, 0.1, 0.5, 1.0, 7.0]), max_size=30))
def test_a_guarded_address_waits_one_step_at_the_most(rate: Rate, waits: list[float]) -> None:
    """Threat 82: and as many failures as the rate says are free."""
    clock = ManualClock()
    failures = Failures(clock)
    for number, wait_s in enumerate(waits, start=1):
        clock.advance(wait_s)
        failures.charge(("id", "192.0.2.1"), rate)
        left_s = failures.wait_s(("id", "192.0.2.1"), rate)
        assert 0 <= left_s <= rate.window_s / rate.amount + 1e-9
        assert left_s == 0 or number >= rate.amount
