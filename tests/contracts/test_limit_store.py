"""The contract of `tenantauth.ports.LimitStore`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import time_machine

from tenantauth.limit import Limit
from tenantauth.limiting.memory import MemoryLimits
from tenantauth.ports import Charge, LimitStore
from tenantauth.testing import FakeLimitStore, ManualClock
from tenantauth.units import Rate
from tests.support import NOW

TWO = Limit("two", Rate(2, 60))
FIVE = Limit("five", Rate(5, 60))


@dataclass(frozen=True)
class Held:
    """A store, and a hand on its time."""

    store: LimitStore
    advance: Callable[[float], object]

    def asks(self, *charges: Charge) -> bool:
        """Decide, and say whether it was allowed."""
        return self.store.decide(charges).allowed


@contextmanager
def fake() -> Iterator[Held]:
    clock = ManualClock()
    yield Held(FakeLimitStore(clock), clock.advance)


@contextmanager
def memory() -> Iterator[Held]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield Held(MemoryLimits(), traveller.shift)


# A store on a server joins here: it is held to the same sentences.
STORES = [fake, memory]


@pytest.fixture(params=STORES, ids=lambda make: make.__name__)
def held(request: pytest.FixtureRequest) -> Iterator[Held]:
    with request.param() as held:
        yield held


def charge(limit: Limit = TWO, *owner: str) -> Charge:
    return Charge(limit, ("id", limit.name, *owner))


def test_as_many_pass_as_the_limit_says(held: Held) -> None:
    assert [held.asks(charge()) for _ in range(4)] == [True, True, False, False]


def test_what_is_left_is_told(held: Held) -> None:
    standings = [held.store.decide([charge()]).standings[0] for _ in range(3)]
    assert [standing.remaining for standing in standings] == [1, 0, 0]
    assert [standing.limit for standing in standings] == [TWO] * 3
    assert all(0 < standing.reset_s <= 60 for standing in standings)


def test_a_refused_request_passes_after_the_wait_it_is_told(held: Held) -> None:
    held.asks(charge())
    held.advance(20)
    held.asks(charge())
    wait_s = held.store.decide([charge()]).retry_after_s
    assert wait_s == pytest.approx(40, abs=1.5)
    held.advance(wait_s + 1)
    assert held.asks(charge())


def test_no_window_holds_more_than_the_limit(held: Held) -> None:
    """Threat 76: no burst at the edge of a window."""
    held.advance(59)
    passed = [held.asks(charge()), held.asks(charge())]
    held.advance(2)
    assert [*passed, held.asks(charge())] == [True, True, False]


def test_a_cost_takes_several(held: Held) -> None:
    costly = charge(Limit("five", Rate(5, 60), cost=3))
    assert [held.asks(costly), held.asks(costly)] == [True, False]
    assert [held.asks(charge(FIVE)) for _ in range(3)] == [True, True, False]


def test_all_limits_are_charged_or_none(held: Held) -> None:
    """A refused request has spent nothing."""
    both = (charge(TWO), charge(FIVE))
    assert [held.asks(*both) for _ in range(4)] == [True, True, False, False]
    standings = held.store.decide(both).standings
    assert [standing.violated for standing in standings] == [True, False]
    assert [standing.remaining for standing in standings] == [0, 3]


@pytest.mark.parametrize(
    ("one", "another"),
    [(("a",), ("b",)), (("a/b", "c"), ("a", "b/c")), (("a:b",), ("a", "b")), (("é",), ("e",))],
    ids=["callers", "slash", "colon", "accent"],
)
def test_owners_are_told_apart(held: Held, one: tuple[str, ...], another: tuple[str, ...]) -> None:
    """Threat 75: whatever characters their names hold."""
    assert [held.asks(charge(TWO, *one)) for _ in range(3)][-1] is False
    assert held.asks(charge(TWO, *another))


def test_nothing_to_charge_is_allowed(held: Held) -> None:
    decision = held.store.decide([])
    assert (decision.allowed, decision.standings) == (True, ())
