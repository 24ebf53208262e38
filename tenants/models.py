"""The tables, all prefixed ``tenantauth_`` so that they can live beside an app's own.

Nothing here is of one database only. Texts that a policy compiles from (rates, origins, paths)
are stored as operators write them and are read by `tenants.compile`.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenants.table_base import PREFIX, Base

__all__ = [
    "METADATA",
    "AuditRow",
    "CorsRow",
    "HostRow",
    "InstallationRow",
    "IssuerRow",
    "KeyRow",
    "LimitColumns",
    "LimitRow",
    "RoleRow",
    "TenantRow",
    "TierLimitRow",
    "TierRow",
]

# SQLite numbers rows by itself only where the type is INTEGER to the letter.
_BigId = BigInteger().with_variant(Integer, "sqlite")


def _tenant_id(*, primary_key: bool = False) -> Mapped[str]:
    return mapped_column(
        String(32), ForeignKey(PREFIX + "tenants.id", ondelete="CASCADE"), primary_key=primary_key
    )


def _parts(order_by: str) -> Any:  # noqa: ANN401  (what a relationship is typed as)
    """Return what a tenant is made of: loaded only when asked for, and never left behind."""
    return relationship(order_by=order_by, lazy="raise", cascade="all, delete-orphan")


class TenantRow(Base):
    """One tenant, its token settings and its data key (wrapped by a master key)."""

    __tablename__ = PREFIX + "tenants"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'suspended', 'deleted')", name="status"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(16))
    tier: Mapped[str | None] = mapped_column(String(64))
    # The name `metadata` belongs to SQLAlchemy on a mapped class.
    labels: Mapped[dict[str, str]] = mapped_column("metadata")
    guard: Mapped[str] = mapped_column(String(64))
    issuer: Mapped[str] = mapped_column(String(512), unique=True)
    audience: Mapped[list[str]]
    algorithm: Mapped[str] = mapped_column(String(16))
    access_ttl_s: Mapped[int]
    max_ttl_s: Mapped[int]
    leeway_s: Mapped[int]
    rotate_every_s: Mapped[int]
    publish_ahead_s: Mapped[int]
    version: Mapped[int]
    master_key_id: Mapped[str] = mapped_column(String(64))
    wrapped_data_key: Mapped[bytes]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    # Set while the tenant is deleted and may still be restored; its status stays what it was.
    deleted_at: Mapped[datetime | None]

    hosts: Mapped[list["HostRow"]] = _parts("HostRow.position")
    cors_rules: Mapped[list["CorsRow"]] = _parts("CorsRow.path")
    limits: Mapped[list["LimitRow"]] = _parts("LimitRow.position")
    roles: Mapped[list["RoleRow"]] = _parts("RoleRow.name")
    trusted_issuers: Mapped[list["IssuerRow"]] = _parts("IssuerRow.issuer")
    keys: Mapped[list["KeyRow"]] = relationship(order_by="KeyRow.id", lazy="raise")
    tier_limits: Mapped[list["TierLimitRow"]] = relationship(
        primaryjoin="foreign(TierLimitRow.tier) == TenantRow.tier",
        order_by="TierLimitRow.position",
        viewonly=True,
        lazy="raise",
    )


class HostRow(Base):
    """One host of a tenant, normalised; no other tenant can have it."""

    __tablename__ = PREFIX + "hosts"

    host: Mapped[str] = mapped_column(String(253), primary_key=True)
    tenant_id: Mapped[str] = _tenant_id()
    position: Mapped[int]

    __table_args__ = (Index(None, "tenant_id"),)


class CorsRow(Base):
    """One CORS rule: `tenantauth.policy.CorsRule` as written."""

    __tablename__ = PREFIX + "cors_rules"

    tenant_id: Mapped[str] = _tenant_id(primary_key=True)
    path: Mapped[str] = mapped_column(String(512), primary_key=True)
    origins: Mapped[list[str]]
    methods: Mapped[list[str]]
    allow_headers: Mapped[list[str]]
    expose_headers: Mapped[list[str]]
    credentials: Mapped[bool]
    max_age_s: Mapped[int]
    private_network: Mapped[bool] = mapped_column(server_default=false())


class LimitColumns:
    """One limit: `tenantauth.limit.Limit` as written, whoever it belongs to."""

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int]
    rate: Mapped[str] = mapped_column(String(64))
    count_by: Mapped[str] = mapped_column(String(16))
    paths: Mapped[list[str]]
    methods: Mapped[list[str]]
    cost: Mapped[int]
    burst: Mapped[int | None]
    strategy: Mapped[str] = mapped_column(String(16))
    mode: Mapped[str] = mapped_column(String(16))
    on_outage: Mapped[str] = mapped_column(String(16))


class LimitRow(LimitColumns, Base):
    """One limit of a tenant's own."""

    __tablename__ = PREFIX + "limits"

    tenant_id: Mapped[str] = _tenant_id(primary_key=True)


