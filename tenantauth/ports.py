"""What the request path asks of the world: small protocols, each with a fake in testing."""

import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from tenantauth.keyring import VerificationKey
from tenantauth.limit import Limit
from tenantauth.policy import TenantPolicy
from tenantauth.trusted_issuer import TrustedIssuer


@dataclass(frozen=True, slots=True)
class TenantKey:
    """What a request names its tenant by: a normalised host, a slug or an issuer."""

    kind: Literal["host", "slug", "issuer"]
    value: str


class PolicySource(Protocol):
    """Where compiled policies come from."""

    def get(self, key: TenantKey) -> TenantPolicy:
        """Return the policy of the tenant that answers to this key.

        Raises:
            UnknownTenantError: when none does.
            RegistryUnavailableError: when that cannot be known now.
        """
        ...


@runtime_checkable
class VersionedSource(PolicySource, Protocol):
    """A source that can tell cheaply whether anything has changed."""

    def generation(self) -> Hashable:
        """Return a value that differs after any change; compared for equality, never for order.

        Raises:
            RegistryUnavailableError: when it cannot be read now.
        """
        ...


@runtime_checkable
class Registry(Protocol):
    """What hands out policies and knows whether it can."""

    def source(self) -> VersionedSource:
        """Return a source of compiled policies."""
        ...

    def ready(self) -> str | None:
        """Return why this process cannot do its work, or ``None``.

        Raises:
            RegistryUnavailableError: when the registry cannot be reached.
        """
        ...


class KeySource(Protocol):
    """Where the keys of trusted issuers come from that publish them at their ``jwks_uri``."""

    def find(self, tenant: str, issuer: TrustedIssuer, kid: str) -> VerificationKey | None:
        """Return the key that this issuer, and no other, publishes under an untrusted ``kid``.

        ``tenant`` is the id of the tenant that asks: it tells whose share a look-up takes, and
        never which key is found.

        Raises:
            IssuerUnavailableError: when its keys cannot be known now.
        """
        ...


class Clock(Protocol):
    """Wall time for claims, monotonic time for windows and bounds; both in seconds."""

    def now(self) -> float:
        """Return the time since the epoch."""
        ...

    def monotonic(self) -> float:
        """Return a time that never goes back."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Return the time since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Return a time that never goes back."""
        return time.monotonic()


@dataclass(frozen=True, slots=True)
class Charge:
    """One limit that applies to a request, and whose counter it is.

    ``owner`` is a tuple of parts: (tenant id, scope, caller). Stores must keep different tuples
    in different counters, whatever characters the parts hold.
    """

    limit: Limit
    owner: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How one limit stands after a decision; ``reset_s`` until some of it comes back."""

    limit: Limit
    remaining: int
    reset_s: float
    retry_after_s: float = 0.0

    @property
    def violated(self) -> bool:
        """Tell whether this limit refused the request."""
        return self.retry_after_s > 0


@dataclass(frozen=True, slots=True)
class Decision:
    """The one answer to all limits of a request; a refused request has spent nothing."""

    standings: tuple[Standing, ...]

    @property
    def allowed(self) -> bool:
        """Tell whether no limit is violated."""
        return not any(standing.violated for standing in self.standings)

    @property
    def retry_after_s(self) -> float:
        """Return the seconds after which the same request can pass."""
        return max((standing.retry_after_s for standing in self.standings), default=0.0)


class LimitStore(Protocol):
    """Where requests are counted."""

    def decide(self, charges: Sequence[Charge]) -> Decision:
        """Charge every limit, or none when one of them is violated.

        Raises:
            StateUnavailableError: when requests cannot be counted now.
        """
        ...


class EventSink(Protocol):
    """Where refusals are told to operators."""

    def emit(self, event: "RefusedEvent") -> None:
        """Take one event; must not block and must not raise."""
        ...


@dataclass(frozen=True, slots=True)
class RefusedEvent:
    """A refused request: what and why, without secrets. Texts from callers are untrusted.

    ``untrusted_host`` is the host that was asked, in its normal spelling, where no tenant is known.
    """

    code: str
    reason: str
    request_id: str
    tenant: str | None
    method: str
    untrusted_path: str
    address: str
    untrusted_host: str = ""
