import pytest

from tenantauth.limiting.failures import Failures
from tenantauth.testing import ManualClock
from tenantauth.units import Rate
from tests.support import in_threads
from tests.tenantauth.forks import in_child

THREE = Rate(3, 60)
ME, YOU = ("acme", "192.0.2.1"), ("acme", "192.0.2.2")


def failed(times: int, rate: Rate = THREE) -> tuple[Failures, ManualClock]:
    clock = ManualClock()
    failures = Failures(clock)
    for _ in range(times):
        failures.charge(ME, rate)
    return failures, clock


@pytest.mark.parametrize(("times", "wait_s"), [(0, 0), (2, 0), (3, 20), (4, 20), (1000, 20)])
def test_the_wait_begins_when_the_bucket_is_full(times: int, wait_s: float) -> None:
    """Threat 82: the thousandth failure waits no longer than the third."""
    failures, _ = failed(times)
    assert failures.wait_s(ME, THREE) == pytest.approx(wait_s)


def test_the_level_falls_with_time() -> None:
    failures, clock = failed(3)
    clock.advance(15)
    assert failures.wait_s(ME, THREE) == pytest.approx(5)
    clock.advance(5)
    assert failures.wait_s(ME, THREE) == 0.0


@pytest.mark.parametrize("amount", [6, 7, 9, 28])
def test_waiting_as_long_as_told_is_enough(amount: int) -> None:
    """Also after many sums of fractions, where rounding leaves a hair."""
    rate = Rate(amount, 60)
    failures, clock = failed(0)
    for _ in range(60):
        failures.charge(ME, rate)
        clock.advance(failures.wait_s(ME, rate) or 0.1)
        assert failures.wait_s(ME, rate) == 0.0


def test_an_empty_bucket_takes_as_many_again() -> None:
    failures, clock = failed(3)
    clock.advance(10_000)
    failures.charge(ME, THREE)
    failures.charge(ME, THREE)
    assert failures.wait_s(ME, THREE) == 0.0
    failures.charge(ME, THREE)
    assert failures.wait_s(ME, THREE) == pytest.approx(20)


def test_looking_counts_nothing() -> None:
    failures, _ = failed(2)
    assert [failures.wait_s(ME, THREE) for _ in range(9)] == [0.0] * 9


def test_owners_are_counted_apart() -> None:
    """Threat 75."""
    failures, _ = failed(3)
    assert failures.wait_s(YOU, THREE) == 0.0


def test_a_rate_that_was_lowered_locks_out_for_one_step_at_the_most() -> None:
    """Threat 82: a level that the old rate allowed is capped by the new one."""
    failures, _ = failed(1000, Rate(1000, 60))
    assert failures.wait_s(ME, Rate(1, 60)) == pytest.approx(60)


@pytest.mark.parametrize("jump_s", [-3600.0, 3600.0], ids=["back", "forward"])
def test_a_jump_of_the_wall_clock_changes_nothing(jump_s: float) -> None:
    """Threat 79."""
    failures, clock = failed(3)
    clock.set_wall(clock.now() + jump_s)
    assert failures.wait_s(ME, THREE) == pytest.approx(20)


def test_memory_is_bounded_and_the_owner_unseen_for_longest_is_forgotten() -> None:
    """Threat 77, threat 102."""
    failures = Failures(ManualClock(), size=2)
    once = Rate(1, 3600)
    for name in ("a", "b", "a", "c"):
        failures.charge((name,), once)
    assert len(failures) == 2
    assert [failures.wait_s((name,), once) > 0 for name in "abc"] == [True, False, True]


def test_a_flood_at_one_tenant_makes_no_other_tenants_failures_forget() -> None:
    """Threats 75 and 77: whoever has more addresses than there is room pushes out its own."""
    failures = Failures(ManualClock(), size=50)
    once = Rate(1, 3600)
    failures.charge(ME, once)
    for number in range(100):
        failures.charge(("globex", f"192.0.2.{number}"), once)
    assert len(failures) == 50
    assert failures.wait_s(ME, once) == 3600


def test_a_lock_held_while_forking_does_not_block_the_child() -> None:
    """Threat 80: the child counts for itself."""
    failures, _ = failed(3)
    with failures._levels.get()._lock:
        assert in_child(lambda: str(failures.wait_s(ME, THREE))) == "0.0"
    assert failures.wait_s(ME, THREE) == pytest.approx(20)


def test_threads_lose_no_failure() -> None:
    """Threat 80."""
    failures, rate = Failures(ManualClock()), Rate(2000, 86_400)
    in_threads(lambda: failures.charge(ME, rate), times=500)
    assert failures.wait_s(ME, rate) == pytest.approx(43.2)
