"""What the services hand out: frozen values that any format can show, and no row of a table."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from tenantauth.json_values import same_json
from tenantauth.limit import CountBy, Limit, Mode, OnOutage, Strategy
from tenantauth.policy import DEFAULT_ALLOW_HEADERS, DEFAULT_MAX_AGE_S, DEFAULT_METHODS
from tenantauth.roles import RoleDefinition

Status = Literal["active", "suspended", "deleted"]
KeyState = Literal["pending", "active", "grace", "retired", "compromised"]

# How long a deleted tenant can come back, and keeps its names and keys.
RESTORABLE_FOR = timedelta(days=30)


APPLY = "apply"


@dataclass(frozen=True, slots=True)
class CorsSpec:
    """One CORS rule as an operator writes it."""

    path: str = "/"
    origins: tuple[str, ...] = ()
    methods: tuple[str, ...] = DEFAULT_METHODS
    allow_headers: tuple[str, ...] = DEFAULT_ALLOW_HEADERS
    expose_headers: tuple[str, ...] = ()
    credentials: bool = False
    max_age_s: int = DEFAULT_MAX_AGE_S
    private_network: bool = False


@dataclass(frozen=True, slots=True)
class LimitSpec:
    """One rate limit as an operator writes it."""

    name: str
    rate: str
    by: CountBy = "tenant"
    paths: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    cost: int = 1
    burst: int | None = None
    strategy: Strategy = "sliding"
    mode: Mode = "enforce"
    on_outage: OnOutage = "local"

    @classmethod
    def of(cls, limit: Limit) -> "LimitSpec":
        """Return a limit of the request path as an operator would write it."""
        return cls(
            name=limit.name,
            rate=str(limit.rate),
            by=limit.by,
            paths=limit.paths,
            methods=tuple(sorted(limit.methods)),
            cost=limit.cost,
            burst=limit.burst,
            strategy=limit.strategy,
            mode=limit.mode,
            on_outage=limit.on_outage,
        )


@dataclass(frozen=True, slots=True)
class HeldLimit:
    """A limit that holds for a tenant; ``tier`` is where it comes from when it is not its own."""

    limit: LimitSpec
    tier: str | None = None


@dataclass(frozen=True, slots=True)
class RoleSpec:
    """One role as an operator writes it."""

    name: str
    inherits: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()

    @classmethod
    def of(cls, role: RoleDefinition) -> "RoleSpec":
        """Return a role of the request path as an operator would write it."""
        return cls(role.name, tuple(sorted(role.inherits)), tuple(sorted(role.permissions)))


@dataclass(frozen=True, slots=True)
class IssuerSpec:
    """One issuer outside that a tenant trusts, as an operator writes it.

    Its keys are at ``jwks_uri``, or they are ``jwks`` (a JSON Web Key Set, RFC 7517 section 5).
    ``match`` are claims that must be equal, by dotted path. The mapped identity must hold one of
    ``requires_any_role``, when there are any.
    """

    issuer: str
    jwks_uri: str | None = None
    jwks: Mapping[str, Any] | None = None
    audience: tuple[str, ...] = ()
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    typ: tuple[str, ...] = ("at+jwt",)
    match: Mapping[str, Any] = field(default_factory=dict)
    subject_claim: str = "sub"
    subject_prefix: str = ""
    roles_claim: str | None = None
    role_map: Mapping[str, str] = field(default_factory=dict)
    requires_any_role: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, IssuerSpec):
            return NotImplemented
        return all(
            same_json(getattr(self, each.name), getattr(other, each.name)) for each in fields(self)
        )

    # It holds mappings.
    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class TierRecord:
    """A tier as it is stored; ``tenants`` is how many subscribe to it."""

    name: str
    limits: tuple[LimitSpec, ...]
    tenants: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TenantRecord:
    """One tenant as it is stored.

    ``url`` is the tenant's address: its first own host, else ``<slug>.<base host>`` or, in path
    mode, ``<base host>/t/<slug>``, with the scheme and port of the base URL.
    """

    id: str
    slug: str
    name: str
    status: Status
    tier: str | None
    url: str
    hosts: tuple[str, ...]
    issuer: str
    audience: tuple[str, ...]
    algorithm: str
    access_ttl_s: int
    max_ttl_s: int
    leeway_s: int
    rotate_every_s: int
    publish_ahead_s: int
    guard: str
    cors: tuple[CorsSpec, ...]
    limits: tuple[LimitSpec, ...]
    roles: tuple[RoleSpec, ...]
    metadata: dict[str, str]
    version: int
    created_at: datetime
    updated_at: datetime
    trusted_issuers: tuple[IssuerSpec, ...] = ()
    deleted_at: datetime | None = None

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins of the rule for ``/``."""
        return next((rule.origins for rule in self.cors if rule.path == "/"), ())


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One signing key as it is stored, without its private half.

    Its next step: ``may_promote_at`` is set while it is pending, ``rotates_at`` while it is active,
    ``retires_at`` while it is in grace.
    """

    kid: str
    algorithm: str
    state: KeyState
    created_at: datetime
    activated_at: datetime | None = None
    grace_at: datetime | None = None
    retired_at: datetime | None = None
    compromised_at: datetime | None = None
    may_promote_at: datetime | None = None
    rotates_at: datetime | None = None
    retires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One thing that was done: by whom, to which tenant (its slug), and what it changed."""

    id: int
    at: datetime
    actor: str
    action: str
    tenant: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def as_text(time: datetime) -> str:
    """Return an aware time such as ``2026-01-31T12:00:00Z``."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
