"""What the services hand out: frozen values that any format can show, and no row of a table."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from tenantauth.limit import CountBy, Mode, OnOutage, Strategy

Status = Literal["active", "suspended"]
KeyState = Literal["pending", "active", "grace", "retired", "compromised"]


@dataclass(frozen=True, slots=True)
class CorsSpec:
    """One CORS rule as an operator writes it."""

    path: str
    origins: tuple[str, ...]
    methods: tuple[str, ...]
    allow_headers: tuple[str, ...]
    expose_headers: tuple[str, ...]
    credentials: bool
    max_age_s: int


@dataclass(frozen=True, slots=True)
class LimitSpec:
    """One rate limit as an operator writes it."""

    name: str
    rate: str
    by: CountBy
    paths: tuple[str, ...]
    methods: tuple[str, ...]
    cost: int
    burst: int | None
    strategy: Strategy
    mode: Mode
    on_outage: OnOutage


@dataclass(frozen=True, slots=True)
class RoleSpec:
    """One role as an operator writes it."""

    name: str
    inherits: tuple[str, ...]
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TenantRecord:
    """One tenant as it is stored.

    ``url`` is the tenant's address: its first own host, else ``<slug>.<base host>``, with the
    scheme and port of the base URL.
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

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins of the rule for ``/``."""
        return next((rule.origins for rule in self.cors if rule.path == "/"), ())


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One signing key as it is stored, without its private half.

    ``may_promote_at`` is set while the key is pending.
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


def to_json(record: TenantRecord | KeyRecord | AuditRecord) -> dict[str, Any]:
    """Return a record as JSON has it: lists, and times such as ``2026-01-31T12:00:00Z``."""
    return {name: _plain(member) for name, member in asdict(record).items()}


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value
