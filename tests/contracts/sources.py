"""Policy sources to hold to their contract, each with the hands that change what is behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tenantauth.caching import CachedPolicySource
from tenantauth.ports import PolicySource, VersionedSource
from tenantauth.testing import FakePolicySource, ManualClock, make_policy
from tests.registries import new_registry


@dataclass(frozen=True)
class Held:
    """A source, and what can happen to it; ``settle`` lets its staleness bound pass."""

    source: PolicySource
    create: Callable[[str], object]
    suspend: Callable[[str], object]
    lose: Callable[[], object]
    settle: Callable[[], object] = lambda: None

    @property
    def versioned(self) -> VersionedSource:
        """The source, where it has a generation."""
        assert isinstance(self.source, VersionedSource)
        return self.source


def fake(folder: Path) -> Held:
    """Return the fake."""
    source = FakePolicySource()

    def lose() -> None:
        source.down = True

    return Held(
        source,
        create=lambda slug: source.put(make_policy(slug)),
        suspend=lambda slug: source.put(make_policy(slug, suspended=True, version=2)),
        lose=lose,
    )


def sql(folder: Path) -> Held:
    """Return the registry's own source, on SQLite."""
    registry = new_registry(folder)

    def lose() -> None:
        registry.dispose()
        (folder / "tenantauth.db").rename(folder / "lost.db")

    return Held(
        registry.source(),
        create=registry.tenants.create,
        suspend=registry.tenants.suspend,
        lose=lose,
    )


def cached(folder: Path) -> Held:
    """Return a cache around the fake."""
    return _around(fake(folder))


def cached_sql(folder: Path) -> Held:
    """Return a cache around the registry's source: what an app has."""
    return _around(sql(folder))


def _around(inner: Held) -> Held:
    clock = ManualClock()
    source = CachedPolicySource(inner.versioned, staleness_s=2.0, clock=clock)
    return Held(source, inner.create, inner.suspend, inner.lose, lambda: clock.advance(2.0))
