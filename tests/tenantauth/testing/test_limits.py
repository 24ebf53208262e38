from tenantauth.limit import Limit
from tenantauth.ports import Charge
from tenantauth.testing import FakeLimitStore, ManualClock
from tenantauth.units import Rate


def charge(rate: str = "2/minute", *owner: str, cost: int = 1) -> Charge:
    return Charge(Limit("few", Rate.parse(rate), cost=cost), ("id", *owner))


def test_time_is_the_clocks() -> None:
    """The rest is in the contract of the port, tests/contracts/test_limit_store.py."""
    clock = ManualClock()
    store = FakeLimitStore(clock)
    assert store.decide([charge("1/minute")]).allowed
    clock.advance(59)
    assert store.decide([charge("1/minute")]).retry_after_s == 1
    clock.advance(1)
    assert store.decide([charge("1/minute")]).allowed


def test_a_cost_waits_for_as_many_units_as_it_needs() -> None:
    clock = ManualClock()
    store = FakeLimitStore(clock)
    store.decide([charge()])
    clock.advance(10)
    store.decide([charge()])
    assert store.decide([charge()]).retry_after_s == 50
    assert store.decide([charge(cost=2)]).retry_after_s == 60
