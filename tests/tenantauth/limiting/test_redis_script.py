"""The Lua of the decision against `Window`, with a clock that the test moves."""

import uuid
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from tenantauth.limiting.redis_script import SCRIPT
from tenantauth.limiting.window import SUB_WINDOWS, Window

pytestmark = pytest.mark.server

MANUAL = SCRIPT.replace("redis.call('TIME')", "{ARGV[#ARGV - 1], ARGV[#ARGV]}")
START_US = 1_800_000_000_000_000
SECOND = 1_000_000


class Counter:
    """One counter on the server."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self.key = f"tenantauth:{{{uuid.uuid4().hex}}}:limit:"

    def decide(self, at_us: int, window_us: int, amount: int, cost: int = 1) -> tuple[int, ...]:
        """Return what is left, the reset and the wait."""
        time = divmod(at_us, SECOND)
        answer = self._client.eval(MANUAL, 1, self.key, 7, window_us, amount, cost, *time)
        assert isinstance(answer, list)
        number, *standing = answer
        assert number == 7
        return tuple(standing)


@pytest.fixture(scope="module")
def client(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def counter(client: Redis) -> Counter:
    return Counter(client)


@given(
    st.sampled_from([1, 7, 60, 3600]),
    st.lists(
        st.tuples(st.floats(0, 1.2), st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=40
    ),
)
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_script_decides_as_the_window_in_memory_does(
    client: Redis, window_s: int, steps: list[tuple[float, int, int]]
) -> None:
    """Threat 76, threat 81: to the microsecond, also when the amount changes on the way."""
    counter, window, now_us, window_us = Counter(client), Window(), START_US, window_s * SECOND
    for share, amount, cost in steps:
        now_us += round(share * share * share * window_us)
        cost = min(cost, amount)  # noqa: PLW2901  # a limit's cost is never above its amount
        wait_us = window.wait_us(now_us, window_us, amount, cost)
        if not wait_us:
            window.spend(now_us, window_us, cost)
        left = max(0, amount - window.used(now_us, window_us))
        expected = (left, window.reset_us(now_us, window_us), wait_us)
        assert counter.decide(now_us, window_us, amount, cost) == expected


@pytest.mark.parametrize("back_s", [1, 3600])
def test_a_server_whose_clock_goes_back_frees_nothing_and_locks_nobody_out(
    counter: Counter, back_s: int
) -> None:
    """Threat 79: what was spent counts as spent just now, and is free after one window."""
    counter.decide(START_US, 60 * SECOND, 1)
    earlier = START_US - back_s * SECOND
    assert counter.decide(earlier, 60 * SECOND, 1) == (0, 60 * SECOND, 60 * SECOND)
    assert counter.decide(earlier + 45 * SECOND, 60 * SECOND, 1)[2] == 15 * SECOND
    assert counter.decide(earlier + 60 * SECOND, 60 * SECOND, 1)[2] == 0


def test_a_busy_counter_stays_small(client: Redis, counter: Counter) -> None:
    """Threat 77: measured, in bytes on the server."""
    for number in range(300):
        counter.decide(START_US + number * SECOND // 2, 60 * SECOND, 1_000_000)
    assert client.strlen(counter.key) <= (SUB_WINDOWS + 2) * 14


@pytest.mark.parametrize("window_s", [1, 60, 86_400])
def test_every_key_expires_soon_after_its_window(
    client: Redis, counter: Counter, window_s: int
) -> None:
    """Threat 77: no key stays for ever."""
    counter.decide(START_US, window_s * SECOND, 1)
    left_ms = client.pttl(counter.key)
    assert window_s * 1000 < left_ms <= window_s * 1000 + 1000


def test_a_refusal_writes_nothing(client: Redis, counter: Counter) -> None:
    counter.decide(START_US, 60 * SECOND, 1)
    before = client.dump(counter.key)
    assert counter.decide(START_US + SECOND, 60 * SECOND, 1)[2] > 0
    assert client.dump(counter.key) == before
