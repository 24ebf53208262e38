"""The policy source of a running app: opened by each process, cached, and kept fresh."""

from typing import NamedTuple

from tenantauth.caching import CachedPolicySource
from tenantauth.errors import RegistryUnavailableError
from tenantauth.follower import Follower
from tenantauth.per_process import PerProcess
from tenantauth.policy import TenantPolicy
from tenantauth.ports import PolicySource, Registry, TenantKey, VersionedSource


class _Opened(NamedTuple):
    source: PolicySource
    follower: Follower | None


class LiveSource:
    """A policy source that each process opens on its first request: cache, and follower beside it.

    A plain policy source, without a generation to watch, is asked as it is.
    """

    def __init__(self, registry: Registry | PolicySource, *, staleness_s: float) -> None:
        self._registry = registry
        self._staleness_s = staleness_s
        self._opened = PerProcess(self._open)

    def get(self, key: TenantKey) -> TenantPolicy:
        """Return the policy for the key; errors as of `tenantauth.ports.PolicySource`."""
        return self._opened.get().source.get(key)

    def ready(self) -> str | None:
        """Return why this worker cannot serve, or ``None``; opens what a request would.

        A registry that cannot be reached is no reason while last known good policies serve: a
        load balancer that took every worker out would turn its outage into everybody's.
        """
        source = self._opened.get().source
        try:
            if isinstance(source, CachedPolicySource):
                source.refresh()
            return self._registry.ready() if isinstance(self._registry, Registry) else None
        except RegistryUnavailableError as error:
            serves = isinstance(source, CachedPolicySource) and source.is_good
            return None if serves else str(error)

    def close(self) -> None:
        """End the follower, if this process has one."""
        opened = self._opened.opened
        if opened is not None and opened.follower is not None:
            opened.follower.stop()

    def _open(self) -> _Opened:
        registry = self._registry
        versioned = registry.source() if isinstance(registry, Registry) else registry
        if not isinstance(versioned, VersionedSource):
            return _Opened(versioned, None)
        cached = CachedPolicySource(versioned, staleness_s=self._staleness_s)
        # Twice within the bound, so that one late look does not break it.
        follower = Follower(cached, self._staleness_s / 2)
        follower.start()
        return _Opened(cached, follower)
