from tenantauth.fair_budget import FairBudget
from tenantauth.testing import ManualClock
from tests.support import in_threads


def taken(budget: FairBudget, tenant: str, times: int) -> int:
    return sum(budget.take(tenant) for _ in range(times))


def test_a_tenant_spends_half_of_it_at_once() -> None:
    """Threat 115."""
    assert taken(FairBudget(ManualClock(), count=6, window_s=6), "acme", 9) == 3


def test_many_tenants_spend_it_and_no_more() -> None:
    """Threat 115."""
    budget = FairBudget(ManualClock(), count=6, window_s=6)
    assert [taken(budget, tenant, 9) for tenant in "abcde"] == [3, 2, 1, 0, 0]


def test_what_was_spent_comes_back_when_its_time_is_over() -> None:
    clock = ManualClock()
    budget = FairBudget(clock, count=2, window_s=10)
    assert taken(budget, "acme", 2) == 1
    clock.advance(9)
    assert taken(budget, "globex", 2) == 1
    assert taken(budget, "acme", 2) == 0
    clock.advance(1)
    assert taken(budget, "acme", 2) == 1
    clock.advance(1000)
    assert [taken(budget, tenant, 2) for tenant in "abc"] == [1, 1, 0]


def test_threads_do_not_spend_more_together() -> None:
    """Threat 80."""
    budget = FairBudget(ManualClock(), count=50, window_s=1)
    allowed: list[bool] = []
    in_threads(lambda: allowed.append(budget.take("acme")), times=50, threads=8)
    assert sum(allowed) == 25
