import threading
from collections.abc import Iterator

import pytest
import time_machine
from time_machine import Traveller

from tenantauth.limit import Limit
from tenantauth.limiting.memory import MemoryLimits
from tenantauth.ports import Charge
from tenantauth.units import Rate
from tests.support import NOW, in_threads

THREE = Limit("three", Rate(3, 60))
ONE = Limit("one", Rate(1, 60))


@pytest.fixture(autouse=True)
def clock() -> Iterator[Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def charge(limit: Limit = THREE, *owner: str) -> Charge:
    return Charge(limit, ("id", limit.name, *owner))


def allowed(store: MemoryLimits, *charges: Charge) -> bool:
    return store.decide(charges).allowed


def test_as_many_pass_as_the_limit_says() -> None:
    store = MemoryLimits()
    assert [allowed(store, charge()) for _ in range(5)] == [True] * 3 + [False] * 2


def test_the_standing_says_what_is_left() -> None:
    store = MemoryLimits()
    standings = [store.decide([charge()]).standings[0] for _ in range(4)]
    assert [standing.remaining for standing in standings] == [2, 1, 0, 0]
    assert [standing.violated for standing in standings] == [False, False, False, True]
    assert standings[-1].reset_s == 60


def test_a_refusal_says_when_the_next_may_pass(clock: Traveller) -> None:
    store = MemoryLimits()
    allowed(store, charge(ONE))
    clock.shift(45)
    assert store.decide([charge(ONE)]).retry_after_s == 15
    clock.shift(15.001)
    assert allowed(store, charge(ONE))


def test_a_window_moves_with_each_request(clock: Traveller) -> None:
    """Threat 76: no burst at the edge of a window."""
    store = MemoryLimits()
    clock.shift(59)
    assert [allowed(store, charge()) for _ in range(3)] == [True] * 3
    clock.shift(2)
    assert not allowed(store, charge())


def test_a_refused_request_has_spent_nothing() -> None:
    store = MemoryLimits()
    assert allowed(store, charge(ONE), charge())
    assert not allowed(store, charge(ONE), charge())
    assert not allowed(store, charge(), charge(ONE))
    assert [allowed(store, charge()) for _ in range(3)] == [True, True, False]


def test_only_the_violated_limits_of_a_decision_are_said_to_be() -> None:
    store = MemoryLimits()
    store.decide([charge(ONE)])
    decision = store.decide([charge(), charge(ONE)])
    assert [standing.violated for standing in decision.standings] == [False, True]


def test_an_entry_exactly_one_window_old_spends_all_or_nothing(clock: Traveller) -> None:
    """The library's `test` and `hit` disagree on it: a limit that was hit gets its unit back."""
    store = MemoryLimits()
    allowed(store, charge(ONE))
    clock.shift(60)
    # The library's timer may have dropped the entry by now, and then the request passes.
    decision = store.decide([charge(), charge(ONE)])
    spent = 1 if decision.allowed else 0
    assert [standing.remaining for standing in decision.standings] == [3 - spent, 1 - spent]
    assert [allowed(store, charge()) for _ in range(3)] == [True, True, not spent]


@pytest.mark.parametrize("cost", [1, 2, 3])
def test_a_cost_is_spent_whole_or_not_at_all(cost: int) -> None:
    """Threat 81."""
    store = MemoryLimits()
    costly = charge(Limit("three", Rate(3, 60), cost=cost))
    passed = [store.decide([costly]) for _ in range(4)]
    assert sum(decision.allowed for decision in passed) == 3 // cost
    assert passed[-1].standings[0].remaining == 3 % cost


@pytest.mark.parametrize("part", ["", "a/b", "a:b", "%", "é", "\ud800", "\x00", "None"])
def test_an_owner_may_hold_any_character(part: str) -> None:
    """Threat 75."""
    store = MemoryLimits()
    assert allowed(store, charge(ONE, part))
    assert not allowed(store, charge(ONE, part))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a/b", "c"), ("a", "b/c")),
        (("a:b", "c"), ("a", "b:c")),
        (("a", "b"), ("a:b",)),
        (("a%3A", "b"), ("a:", "b")),
        (("a",), ("a", "")),
        (("", "a"), ("a", "")),
        (("A",), ("a",)),
    ],
    ids=str,
)
def test_two_owners_never_share_a_counter(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    """Threat 75: separators in the parts."""
    store = MemoryLimits()
    assert allowed(store, charge(ONE, *one))
    assert allowed(store, charge(ONE, *other))


def test_a_clock_that_jumps_back_refills_nothing(clock: Traveller) -> None:
    """Threat 79."""
    store = MemoryLimits()
    assert allowed(store, charge(ONE))
    clock.move_to(NOW - 3600)
    assert not allowed(store, charge(ONE))


def test_the_memory_of_callers_is_bounded() -> None:
    """Threat 77, threat 102: the counter unused for longest is forgotten."""
    store = MemoryLimits(size=2)
    for name in "abac":
        allowed(store, charge(ONE if name != "a" else THREE, name))
    assert store.decide([charge(THREE, "a")]).standings[0].remaining == 0
    assert not allowed(store, charge(ONE, "c"))
    assert allowed(store, charge(ONE, "b"))


def test_a_refused_request_leaves_no_trace_in_memory() -> None:
    """Threat 77: random callers behind a full tenant limit grow nothing."""
    store = MemoryLimits(size=2)
    allowed(store, charge(ONE), charge(THREE, "a"))
    for number in range(9):
        assert not allowed(store, charge(ONE), charge(THREE, f"random-{number}"))
    assert store.decide([charge(THREE, "a")]).standings[0].remaining == 1


def test_threads_together_get_as_many_as_the_limit_says() -> None:
    """Threat 80."""
    store, limit = MemoryLimits(), Limit("all", Rate(50, 60))
    passed: list[bool] = []
    in_threads(lambda: passed.append(allowed(store, charge(limit))), times=50)
    assert sum(passed) == 50


def test_nothing_is_started_before_the_first_decision() -> None:
    """Threat 80: a timer thread from before a fork would be dead in the worker."""
    before = threading.active_count()
    MemoryLimits()
    assert threading.active_count() == before
