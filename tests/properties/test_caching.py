"""The cache over random histories of changes, outages, looks and requests."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tenantauth.caching import CachedPolicySource
from tenantauth.errors import RegistryUnavailableError, UnknownTenantError
from tenantauth.ports import TenantKey
from tenantauth.testing import FakePolicySource, ManualClock, make_policy

SLUGS = ("a", "b", "c", "d")
SIZE = 3
KEY = TenantKey("slug", "a")
# Sums of halves and quarters are exact, so that bounds can be met to the second.
TIMES = st.sampled_from([0.25, 0.5, 1.0, 2.0, 5.0, 30.0])


class Caches(RuleBasedStateMachine):
    """Any history; the time at which each state of a tenant was left is kept (`None`: unknown)."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.source = FakePolicySource()
        self.versions: dict[str, int | None] = dict.fromkeys(SLUGS)
        self.left: dict[tuple[str, int | None], float] = {}
        self.count = 0
        self.reachable_since = 0.0
        self.down_since = 0.0

    @initialize(staleness_s=st.sampled_from([0.5, 2.0]), hard_end_s=st.sampled_from([5.0, 20.0]))
    def build(self, staleness_s: float, hard_end_s: float) -> None:
        self.staleness_s, self.hard_end_s = staleness_s, hard_end_s
        self.cache = CachedPolicySource(
            self.source,
            staleness_s=staleness_s,
            hard_end_s=hard_end_s,
            size=SIZE,
            clock=self.clock,
        )

    @property
    def now(self) -> float:
        return self.clock.monotonic()

    def leave(self, slug: str) -> None:
        self.left[slug, self.versions[slug]] = self.now

    @rule(slug=st.sampled_from(SLUGS))
    def change(self, slug: str) -> None:
        self.leave(slug)
        self.count += 1
        self.versions[slug] = self.count
        self.source.put(make_policy(slug, version=self.count))

    @rule(slug=st.sampled_from(SLUGS))
    def remove(self, slug: str) -> None:
        self.leave(slug)
        self.versions[slug] = None
        self.left.pop((slug, None), None)
        self.source.remove(slug)

    @rule(seconds=TIMES)
    def let_time_pass(self, seconds: float) -> None:
        self.clock.advance(seconds)
        if self.source.down:
            self.reachable_since = self.now

    @rule(down=st.booleans())
    def lose_or_find_the_registry(self, down: bool) -> None:
        if self.source.down:
            self.reachable_since = self.now
        elif down:
            self.down_since = self.now
        self.source.down = down

    @rule()
    def follow(self) -> None:
        try:
            self.cache.refresh()
        except RegistryUnavailableError:
            assert self.source.down

    @rule(number=st.integers(0, 10_000))
    def ask_for_a_random_host(self, number: int) -> None:
        try:
            self.cache.get(TenantKey("host", f"{number}.nowhere.test"))
        except (UnknownTenantError, RegistryUnavailableError):
            return
        raise AssertionError("a host that nobody has was answered")

    @rule(slug=st.sampled_from(SLUGS))
    def ask(self, slug: str) -> None:
        try:
            version: int | None = self.cache.get(TenantKey("slug", slug)).version
        except UnknownTenantError:
            version = None
        except RegistryUnavailableError:
            self.is_right_to_be_unavailable(slug)
            return
        assert not self.source.down or self.now - self.down_since <= self.hard_end_s
        self.is_fresh(slug, version)

    def is_fresh(self, slug: str, version: int | None) -> None:
        """While the source is reachable, an answer was true within the staleness bound."""
        if version == self.versions[slug]:
            return
        left_at = max(self.left[slug, version], self.reachable_since)
        if self.source.down:
            assert self.now - self.left[slug, version] <= self.hard_end_s
        else:
            assert self.now - left_at < self.staleness_s

    def is_right_to_be_unavailable(self, slug: str) -> None:
        """Only an outage, or the wait that follows a failed look, makes a tenant unavailable."""
        assert self.source.down or self.now - self.reachable_since < min(1.0, self.staleness_s)

    @invariant()
    def memory_is_bounded(self) -> None:
        if hasattr(self, "cache"):
            assert len(self.cache._known._entries) <= SIZE
            assert len(self.cache._unknown._entries) <= SIZE
            assert self.cache._loading == {}


@given(
    before=st.lists(TIMES, min_size=1, max_size=8),
    outage_s=st.sampled_from([0.0, 1.0, 17.75, 18.0, 20.25, 30.0]),
)
def test_what_was_good_serves_to_the_hard_end_and_no_longer(
    before: list[float], outage_s: float
) -> None:
    clock, source = ManualClock(), FakePolicySource([make_policy("a")])
    cache = CachedPolicySource(source, staleness_s=2.0, hard_end_s=20.0, clock=clock)
    for seconds in before:
        clock.advance(seconds)
        cache.get(KEY)
    source.down = True
    clock.advance(outage_s)
    if outage_s <= 20.0 - 2.0:
        assert cache.get(KEY).version == 1
    else:
        with pytest.raises(RegistryUnavailableError):
            cache.get(KEY)


TestCaches = Caches.TestCase
TestCaches.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
