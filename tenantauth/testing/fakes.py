"""Fakes for the ports: the same answers, without a database."""

from collections.abc import Hashable, Iterable

from tenantauth.errors import RegistryUnavailableError, UnknownTenantError
from tenantauth.policy import TenantPolicy
from tenantauth.ports import RefusedEvent, TenantKey


class FakePolicySource:
    """A versioned source in memory; ``down`` makes it unreachable, ``reads`` counts look-ups."""

    def __init__(self, policies: Iterable[TenantPolicy] = ()) -> None:
        self.down = False
        self.reads = 0
        self._generation = 0
        self._policies: dict[TenantKey, TenantPolicy] = {}
        for policy in policies:
            self.put(policy)

    def put(self, policy: TenantPolicy) -> None:
        """Add a policy, or replace the one of the same tenant."""
        self.remove(policy.tenant.slug)
        self._policies[TenantKey("slug", policy.tenant.slug)] = policy
        self._policies[TenantKey("issuer", policy.tokens.issuer)] = policy
        for host in policy.hosts:
            self._policies[TenantKey("host", host)] = policy
        self._generation += 1

    def remove(self, slug: str) -> None:
        """Forget a tenant."""
        self._policies = {
            key: policy for key, policy in self._policies.items() if policy.tenant.slug != slug
        }
        self._generation += 1

    def get(self, key: TenantKey) -> TenantPolicy:
        """Return the policy for the key."""
        self._reach()
        self.reads += 1
        if key not in self._policies:
            raise UnknownTenantError(key.value)
        return self._policies[key]

    def generation(self) -> Hashable:
        """Return the number of changes so far."""
        self._reach()
        return self._generation

    def _reach(self) -> None:
        if self.down:
            raise RegistryUnavailableError("the fake is down")


class RecordingSink:
    """An event sink that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[RefusedEvent] = []

    def emit(self, event: RefusedEvent) -> None:
        """Keep the event."""
        self.events.append(event)
