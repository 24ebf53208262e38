from tenantauth.outbound.budget import Budget
from tenantauth.testing import ManualClock
from tests.support import in_threads


def test_so_much_is_spent_at_once() -> None:
    budget = Budget(ManualClock(), burst=3, per_s=1)
    assert [budget.take() for _ in range(5)] == [True] * 3 + [False] * 2


def test_it_comes_back_with_time_up_to_the_burst() -> None:
    clock = ManualClock()
    budget = Budget(clock, burst=2, per_s=0.5)
    budget.take(), budget.take()
    clock.advance(1.9)
    assert not budget.take()
    clock.advance(0.1)
    assert budget.take()
    clock.advance(1000)
    assert [budget.take() for _ in range(3)] == [True, True, False]


def test_threads_do_not_spend_more_together() -> None:
    """Threat 80."""
    budget = Budget(ManualClock(), burst=50, per_s=1)
    taken: list[bool] = []
    in_threads(lambda: taken.append(budget.take()), times=50, threads=8)
    assert sum(taken) == 50
