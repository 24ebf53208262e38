"""The first tables.

Revision ID: 0001
Revises: nothing
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_installation()
    _create_tenants()
    _create_hosts()
    _create_cors_rules()
    _create_limits()
    _create_roles()
    _create_signing_keys()
    _create_audit_events()


def downgrade() -> None:
    for table in (
        "audit_events",
        "signing_keys",
        "roles",
        "limits",
        "cors_rules",
        "hosts",
        "tenants",
        "installation",
    ):
        op.drop_table(f"tenantauth_{table}")


def _create_installation() -> None:
    installation = op.create_table(
        "tenantauth_installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("nonce", sa.String(32), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_tenantauth_installation_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenantauth_installation")),
    )
    op.bulk_insert(installation, [{"id": 1, "generation": 1, "nonce": secrets.token_hex(16)}])


def _create_tenants() -> None:
    op.create_table(
        "tenantauth_tenants",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("slug", sa.String(63), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("tier", sa.String(64), nullable=True),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.Column("guard", sa.String(64), nullable=False),
        sa.Column("issuer", sa.String(512), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("algorithm", sa.String(16), nullable=False),
        sa.Column("access_ttl_s", sa.Integer(), nullable=False),
        sa.Column("max_ttl_s", sa.Integer(), nullable=False),
        sa.Column("leeway_s", sa.Integer(), nullable=False),
        sa.Column("rotate_every_s", sa.Integer(), nullable=False),
        sa.Column("publish_ahead_s", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("master_key_id", sa.String(64), nullable=False),
        sa.Column("wrapped_data_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.CheckConstraint(
            "status IN ('active', 'suspended', 'deleted')",
            name=op.f("ck_tenantauth_tenants_status"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenantauth_tenants")),
        sa.UniqueConstraint("issuer", name=op.f("uq_tenantauth_tenants_issuer")),
        sa.UniqueConstraint("slug", name=op.f("uq_tenantauth_tenants_slug")),
    )


def _tenant_id(table: str) -> tuple[sa.Column[str], sa.ForeignKeyConstraint]:
    column: sa.Column[str] = sa.Column("tenant_id", sa.String(32), nullable=False)
    key = sa.ForeignKeyConstraint(
        ["tenant_id"],
        ["tenantauth_tenants.id"],
        name=op.f(f"fk_tenantauth_{table}_tenant_id"),
        ondelete="CASCADE",
    )
    return column, key


def _create_hosts() -> None:
    op.create_table(
        "tenantauth_hosts",
        sa.Column("host", sa.String(253), nullable=False),
        *_tenant_id("hosts"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_tenantauth_hosts")),
    )
    op.create_index(op.f("ix_tenantauth_hosts_tenant_id"), "tenantauth_hosts", ["tenant_id"])


def _create_cors_rules() -> None:
    op.create_table(
        "tenantauth_cors_rules",
        *_tenant_id("cors_rules"),
        sa.Column("path", sa.String(512), nullable=False),
        sa.Column("origins", sa.JSON(), nullable=False),
        sa.Column("methods", sa.JSON(), nullable=False),
        sa.Column("allow_headers", sa.JSON(), nullable=False),
        sa.Column("expose_headers", sa.JSON(), nullable=False),
        sa.Column("credentials", sa.Boolean(), nullable=False),
        sa.Column("max_age_s", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "path", name=op.f("pk_tenantauth_cors_rules")),
    )


def _create_limits() -> None:
    op.create_table(
        "tenantauth_limits",
        *_tenant_id("limits"),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rate", sa.String(64), nullable=False),
        sa.Column("count_by", sa.String(16), nullable=False),
        sa.Column("paths", sa.JSON(), nullable=False),
        sa.Column("methods", sa.JSON(), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("burst", sa.Integer(), nullable=True),
        sa.Column("strategy", sa.String(16), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("on_outage", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "name", name=op.f("pk_tenantauth_limits")),
    )


def _create_roles() -> None:
    op.create_table(
        "tenantauth_roles",
        *_tenant_id("roles"),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("inherits", sa.JSON(), nullable=False),
        sa.Column("permissions", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "name", name=op.f("pk_tenantauth_roles")),
    )


def _create_signing_keys() -> None:
    op.create_table(
        "tenantauth_signing_keys",
        sa.Column("id", _ROW_ID, nullable=False),
        *_tenant_id("signing_keys"),
        sa.Column("kid", sa.String(128), nullable=False),
        sa.Column("algorithm", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("public_jwk", sa.JSON(), nullable=False),
        sa.Column("sealed_private", sa.LargeBinary(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("activated_at", _TIME, nullable=True),
        sa.Column("grace_at", _TIME, nullable=True),
        sa.Column("retired_at", _TIME, nullable=True),
        sa.Column("compromised_at", _TIME, nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'active', 'grace', 'retired', 'compromised')",
            name=op.f("ck_tenantauth_signing_keys_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenantauth_signing_keys")),
        sa.UniqueConstraint(
            "tenant_id", "kid", name=op.f("uq_tenantauth_signing_keys_tenant_id_kid")
        ),
    )
    for state in ("active", "pending"):
        only = sa.text(f"state = '{state}'")
        op.create_index(
            f"tenantauth_one_{state}_key",
            "tenantauth_signing_keys",
            ["tenant_id"],
            unique=True,
            sqlite_where=only,
            postgresql_where=only,
        )


def _create_audit_events() -> None:
    op.create_table(
        "tenantauth_audit_events",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(63), nullable=True),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenantauth_audit_events")),
    )
    op.create_index(
        op.f("ix_tenantauth_audit_events_tenant_id"), "tenantauth_audit_events", ["tenant", "id"]
    )
