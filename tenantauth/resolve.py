"""The ways by which a request names its tenant. An unknown host never falls back to a default.

One way, or several: `tenantauth.agreement` makes one answer of what they say.
"""

from collections.abc import Callable, Mapping
from typing import Protocol
from wsgiref.types import WSGIEnvironment

from tenantauth.errors import TokenError, UnresolvedError
from tenantauth.ports import TenantKey
from tenantauth.request import RequestFacts
from tenantauth.settings import Settings
from tenantauth.slugs import SLUG
from tenantauth.tenant_path import ByPath
from tenantauth.tokens.claim_values import MAX_ISSUER_CHARS
from tenantauth.tokens.strict import decode_segment, parse_object, split_compact
from tenantauth.tokens.transport import read_bearer


class Resolver(Protocol):
    """One way of naming the tenant of a request."""

    def resolve(self, request: RequestFacts, environ: WSGIEnvironment) -> TenantKey | None:
        """Return the key that the request names, or ``None`` when it names none in this way.

        A host may be nobody's where another way names the tenant; a slug or an issuer that nobody
        has is an unknown tenant. The environ is cleaned, and for reading.

        Raises:
            UnresolvedError: when what it says cannot be a name.
        """
        ...


class ByHost:
    """The tenant that the host belongs to; a ``shared`` host names nobody."""

    def __init__(self, *, shared: str | None = None) -> None:
        self._shared = shared

    def resolve(self, request: RequestFacts, environ: WSGIEnvironment) -> TenantKey | None:
        """Return the request's normalised host as a key."""
        return None if request.host == self._shared else TenantKey("host", request.host)


class ByHeader:
    """The slug in ``X-Tenant``, which a trusted proxy sets: callers could write anything there."""

    def resolve(self, request: RequestFacts, environ: WSGIEnvironment) -> TenantKey | None:
        """Return the slug as a key.

        Raises:
            UnresolvedError: when the field holds no slug; two fields arrive joined by a comma.
        """
        untrusted_slug = environ.get("HTTP_X_TENANT")
        if untrusted_slug is None:
            return None
        if not SLUG.fullmatch(untrusted_slug):
            detail = "The X-Tenant header is malformed."
            raise UnresolvedError("invalid_request", "x_tenant_malformed", detail)
        return TenantKey("slug", untrusted_slug)


class ByIssuer:
    """The tenant whose issuer the token claims; asked only when no other way names one.

    The claim only selects: the token is then verified by that tenant's own keys and issuer.
    """

    def resolve(self, request: RequestFacts, environ: WSGIEnvironment) -> TenantKey | None:
        """Return the unverified ``iss`` of a bearer token as a key; a malformed token names none.

        Raises:
            UnresolvedError: when there is no token.
        """
        try:
            untrusted_token = read_bearer(environ)
            if untrusted_token is None:
                detail = "Here the access token names the tenant, and there is none."
                raise UnresolvedError("unknown_tenant", "no_token_names_a_tenant", detail)
            _, payload, _ = split_compact(untrusted_token)
            untrusted_issuer = parse_object(decode_segment(payload)).get("iss")
        except TokenError:
            return None
        if not isinstance(untrusted_issuer, str) or len(untrusted_issuer) > MAX_ISSUER_CHARS:
            return None
        return TenantKey("issuer", untrusted_issuer)


def resolve_by(settings: Settings) -> tuple[Resolver, ...]:
    """Return the ways that ``TENANTAUTH_RESOLVE`` names, in its order."""
    shared = settings.base_host if "path" in settings.resolve else None
    make: Mapping[str, Callable[[], Resolver]] = {
        "host": lambda: ByHost(shared=shared),
        "path": lambda: ByPath(settings.base_host),
        "header": ByHeader,
        "issuer": ByIssuer,
    }
    return tuple(make[name]() for name in settings.resolve)
