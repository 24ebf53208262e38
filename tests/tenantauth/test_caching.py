import threading
from collections.abc import Hashable

import pytest

from tenantauth.caching import CachedPolicySource
from tenantauth.errors import RegistryUnavailableError, UnknownTenantError
from tenantauth.policy import TenantPolicy
from tenantauth.ports import TenantKey
from tenantauth.testing import FakePolicySource, ManualClock, make_policy

ACME = TenantKey("slug", "acme")
NOBODY = TenantKey("host", "nobody.test")


class Cached:
    """A cache over a fake, with a staleness bound of 2 s and a hard end of 60 s."""

    def __init__(self, *policies: TenantPolicy, size: int = 10) -> None:
        self.clock = ManualClock()
        self.source = FakePolicySource(policies)
        self.cache = CachedPolicySource(
            self.source, staleness_s=2.0, hard_end_s=60.0, size=size, clock=self.clock
        )

    def version(self, slug: str = "acme") -> int:
        return self.cache.get(TenantKey("slug", slug)).version


class SlowSource(FakePolicySource):
    """A source that answers only when it is let."""

    def __init__(self, *policies: TenantPolicy) -> None:
        super().__init__(policies)
        self.asked = threading.Semaphore(0)
        self.let = threading.Semaphore(0)

    def get(self, key: TenantKey) -> TenantPolicy:
        self.asked.release()
        assert self.let.acquire(timeout=10)
        return super().get(key)


class HangingSource(FakePolicySource):
    """A source whose generation can be kept from being told; a request would wait in vain."""

    def __init__(self, policies: list[TenantPolicy]) -> None:
        super().__init__(policies)
        self.answers, self.asked = threading.Event(), threading.Event()
        self.answers.set()

    def generation(self) -> Hashable:
        if not self.answers.is_set():
            assert not self.asked.is_set(), "a request asks too"
            self.asked.set()
            assert self.answers.wait(timeout=10)
        return super().generation()


class OneBadTenant(FakePolicySource):
    """A source in which one tenant's rows cannot be read, while the registry is there."""

    def get(self, key: TenantKey) -> TenantPolicy:
        self.reads += 1
        if key == NOBODY:
            raise RegistryUnavailableError("rows that cannot be compiled")
        return super().get(key)


class CountingSource(FakePolicySource):
    """A source that counts how often its generation is asked for."""

    looks = 0

    def generation(self) -> Hashable:
        self.looks += 1
        return super().generation()


def test_a_policy_is_read_once() -> None:
    cached = Cached(make_policy())
    assert cached.cache.get(ACME) is cached.cache.get(ACME)
    assert cached.source.reads == 1


def test_an_unchanged_policy_is_never_read_again() -> None:
    cached = Cached(make_policy())
    for _ in range(100):
        cached.version()
        cached.clock.advance(3600)
    assert cached.source.reads == 1


def test_a_change_is_seen_at_the_staleness_bound() -> None:
    cached = Cached(make_policy())
    cached.version()
    cached.source.put(make_policy(version=2))
    cached.clock.advance(1.9)
    assert cached.version() == 1
    cached.clock.advance(0.1)
    assert cached.version() == 2


def test_a_change_is_seen_at_once_after_a_refresh() -> None:
    cached = Cached(make_policy())
    cached.version()
    cached.source.put(make_policy(version=2))
    cached.cache.refresh()
    assert cached.version() == 2


def test_a_removed_tenant_is_unknown_within_the_bound() -> None:
    """Threats 52 and 101: a removed tenant is not known for long."""
    cached = Cached(make_policy())
    cached.version()
    cached.source.remove("acme")
    cached.clock.advance(2)
    with pytest.raises(UnknownTenantError):
        cached.version()


def test_a_new_tenant_is_known_within_the_bound() -> None:
    """Threat 101: a tenant made just now is not unknown for long."""
    cached = Cached()
    with pytest.raises(UnknownTenantError):
        cached.version()
    cached.source.put(make_policy())
    cached.clock.advance(2)
    assert cached.version() == 1


def test_unknown_keys_are_remembered() -> None:
    """Threat 77: the same wrong host again and again does not reach the registry."""
    cached = Cached()
    for _ in range(5):
        with pytest.raises(UnknownTenantError):
            cached.cache.get(NOBODY)
    assert cached.source.reads == 1


def test_random_hosts_use_bounded_memory_and_push_no_tenant_out() -> None:
    """Threats 77 and 102: unknown keys are kept apart from known ones, and few."""
    cached = Cached(make_policy(), size=10)
    cached.version()
    for number in range(100):
        with pytest.raises(UnknownTenantError):
            cached.cache.get(TenantKey("host", f"h{number}.test"))
    reads = cached.source.reads
    assert cached.version() == 1
    assert cached.source.reads == reads
    assert len(cached.cache._unknown) == 10


def test_the_tenant_unused_for_longest_is_forgotten_first() -> None:
    cached = Cached(*map(make_policy, ("a", "b", "c")), size=2)
    for slug in ("a", "b", "a", "c"):
        cached.version(slug)
    reads = cached.source.reads
    cached.version("a")
    assert cached.source.reads == reads
    cached.version("b")
    assert cached.source.reads == reads + 1


def test_the_last_known_good_policy_serves_in_an_outage() -> None:
    cached = Cached(make_policy())
    cached.version()
    cached.source.down = True
    cached.clock.advance(60)
    assert cached.version() == 1
    assert cached.cache.is_good


