import threading
from collections.abc import Iterator

import pytest

from tenantauth.errors import RegistryUnavailableError
from tenantauth.live_source import LiveSource
from tenantauth.policy import TenantPolicy
from tenantauth.ports import TenantKey, VersionedSource
from tenantauth.testing import FakePolicySource, make_policy
from tests.tenantauth.forks import in_child

ACME = TenantKey("slug", "acme")


class FakeRegistry:
    """A registry that counts its sources; ``unreachable`` makes its readiness unknown."""

    def __init__(self) -> None:
        self.policies = FakePolicySource([make_policy()])
        self.opened = 0
        self.reason: str | None = None
        self.unreachable = False

    def source(self) -> VersionedSource:
        self.opened += 1
        return self.policies

    def ready(self) -> str | None:
        if self.unreachable:
            raise RegistryUnavailableError("cannot be reached")
        return self.reason


class PlainSource:
    """A policy source without a generation."""

    def __init__(self) -> None:
        self.reads = 0

    def get(self, key: TenantKey) -> TenantPolicy:
        self.reads += 1
        return make_policy(key.value)


@pytest.fixture
def registry() -> FakeRegistry:
    return FakeRegistry()


@pytest.fixture
def live(registry: FakeRegistry) -> Iterator[LiveSource]:
    source = LiveSource(registry, staleness_s=60.0)
    yield source
    source.close()


@pytest.fixture(autouse=True)
def others() -> set[threading.Thread]:
    """Return the threads that other tests have left, to tell those of this one."""
    return set(threading.enumerate())


def followers(others: set[threading.Thread]) -> int:
    found = set(threading.enumerate()) - others
    return sum(thread.name == "tenantauth-follower" for thread in found)


def test_nothing_is_opened_before_the_first_request(
    registry: FakeRegistry, live: LiveSource, others: set[threading.Thread]
) -> None:
    assert (registry.opened, followers(others)) == (0, 0)
    live.get(ACME)
    live.get(ACME)
    assert (registry.opened, followers(others)) == (1, 1)


def test_policies_are_cached(registry: FakeRegistry, live: LiveSource) -> None:
    assert live.get(ACME) is live.get(ACME)
    assert registry.policies.reads == 1


def test_closing_ends_the_follower(live: LiveSource, others: set[threading.Thread]) -> None:
    live.get(ACME)
    live.close()
    assert followers(others) == 0


def test_closing_what_was_never_opened_opens_nothing(registry: FakeRegistry) -> None:
    LiveSource(registry, staleness_s=1.0).close()
    assert registry.opened == 0


def test_a_source_without_generation_is_asked_each_time(others: set[threading.Thread]) -> None:
    plain = PlainSource()
    live = LiveSource(plain, staleness_s=1.0)
    assert live.get(ACME).tenant.slug == live.get(ACME).tenant.slug
    assert (plain.reads, followers(others), live.ready()) == (2, 0, None)


def test_a_registry_says_why_it_is_not_ready(registry: FakeRegistry, live: LiveSource) -> None:
    assert live.ready() is None
    registry.reason = "the master key is missing"
    assert live.ready() == "the master key is missing"


def test_readiness_opens_what_a_request_would(
    registry: FakeRegistry, live: LiveSource, others: set[threading.Thread]
) -> None:
    live.ready()
    assert (registry.opened, followers(others)) == (1, 1)


def test_a_worker_with_good_policies_is_ready_in_an_outage(
    registry: FakeRegistry, live: LiveSource
) -> None:
    live.get(ACME)
    registry.unreachable = registry.policies.down = True
    assert live.ready() is None


def test_a_worker_that_never_reached_the_registry_is_not_ready(
    registry: FakeRegistry, live: LiveSource
) -> None:
    registry.unreachable = registry.policies.down = True
    assert live.ready() is not None


def test_a_bare_source_that_cannot_be_reached_is_not_ready() -> None:
    policies = FakePolicySource([make_policy()])
    live = LiveSource(policies, staleness_s=60.0)
    policies.down = True
    assert live.ready() is not None
    policies.down = False
    assert live.ready() is None
    live.close()


def test_a_forked_child_opens_its_own(live: LiveSource, others: set[threading.Thread]) -> None:
    """Threat 80: the follower of the parent does not run in the child, nor is its cache used."""

    def say() -> str:
        forgotten = live._opened.opened is None
        live.get(ACME)
        return f"{forgotten} {followers(others)}"

    live.get(ACME)
    assert in_child(say) == "True 1"
    assert followers(others) == 1
