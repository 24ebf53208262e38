import pytest

from tenantauth.limiting.breaker import CircuitBreaker
from tenantauth.testing import ManualClock
from tests.support import in_threads


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def breaker(clock: ManualClock) -> CircuitBreaker:
    return CircuitBreaker(clock, rest_s=1)


def test_while_nothing_fails_everybody_may_try(breaker: CircuitBreaker) -> None:
    assert [breaker.may_try() for _ in range(3)] == [True] * 3


def test_after_a_failure_nobody_tries_for_a_while(
    breaker: CircuitBreaker, clock: ManualClock
) -> None:
    """Threat 78."""
    breaker.failed()
    assert not breaker.may_try()
    clock.advance(0.999)
    assert not breaker.may_try()


def test_then_one_tries_and_the_others_go_on_resting(
    breaker: CircuitBreaker, clock: ManualClock
) -> None:
    breaker.failed()
    clock.advance(1)
    tried: list[bool] = []
    in_threads(lambda: tried.append(breaker.may_try()), times=25)
    assert sum(tried) == 1


def test_one_that_never_comes_back_holds_up_nobody(
    breaker: CircuitBreaker, clock: ManualClock
) -> None:
    """A try that was cancelled tells neither success nor failure."""
    breaker.failed()
    clock.advance(1)
    breaker.may_try()
    clock.advance(1)
    assert breaker.may_try()


def test_the_first_failure_and_the_first_success_are_told_apart(breaker: CircuitBreaker) -> None:
    assert not breaker.succeeded()
    assert [breaker.failed(), breaker.failed()] == [True, False]
    assert [breaker.succeeded(), breaker.succeeded()] == [True, False]
    assert breaker.may_try()
    assert breaker.failed()