def test_the_last_known_good_policy_has_a_hard_end() -> None:
    cached = Cached(make_policy())
    cached.version()
    cached.source.down = True
    cached.clock.advance(60.1)
    with pytest.raises(RegistryUnavailableError):
        cached.version()
    assert not cached.cache.is_good


def test_a_confirmed_policy_begins_its_time_anew() -> None:
    cached = Cached(make_policy())
    cached.version()
    cached.clock.advance(50)
    cached.cache.refresh()
    cached.source.down = True
    cached.clock.advance(50)
    assert cached.version() == 1


def test_a_known_change_that_cannot_be_read_leaves_the_old_policy() -> None:
    cached = Cached(make_policy())
    cached.version()
    cached.source.put(make_policy(version=2))
    cached.cache.refresh()
    cached.source.down = True
    assert cached.version() == 1


def test_a_cold_key_in_an_outage_is_unavailable_and_not_unknown() -> None:
    cached = Cached(make_policy())
    cached.source.down = True
    with pytest.raises(RegistryUnavailableError):
        cached.version()


def test_a_registry_that_is_back_is_seen_after_a_second() -> None:
    cached = Cached(make_policy())
    cached.source.down = True
    with pytest.raises(RegistryUnavailableError):
        cached.version()
    cached.source.down = False
    cached.clock.advance(1)
    assert cached.version() == 1


def test_after_an_outage_the_staleness_bound_holds_again() -> None:
    """The wait between two attempts is never longer than the bound."""
    clock, source = ManualClock(), FakePolicySource([make_policy()])
    cache = CachedPolicySource(source, staleness_s=0.5, clock=clock)
    cache.get(ACME)
    source.put(make_policy(version=2))
    source.down = True
    clock.advance(0.5)
    assert cache.get(ACME).version == 1
    source.down = False
    clock.advance(0.5)
    assert cache.get(ACME).version == 2


def test_an_outage_is_not_asked_about_by_every_request() -> None:
    """Threat 100: requests do not each wait for a registry that does not answer."""
    clock, source = ManualClock(), CountingSource([make_policy()])
    cache = CachedPolicySource(source, clock=clock)
    source.down = True
    for _ in range(10):
        with pytest.raises(RegistryUnavailableError):
            cache.get(ACME)
    assert source.looks == 1


def test_what_the_follower_finds_out_spares_the_requests() -> None:
    """Threat 100: a look beside the requests that fails holds them off the registry, too."""
    cached = Cached(make_policy())
    cached.source.down = True
    with pytest.raises(RegistryUnavailableError):
        cached.cache.refresh()
    cached.source.down = False
    with pytest.raises(RegistryUnavailableError):
        cached.version()
    assert cached.source.reads == 0


def test_a_registry_that_hangs_while_the_follower_asks_keeps_no_request_waiting() -> None:
    """threat 97: a server that accepts connections and answers nothing."""
    clock, source = ManualClock(), HangingSource([make_policy()])
    cache = CachedPolicySource(source, staleness_s=2.0, clock=clock)
    policy = cache.get(ACME)
    source.answers.clear()
    follower = threading.Thread(target=cache.refresh)
    follower.start()
    assert source.asked.wait(timeout=10)
    clock.advance(60)
    assert cache.get(ACME) is policy
    source.answers.set()
    follower.join()


def test_one_tenant_that_cannot_be_read_does_not_hold_up_the_others() -> None:
    cache = CachedPolicySource(OneBadTenant([make_policy()]), clock=ManualClock())
    with pytest.raises(RegistryUnavailableError):
        cache.get(NOBODY)
    assert cache.get(ACME).version == 1


def test_many_threads_read_a_policy_once() -> None:
    """Threat 100: no stampede on a cold or changed entry."""
    source = SlowSource(make_policy())
    cache = CachedPolicySource(source, clock=ManualClock())
    found: list[TenantPolicy] = []
    threads = [threading.Thread(target=lambda: found.append(cache.get(ACME))) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert source.asked.acquire(timeout=10)
    source.let.release()
    for thread in threads:
        thread.join(timeout=10)
    assert (len(found), source.reads) == (8, 1)


def test_all_that_wait_hear_of_a_failure() -> None:
    """Threat 100: a thread never waits for a read that has failed."""
    source = SlowSource()
    cache = CachedPolicySource(source, clock=ManualClock())
    heard: list[Exception] = []

    def ask() -> None:
        try:
            cache.get(ACME)
        except (RegistryUnavailableError, UnknownTenantError) as error:
            heard.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert source.asked.acquire(timeout=10)
    source.down = True
    source.let.release(4)
    for thread in threads:
        thread.join(timeout=10)
    assert [type(error) for error in heard] == [RegistryUnavailableError] * 4
    assert cache._loading == {}


def test_a_change_during_a_read_is_not_missed() -> None:
    """A policy read before a change and kept after it is read again."""
    source = SlowSource(make_policy())
    cache = CachedPolicySource(source, clock=ManualClock())
    thread = threading.Thread(target=cache.get, args=[ACME])
    thread.start()
    assert source.asked.acquire(timeout=10)
    source.put(make_policy(version=2))
    cache.refresh()
    source.let.release(2)
    thread.join(timeout=10)
    cache.get(ACME)
    assert source.reads == 2
