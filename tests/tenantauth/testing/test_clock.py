import pytest

from tenantauth.ports import Clock
from tenantauth.testing import ManualClock


def test_time_stands_still_until_it_is_moved() -> None:
    clock: Clock = ManualClock()
    assert (clock.now(), clock.monotonic()) == (clock.now(), clock.monotonic())


def test_both_times_advance_together() -> None:
    clock = ManualClock(1000.0)
    clock.advance(2.5)
    assert (clock.now(), clock.monotonic()) == (1002.5, 2.5)


def test_only_the_wall_clock_jumps() -> None:
    """Threat 79: wall against monotonic time."""
    clock = ManualClock(1000.0)
    clock.set_wall(10.0)
    assert (clock.now(), clock.monotonic()) == (10.0, 0.0)


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="forwards"):
        ManualClock().advance(-0.1)
