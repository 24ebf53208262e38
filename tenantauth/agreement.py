"""One tenant out of what several ways of resolving say: those that answer must agree."""

from collections.abc import Iterable, Sequence
from wsgiref.types import WSGIEnvironment

from tenantauth.errors import StackError, UnknownTenantError, UnresolvedError
from tenantauth.policy import TenantPolicy
from tenantauth.ports import PolicySource
from tenantauth.request import RequestFacts
from tenantauth.resolve import ByHeader, ByIssuer, Resolver
from tenantauth.tenant_path import ByPath, TenantPath

# Fields that name tenants: a cache between must not give one tenant's answer to another.
_FIELDS: Sequence[tuple[type, str]] = ((ByHeader, "X-Tenant"), (ByIssuer, "Authorization"))


class Agreement:
    """Asks all ways, and the issuer of the token only when no other way finds a tenant.

    ``varies_by`` names the header fields on which answers depend for it.

    Raises:
        StackError: when there is no way, or a header names tenants and no proxy is trusted.
    """

    def __init__(self, ways: Resolver | Iterable[Resolver], *, proxies: int) -> None:
        ways = tuple(ways) if isinstance(ways, Iterable) else (ways,)
        if not ways:
            raise StackError("a stack needs a way of naming tenants")
        if not proxies and any(isinstance(way, ByHeader) for way in ways):
            raise StackError("X-Tenant names tenants only behind a trusted proxy: give proxies=")
        self.varies_by: Sequence[str] = tuple(
            field for kind, field in _FIELDS if any(isinstance(way, kind) for way in ways)
        )
        self._first = tuple(way for way in ways if not isinstance(way, ByIssuer))
        self._last = tuple(way for way in ways if isinstance(way, ByIssuer))
        self._moves = any(isinstance(way, ByPath) for way in ways)

    def settle(
        self, request: RequestFacts, environ: WSGIEnvironment, source: PolicySource
    ) -> tuple[TenantPolicy, RequestFacts]:
        """Return the one tenant's policy, and the request with a tenant prefix moved away.

        Raises:
            UnresolvedError: when no tenant is named, more than one, one that does not exist, or
                in a way that cannot be meant.
            RegistryUnavailableError: when that cannot be known now.
        """
        policy = _find(self._first, request, environ, source)
        policy = policy or _find(self._last, request, environ, source)
        if policy is None:
            raise UnresolvedError("unknown_tenant", "nothing_names_a_tenant")
        if self._moves and (path := TenantPath.read(environ)) is not None:
            request = _move(path, policy, request, environ, source)
        return policy, request


def _find(
    ways: Sequence[Resolver], request: RequestFacts, environ: WSGIEnvironment, source: PolicySource
) -> TenantPolicy | None:
    found = None
    for way in ways:
        policy = _ask(way, request, environ, source)
        if policy is not None:
            found = policy if found is None else _same(found, policy)
    return found


def _ask(
    way: Resolver, request: RequestFacts, environ: WSGIEnvironment, source: PolicySource
) -> TenantPolicy | None:
    key = way.resolve(request, environ)
    if key is None:
        return None
    try:
        return source.get(key)
    except UnknownTenantError:
        if key.kind == "host":
            return None  # Each request has a host; where it is shared, another way must answer.
        raise UnresolvedError("unknown_tenant", f"no_tenant_has_this_{key.kind}") from None


def _move(
    path: TenantPath,
    policy: TenantPolicy,
    request: RequestFacts,
    environ: WSGIEnvironment,
    source: PolicySource,
) -> RequestFacts:
    """Move the prefix of this tenant away; that of nobody is an ordinary path of the app's."""
    if path.slug != policy.tenant.slug:
        try:
            _same(policy, source.get(path.key))
        except UnknownTenantError:
            return request
    return path.move(environ, request)


def _same(policy: TenantPolicy, other: TenantPolicy) -> TenantPolicy:
    if policy.tenant.id != other.tenant.id:
        raise UnresolvedError("tenant_conflict", "ways_disagree")
    return policy
