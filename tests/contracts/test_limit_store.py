"""What every `LimitStore` must do, on each of them."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from redis import Redis

from tenantauth.limit import Limit
from tenantauth.limiting.memory import MemoryLimits
from tenantauth.limiting.outage import OnOutage
from tenantauth.limiting.redis import RedisLimits
from tenantauth.limiting.state_url import StateUrl
from tenantauth.ports import Charge, Decision, LimitStore
from tenantauth.testing import FakeLimitStore, ManualClock
from tenantauth.units import Rate
from tests.support import in_threads
from tests.tenantauth.forks import in_child

THREE = Limit("three", Rate(3, 60))
ONE = Limit("one", Rate(1, 60))
# A server's clock goes on by itself; this much of it may pass within a test.
CLOSE = 5.0
# A machine that is busy with tests may be slow, which is not what is tested here.
PATIENT_S = 5.0
# Makes what was spent older, which is what time does.
AGE = """
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
  local spent = cmsgpack.unpack(redis.call('GET', key))
  for at = 1, #spent, 2 do spent[at] = spent[at] - ARGV[2] end
  redis.call('SET', key, cmsgpack.pack(spent), 'KEEPTTL')
end
"""


@dataclass
class Counting:
    """A store, and a way to let time pass for it."""

    store: LimitStore
    advance: Callable[[float], None]
    tenant: str

    def charge(self, limit: Limit = THREE, *owner: str) -> Charge:
        return Charge(limit, (self.tenant, limit.name, *owner))

    def decide(self, *limits: Limit) -> Decision:
        return self.store.decide([self.charge(limit) for limit in limits])

    def allowed(self, *limits: Limit) -> bool:
        return self.decide(*limits).allowed

    def take(self, *owner: str) -> bool:
        """Spend the only unit of an owner."""
        return self.store.decide([self.charge(ONE, *owner)]).allowed


def on_memory(request: pytest.FixtureRequest, tenant: str) -> Iterator[Counting]:
    clock = ManualClock()
    yield Counting(MemoryLimits(clock), clock.advance, tenant)


def on_fake(request: pytest.FixtureRequest, tenant: str) -> Iterator[Counting]:
    clock = ManualClock()
    yield Counting(FakeLimitStore(clock), clock.advance, tenant)


def on_redis(request: pytest.FixtureRequest, tenant: str) -> Iterator[Counting]:
    url = request.getfixturevalue("redis_url")
    store, client = RedisLimits(StateUrl.parse(url), PATIENT_S), Redis.from_url(url)

    def advance(seconds: float) -> None:
        client.eval(AGE, 0, f"tenantauth:{{{tenant}}}:*", round(seconds * 1_000_000))

    yield Counting(store, advance, tenant)
    store.close()
    client.close()


def behind_outage(request: pytest.FixtureRequest, tenant: str) -> Iterator[Counting]:
    for counting in on_redis(request, tenant):
        counting.store = OnOutage(counting.store, MemoryLimits(ManualClock()))
        yield counting


REAL = [
    pytest.param(on_memory, id="memory"),
    pytest.param(on_redis, id="redis", marks=pytest.mark.server),
    pytest.param(behind_outage, id="redis behind OnOutage", marks=pytest.mark.server),
]


@pytest.fixture(params=[pytest.param(on_fake, id="fake"), *REAL])
def counting(request: pytest.FixtureRequest) -> Iterator[Counting]:
    yield from request.param(request, uuid.uuid4().hex)


def test_as_many_pass_as_the_limit_says(counting: Counting) -> None:
    assert [counting.allowed(THREE) for _ in range(5)] == [True] * 3 + [False] * 2


def test_the_standing_says_what_is_left(counting: Counting) -> None:
    standings = [counting.decide(THREE).standings[0] for _ in range(4)]
    assert [standing.remaining for standing in standings] == [2, 1, 0, 0]
    assert [standing.violated for standing in standings] == [False, False, False, True]
    assert standings[-1].reset_s == pytest.approx(60, abs=CLOSE)


def test_nothing_is_free_before_the_time_that_a_refusal_says(counting: Counting) -> None:
    counting.allowed(ONE)
    counting.advance(30)
    refused = counting.decide(ONE)
    assert refused.retry_after_s == pytest.approx(30, abs=CLOSE)
    counting.advance(refused.retry_after_s - CLOSE)
    assert not counting.allowed(ONE)
    counting.advance(CLOSE)
    assert counting.allowed(ONE)


def test_a_cost_waits_until_all_of_it_is_free(counting: Counting) -> None:
    """Threat 81: `Retry-After` holds for a cost of several units."""
    two = Limit("three", Rate(3, 60), cost=2)
    for _ in range(3):
        counting.allowed(THREE)
        counting.advance(10)
    refused = counting.decide(two)
    assert refused.retry_after_s == pytest.approx(40, abs=CLOSE)
    counting.advance(refused.retry_after_s)
    assert counting.allowed(two)


def test_there_is_no_burst_at_the_edge_of_a_window(counting: Counting) -> None:
    """Threat 76."""
    counting.advance(50)
    assert [counting.allowed(THREE) for _ in range(3)] == [True] * 3
    counting.advance(20)
    assert not counting.allowed(THREE)


def test_a_refused_request_has_spent_nothing(counting: Counting) -> None:
    assert counting.allowed(ONE, THREE)
    assert not counting.allowed(ONE, THREE)
    assert not counting.allowed(THREE, ONE)
    assert [counting.allowed(THREE) for _ in range(3)] == [True, True, False]


def test_only_the_violated_limits_of_a_decision_are_said_to_be(counting: Counting) -> None:
    counting.decide(ONE)
    decision = counting.decide(THREE, ONE)
    assert [standing.limit for standing in decision.standings] == [THREE, ONE]
    assert [standing.violated for standing in decision.standings] == [False, True]


def test_no_limits_are_no_refusal(counting: Counting) -> None:
    assert counting.decide() == Decision(())


@pytest.mark.parametrize("cost", [1, 2, 3])
def test_a_cost_is_spent_whole_or_not_at_all(counting: Counting, cost: int) -> None:
    """Threat 81."""
    passed = [counting.decide(Limit("three", Rate(3, 60), cost=cost)) for _ in range(4)]
    assert sum(decision.allowed for decision in passed) == 3 // cost
    assert passed[-1].standings[0].remaining == 3 % cost


def test_a_limit_that_is_changed_keeps_its_counter(counting: Counting) -> None:
    """Threat 75: the amount is no part of the key."""
    assert [counting.allowed(THREE) for _ in range(3)] == [True] * 3
    assert not counting.allowed(Limit("three", Rate(2, 60)))
    assert counting.decide(Limit("three", Rate(9, 60))).standings[0].remaining == 5


@pytest.mark.parametrize("counting", REAL, indirect=True)
def test_a_short_window_forgets_nothing_of_a_long_one(counting: Counting) -> None:
    """Threat 75: an app may tell two rates for one owner, as for two plans below one tenant."""
    short, long = Limit("plan", Rate(1, 1)), Limit("plan", Rate(1, 3600))
    assert counting.allowed(long)
    counting.advance(10)
    assert counting.allowed(short)
    assert not counting.allowed(long)


@pytest.mark.parametrize("part", ["", "a/b", "a:b", "%", "é", "\ud800", "\x00", "None", "{x}"])
def test_an_owner_may_hold_any_character(counting: Counting, part: str) -> None:
    """Threat 75."""
    assert counting.take(part)
    assert not counting.take(part)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a/b", "c"), ("a", "b/c")),
        (("a:b", "c"), ("a", "b:c")),
        (("a", "b"), ("a:b",)),
        (("a%3A", "b"), ("a:", "b")),
        (("a",), ("a", "")),
        ((), ("",)),
        (("", "a"), ("a", "")),
        (("A",), ("a",)),
    ],
    ids=str,
)
def test_two_owners_never_share_a_counter(
    counting: Counting, one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    """Threat 75: separators in the parts."""
    assert counting.take(*one)
    assert counting.take(*other)


def test_two_tenants_never_share_a_counter(counting: Counting) -> None:
    """Threat 75."""
    assert counting.take("a")
    counting.tenant += ":"
    assert counting.take("a")


@pytest.mark.parametrize("counting", REAL, indirect=True)
def test_large_amounts_and_long_windows_are_counted_exactly(counting: Counting) -> None:
    """Threat 81."""
    most = Limit("most", Rate(1_000_000_000, 366 * 86_400), cost=999_999_999)
    assert counting.decide(most).standings[0].remaining == 1
    assert counting.decide(most).retry_after_s == pytest.approx(366 * 86_400, abs=CLOSE)


@pytest.mark.parametrize("counting", REAL, indirect=True)
def test_threads_together_get_as_many_as_the_limit_says(counting: Counting) -> None:
    """Threat 80."""
    passed: list[bool] = []
    limit = Limit("all", Rate(50, 3600))
    in_threads(lambda: passed.append(counting.allowed(limit)), times=20)
    assert sum(passed) == 50


def test_a_forked_process_can_go_on_counting(counting: Counting) -> None:
    """Threat 80: with connections and locks of its own."""
    assert counting.allowed(THREE)
    assert in_child(lambda: str(counting.allowed(THREE))) == "True"
    assert counting.decide(THREE).standings[0].violated is False
