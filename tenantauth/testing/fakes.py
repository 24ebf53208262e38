"""Fakes for the ports: the same answers, without a database."""

from collections.abc import Hashable, Iterable, Mapping
from wsgiref.types import WSGIEnvironment

from tenantauth.errors import (
    IssuerUnavailableError,
    RegistryUnavailableError,
    UnknownTenantError,
)
from tenantauth.keyring import KeyRing, VerificationKey
from tenantauth.policy import TenantPolicy
from tenantauth.ports import RefusedEvent, TenantKey
from tenantauth.request import RequestFacts
from tenantauth.route import RouteFacts
from tenantauth.trusted_issuer import TrustedIssuer


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
        policy = self.find(key)
        if policy is None:
            raise UnknownTenantError(key.value)
        return policy

    def find(self, key: TenantKey) -> TenantPolicy | None:
        """Return the policy for the key, or ``None``, also while the source is down."""
        return self._policies.get(key)

    def generation(self) -> Hashable:
        """Return the number of changes so far."""
        self._reach()
        return self._generation

    def _reach(self) -> None:
        if self.down:
            raise RegistryUnavailableError("the fake is down")


class FakeKeySource:
    """What issuers publish, by their name; ``down`` makes all of them unreachable."""

    def __init__(self, published: Mapping[str, KeyRing] | None = None) -> None:
        self.down = False
        self.published = dict(published or {})

    def find(self, tenant: str, issuer: TrustedIssuer, kid: str) -> VerificationKey | None:
        """Return the issuer's key of this ``kid``, or ``None``, whichever tenant asks."""
        if self.down:
            raise IssuerUnavailableError("the fake is down", retry_after_s=7)
        return self.published.get(issuer.issuer, KeyRing()).get(kid)


class FakeRegistry:
    """A registry of fake policies; ``reason`` is why it is not ready, ``opened`` counts sources."""

    def __init__(self, policies: Iterable[TenantPolicy] = ()) -> None:
        self.policies = FakePolicySource(policies)
        self.reason: str | None = None
        self.opened = 0

    def source(self) -> FakePolicySource:
        """Return the one source."""
        self.opened += 1
        return self.policies

    def ready(self) -> str | None:
        """Return the reason."""
        self.policies.generation()
        return self.reason


class FakeRoutes:
    """Routes by exact path; any other path is one that the app does not know."""

    def __init__(self, routes: Mapping[str, RouteFacts]) -> None:
        self._routes = dict(routes)

    def facts(self, environ: WSGIEnvironment, method: str) -> RouteFacts:
        """Return the facts given for this path, whatever the method."""
        return self._routes.get(environ["PATH_INFO"], RouteFacts(matched=False))


class FakeResolver:
    """Names the same tenant for every request, or none."""

    def __init__(self, slug: str | None = "acme") -> None:
        self._key = None if slug is None else TenantKey("slug", slug)

    def resolve(self, request: RequestFacts, environ: WSGIEnvironment) -> TenantKey | None:
        """Return the one key."""
        return self._key


class RecordingSink:
    """An event sink that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[RefusedEvent] = []

    def emit(self, event: RefusedEvent) -> None:
        """Keep the event."""
        self.events.append(event)