class TierRow(Base):
    """A named set of limits that tenants subscribe to."""

    __tablename__ = PREFIX + "tiers"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    limits: Mapped[list["TierLimitRow"]] = _parts("TierLimitRow.position")


class TierLimitRow(LimitColumns, Base):
    """One limit of a tier; a tenant's own limit of the same name stands in its place."""

    __tablename__ = PREFIX + "tier_limits"

    tier: Mapped[str] = mapped_column(
        String(64), ForeignKey(PREFIX + "tiers.name", ondelete="CASCADE"), primary_key=True
    )


class RoleRow(Base):
    """One role: `tenantauth.roles.RoleDefinition` as written."""

    __tablename__ = PREFIX + "roles"

    tenant_id: Mapped[str] = _tenant_id(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    inherits: Mapped[list[str]]
    permissions: Mapped[list[str]]


class IssuerRow(Base):
    """One issuer outside that a tenant trusts: `tenantauth.trusted_issuer` as written."""

    __tablename__ = PREFIX + "trusted_issuers"

    tenant_id: Mapped[str] = _tenant_id(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(512), primary_key=True)
    jwks_uri: Mapped[str | None] = mapped_column(String(512))
    jwks: Mapped[dict[str, Any] | None]
    audience: Mapped[list[str]]
    algorithms: Mapped[list[str]]
    typ: Mapped[list[str]]
    match: Mapped[dict[str, Any]] = mapped_column(JSON())
    subject_claim: Mapped[str] = mapped_column(String(200))
    subject_prefix: Mapped[str] = mapped_column(String(200))
    roles_claim: Mapped[str | None] = mapped_column(String(200))
    role_map: Mapped[dict[str, str]]
    requires_any_role: Mapped[list[str]]

    __table_args__ = (Index(None, "issuer"),)


_ACTIVE = text("state = 'active'")
_PENDING = text("state = 'pending'")


class KeyRow(Base):
    """One signing key; ``sealed_private`` is gone once the key no longer signs.

    ``row_version`` is compared and set by SQLAlchemy with every update: the second of two
    processes that change one key gets a `tenants.errors.ConflictError`.
    """

    __tablename__ = PREFIX + "signing_keys"
    __table_args__ = (
        UniqueConstraint("tenant_id", "kid"),
        CheckConstraint(
            "state IN ('pending', 'active', 'grace', 'retired', 'compromised')", name="state"
        ),
        Index(
            PREFIX + "one_active_key",
            "tenant_id",
            unique=True,
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
        Index(
            PREFIX + "one_pending_key",
            "tenant_id",
            unique=True,
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
    )

    id: Mapped[int] = mapped_column(_BigId, primary_key=True)
    tenant_id: Mapped[str] = _tenant_id()
    kid: Mapped[str] = mapped_column(String(128))
    algorithm: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSON())
    sealed_private: Mapped[bytes | None]
    # What tells two keys apart by what they are made of; it outlives a destroyed secret.
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    row_version: Mapped[int] = mapped_column(Integer())
    created_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    grace_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    compromised_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012  (read from the class body)


class AuditRow(Base):
    """One audit event; it names the tenant by slug, so that it outlives the tenant's row."""

    __tablename__ = PREFIX + "audit_events"
    __table_args__ = (Index(None, "tenant", "id"),)

    id: Mapped[int] = mapped_column(_BigId, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(64))
    tenant: Mapped[str | None] = mapped_column(String(63))
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]


class InstallationRow(Base):
    """The one row that tells workers that something changed.

    The nonce makes an installation's numbers its own: a restored backup that counts the same
    numbers again is noticed once its nonce is renewed.
    """

    __tablename__ = PREFIX + "installation"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    generation: Mapped[int] = mapped_column(BigInteger())
    nonce: Mapped[str] = mapped_column(String(32))


# Asked for here, where every table is in it; of `Base` alone it may still be empty.
METADATA = Base.metadata
