"""Which tenant a request is for. An unknown host never falls back to a default tenant."""

from typing import Protocol

from tenantauth.ports import TenantKey
from tenantauth.request import RequestFacts


class Resolver(Protocol):
    """One way, or several that agree, of naming the tenant of a request."""

    def resolve(self, request: RequestFacts) -> TenantKey | None:
        """Return the key that the request names, or ``None`` when it names none."""
        ...


class ByHost:
    """The tenant that the host belongs to."""

    def resolve(self, request: RequestFacts) -> TenantKey:
        """Return the request's normalised host as a key."""
        return TenantKey("host", request.host)
