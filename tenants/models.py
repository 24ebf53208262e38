"""The tables, all prefixed ``tenantauth_`` so that they can live beside an app's own.

Nothing here is of one database only. Texts that a policy compiles from (rates, origins, paths)
are stored as operators write them and are read by `tenants.compile`.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

PREFIX = "tenantauth_"

# SQLite numbers rows by itself only where the type is INTEGER to the letter.
_BigId = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, in UTC on the way in and out; SQLite itself keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time: nobody could tell later what it meant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored time with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The root of all tables; constraints have names, so that a migration can find them."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  (SQLAlchemy reads it from the class and types it so)
        datetime: UtcDateTime(),
        list[str]: JSON(),
        dict[str, str]: JSON(),
        dict[str, Any]: JSON(none_as_null=True),
        bytes: LargeBinary(),
    }


def _tenant_id(*, primary_key: bool = False) -> Mapped[str]:
    return mapped_column(
        String(32), ForeignKey(PREFIX + "tenants.id", ondelete="CASCADE"), primary_key=primary_key
    )


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

    hosts: Mapped[list["HostRow"]] = relationship(order_by="HostRow.position", lazy="raise")
    cors_rules: Mapped[list["CorsRow"]] = relationship(order_by="CorsRow.path", lazy="raise")
    limits: Mapped[list["LimitRow"]] = relationship(order_by="LimitRow.position", lazy="raise")
    roles: Mapped[list["RoleRow"]] = relationship(order_by="RoleRow.name", lazy="raise")
    keys: Mapped[list["KeyRow"]] = relationship(order_by="KeyRow.id", lazy="raise")


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


class LimitRow(Base):
    """One limit: `tenantauth.limit.Limit` as written."""

    __tablename__ = PREFIX + "limits"

    tenant_id: Mapped[str] = _tenant_id(primary_key=True)
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


class RoleRow(Base):
    """One role: `tenantauth.roles.RoleDefinition` as written."""

    __tablename__ = PREFIX + "roles"

    tenant_id: Mapped[str] = _tenant_id(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    inherits: Mapped[list[str]]
    permissions: Mapped[list[str]]


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
