import sys

import pytest

from tenantauth.limiting.window import SUB_WINDOWS, Window

MINUTE = 60_000_000
SECOND = 1_000_000


def spent_at(*times_s: float, cost: int = 1) -> Window:
    window = Window()
    for at in times_s:
        window.spend(round(at * SECOND), MINUTE, cost)
    return window


def test_an_empty_window_holds_nothing() -> None:
    assert (Window().used(0, MINUTE), Window().reset_us(0, MINUTE)) == (0, 0)


@pytest.mark.parametrize(("at_s", "used"), [(0, 1), (59.999999, 1), (60, 0), (3600, 0)])
def test_what_is_spent_is_free_again_after_exactly_one_window(at_s: float, used: int) -> None:
    assert spent_at(0).used(round(at_s * SECOND), MINUTE) == used


def test_one_sub_window_is_counted_whole_until_its_latest_part_is_old() -> None:
    """Threat 76."""
    window = spent_at(0, 0.9)
    assert [window.used(round(at * SECOND), MINUTE) for at in (60, 60.899999, 60.9)] == [2, 2, 0]


@pytest.mark.parametrize(("cost", "wait_s"), [(1, 0), (2, 10), (3, 30), (4, 50)], ids=str)
def test_the_wait_is_until_as_much_as_needed_is_free(cost: int, wait_s: int) -> None:
    """Threat 81: a cost of several units waits for several of them."""
    window = spent_at(10, 30, 50)
    assert window.wait_us(60 * SECOND, MINUTE, 4, cost) == wait_s * SECOND


def test_the_reset_is_when_the_first_unit_comes_back() -> None:
    assert spent_at(10, 30).reset_us(60 * SECOND, MINUTE) == 10 * SECOND


def test_a_lowered_amount_finds_what_was_spent_before() -> None:
    assert spent_at(0, cost=9).wait_us(SECOND, MINUTE, 5, 1) == 59 * SECOND


def test_memory_is_bounded_however_much_is_spent() -> None:
    """Threat 77: measured, in bytes."""
    window = Window()
    for at_us in range(0, 10 * MINUTE, SECOND // 50):
        window.used(at_us, MINUTE)
        window.spend(at_us, MINUTE, 1)
    assert len(window) <= SUB_WINDOWS + 2
    assert sys.getsizeof(window) + sys.getsizeof(window._spent) < 2500
