"""The contract of `tenantauth.ports.Clock`."""

import pytest

from tenantauth.ports import Clock, SystemClock
from tenantauth.testing import ManualClock

YEAR_2020_S = 1_577_836_800.0


@pytest.fixture(params=[ManualClock, SystemClock], ids=lambda kind: kind.__name__)
def clock(request: pytest.FixtureRequest) -> Clock:
    made: Clock = request.param()
    return made


def test_wall_time_is_in_seconds_since_the_epoch(clock: Clock) -> None:
    assert YEAR_2020_S < clock.now() < 10 * YEAR_2020_S


def test_monotonic_time_never_goes_back(clock: Clock) -> None:
    times = [clock.monotonic() for _ in range(100)]
    assert times == sorted(times)


def test_both_are_fractions_of_seconds(clock: Clock) -> None:
    assert isinstance(clock.now(), float)
    assert isinstance(clock.monotonic(), float)
