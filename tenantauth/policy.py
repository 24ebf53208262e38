"""A tenant's policy: the immutable, compiled form that the request path reads."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tenantauth.identity import Identity, Tenant
from tenantauth.keyring import KeyRing
from tenantauth.limit import Limit
from tenantauth.origins import OriginSet
from tenantauth.paths import check_prefix, covers
from tenantauth.roles import RoleBook
from tenantauth.trusted_issuer import TrustedIssuer, check_beside
from tenantauth.units import Rate

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)  # RFC 9110 5.6.2

DEFAULT_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
DEFAULT_ALLOW_HEADERS = ("Authorization", "Content-Type")
DEFAULT_MAX_AGE_S = 600
DEFAULT_GUARD = Rate(60, 60)

# A page needs these to react to a refusal, so no tenant has to remember to list them.
ALWAYS_EXPOSED = (
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-Id",
)


@dataclass(frozen=True, slots=True)
class CorsRule:
    """Who may read answers below one path prefix; no origins is no CORS.

    ``private_network`` lets pages of the public internet reach this server in a private network
    (Private Network Access). Header values are joined here, once, so that no request formats them.

    Raises:
        ValueError: when a field cannot work, or any origin is allowed with credentials or into a
            private network.
    """

    origins: OriginSet
    path: str = "/"
    methods: tuple[str, ...] = DEFAULT_METHODS
    allow_headers: tuple[str, ...] = DEFAULT_ALLOW_HEADERS
    expose_headers: tuple[str, ...] = ()
    credentials: bool = False
    max_age_s: int = DEFAULT_MAX_AGE_S
    private_network: bool = False
    methods_value: str = field(init=False, repr=False, compare=False)
    allow_headers_value: str = field(init=False, repr=False, compare=False)
    expose_headers_value: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.credentials and self.origins.any_origin:
            raise ValueError("the origin * cannot be combined with credentials")
        if self.private_network and self.origins.any_origin:
            raise ValueError("the origin * cannot be combined with private_network")
        for name in (*self.methods, *self.allow_headers, *self.expose_headers):
            # `*` is a wildcard to browsers only without credentials: never say it.
            if name == "*" or not _TOKEN.fullmatch(name):
                raise ValueError(f"{name!r} is not a method or header name")
        if not 0 <= self.max_age_s <= 86400:
            raise ValueError(f"max_age is 0 s to 24 h, not {self.max_age_s} s")
        exposed = dict.fromkeys((*ALWAYS_EXPOSED, *self.expose_headers))
        object.__setattr__(self, "path", check_prefix(self.path))
        object.__setattr__(self, "methods_value", ", ".join(self.methods))
        object.__setattr__(self, "allow_headers_value", ", ".join(self.allow_headers))
        object.__setattr__(self, "expose_headers_value", ", ".join(exposed))

    @property
    def varies(self) -> bool:
        """Tell whether answers depend on the request's origin (then every answer says so)."""
        return bool(self.origins) and not self.origins.any_origin


def arrange_rules(rules: Iterable[CorsRule]) -> tuple[CorsRule, ...]:
    """Return rules in the order in which `covering_rule` asks them: the longest path first.

    Raises:
        ValueError: when two are for one path.
    """
    listed = tuple(rules)
    if len({rule.path for rule in listed}) < len(listed):
        raise ValueError("two CORS rules share a path")
    return tuple(sorted(listed, key=lambda rule: -len(rule.path)))


def covering_rule(arranged: Iterable[CorsRule], path: str) -> CorsRule | None:
    """Return the rule of the longest prefix that covers the path, or ``None``."""
    return next((rule for rule in arranged if covers(rule.path, path)), None)


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What a tenant's access tokens must say; lifetimes in seconds.

    A token with a longer life (``exp - iat``) than ``max_ttl_s`` is refused.

    Raises:
        ValueError: when a field cannot work.
    """

    issuer: str
    audience: frozenset[str]
    max_ttl_s: float = 86400.0
    leeway_s: float = 30.0

    def __post_init__(self) -> None:
        if not self.issuer or not self.audience or "" in self.audience:
            raise ValueError("a tenant needs an issuer and at least one audience")
        if not 0 <= self.leeway_s <= 300 or not 0 < self.max_ttl_s <= 366 * 86400:
            raise ValueError(
                "leeway is at most 5 minutes, max_ttl more than 0 and at most 366 days"
            )


# Weakly referable, so that a cache can tell a policy from the next one without keeping it alive.
@dataclass(frozen=True, slots=True, weakref_slot=True)
class TenantPolicy:
    """Everything the request path needs to know of one tenant.

    ``version`` counts the tenant's changes. ``jwks_max_age_s`` is how long readers outside may
    keep the published keys. ``anonymous`` is who calls where no token was looked at.

    Raises:
        ValueError: when two parts share what tells them apart.
    """

    tenant: Tenant
    version: int
    tokens: TokenRules
    keyring: KeyRing
    hosts: frozenset[str] = frozenset()
    suspended: bool = False
    cors: tuple[CorsRule, ...] = ()
    limits: tuple[Limit, ...] = ()
    roles: RoleBook = field(default_factory=RoleBook)
    guard: Rate = DEFAULT_GUARD
    jwks_max_age_s: int = 300
    trusted_issuers: tuple[TrustedIssuer, ...] = ()
    anonymous: Identity = field(init=False, repr=False, compare=False)
    subject_prefixes: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _trusted: Mapping[str, TrustedIssuer] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len({limit.name for limit in self.limits}) < len(self.limits):
            raise ValueError("two limits share a name")
        object.__setattr__(self, "cors", arrange_rules(self.cors))
        object.__setattr__(self, "anonymous", Identity(self.tenant.slug))
        self._compile_trusted_issuers()

    def _compile_trusted_issuers(self) -> None:
        prefixes = check_beside(self.trusted_issuers, self.tokens.issuer)
        by_name = {issuer.issuer: issuer for issuer in self.trusted_issuers}
        object.__setattr__(self, "subject_prefixes", prefixes)
        object.__setattr__(self, "_trusted", MappingProxyType(by_name))

    def trusted_issuer(self, untrusted_issuer: object) -> TrustedIssuer | None:
        """Return the trusted issuer of exactly this name, or ``None``."""
        if not isinstance(untrusted_issuer, str):
            return None
        return self._trusted.get(untrusted_issuer)
