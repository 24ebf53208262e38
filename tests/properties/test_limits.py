"""Counters against a model that keeps every admitted request for ever."""

from collections import defaultdict

import time_machine
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tenantauth.limit import Limit
from tenantauth.limiting.failures import Failures
from tenantauth.limiting.memory import MemoryLimits
from tenantauth.ports import Charge
from tenantauth.testing import ManualClock
from tenantauth.units import Rate
from tests.support import NOW

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
OWNERS = st.lists(TEXTS, max_size=4).map(tuple)


class Model:
    """What was admitted, for each limit: (when, cost)."""

    def __init__(self) -> None:
        self._admitted: dict[str, list[tuple[float, int]]] = defaultdict(list)

    def used(self, limit: Limit, now_s: float, *, edge: bool) -> int:
        """Sum up one window; with its edge, what is exactly one window old counts too."""
        begin_s = now_s - limit.rate.window_s
        entries = self._admitted[limit.name]
        return sum(cost for at, cost in entries if at > begin_s or (edge and at == begin_s))

    def fits(self, limits: list[Limit], now_s: float, *, edge: bool) -> bool:
        return all(
            self.used(limit, now_s, edge=edge) + limit.cost <= limit.rate.amount for limit in limits
        )

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
    store, model, now_s = MemoryLimits(), Model(), NOW
    with time_machine.travel(NOW, tick=False) as clock:
        for wait_s, chosen, cost in steps:
            now_s += wait_s
            clock.move_to(now_s)
            limits = [Limit(str(n), rates[n], cost=min(cost, rates[n].amount)) for n in chosen]
            decision = store.decide([Charge(limit, ("id", limit.name)) for limit in limits])
            if decision.allowed:
                assert model.fits(limits, now_s, edge=False)
                model.admit(limits, now_s)
            else:
                assert not model.fits(limits, now_s, edge=True)
            for standing in decision.standings:
                used = model.used(standing.limit, now_s, edge=False)
                assert standing.remaining == standing.limit.rate.amount - used


@given(OWNERS, OWNERS)
@example(("a/b", "c"), ("a", "b/c"))
@example(("a:b", "c"), ("a", "b:c"))
@example((), ("",))
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
