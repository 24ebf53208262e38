"""Tiers, trusted issuers, and tenants that were deleted and may be restored.

Revision ID: 0002
Revises: 0001
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_tiers()
    _create_tier_limits()
    _create_trusted_issuers()
    op.add_column("tenantauth_signing_keys", sa.Column("fingerprint", sa.String(64), nullable=True))
    private_network: sa.Column[bool] = sa.Column(
        "private_network", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("tenantauth_cors_rules", private_network)
    op.add_column("tenantauth_tenants", sa.Column("deleted_at", _TIME, nullable=True))
    tenants = _tenants()
    op.execute(
        tenants.update()
        .where(tenants.c.status == "deleted")
        .values(status="active", deleted_at=tenants.c.updated_at)
    )


def downgrade() -> None:
    tenants = _tenants()
    # What came before knows a deleted tenant by its status.
    op.execute(tenants.update().where(tenants.c.deleted_at.is_not(None)).values(status="deleted"))
    op.drop_column("tenantauth_tenants", "deleted_at")
    op.drop_column("tenantauth_cors_rules", "private_network")
    op.drop_column("tenantauth_signing_keys", "fingerprint")
    for table in ("trusted_issuers", "tier_limits", "tiers"):
        op.drop_table(f"tenantauth_{table}")


def _tenants() -> sa.TableClause:
    columns = ("status", "tier", "deleted_at", "updated_at")
    return sa.table("tenantauth_tenants", *(sa.column(name) for name in columns))


def _create_tiers() -> None:
    tiers = op.create_table(
        "tenantauth_tiers",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_tenantauth_tiers")),
    )
    # Tenants could name a tier before there were any: from now on each is one without limits.
    used = _tenants().c.tier
    now = sa.literal(datetime.now(UTC), _TIME)
    named = sa.select(used, now.label("created_at"), now.label("updated_at")).distinct()
    op.execute(
        tiers.insert().from_select(
            ["name", "created_at", "updated_at"], named.where(used.is_not(None))
        )
    )


def _create_tier_limits() -> None:
    op.create_table(
        "tenantauth_tier_limits",
        sa.Column("tier", sa.String(64), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["tier"],
            ["tenantauth_tiers.name"],
            name=op.f("fk_tenantauth_tier_limits_tier"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tier", "name", name=op.f("pk_tenantauth_tier_limits")),
    )


def _create_trusted_issuers() -> None:
    op.create_table(
        "tenantauth_trusted_issuers",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("issuer", sa.String(512), nullable=False),
        sa.Column("jwks_uri", sa.String(512), nullable=True),
        sa.Column("jwks", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("algorithms", sa.JSON(), nullable=False),
        sa.Column("typ", sa.JSON(), nullable=False),
        sa.Column("match", sa.JSON(), nullable=False),
        sa.Column("subject_claim", sa.String(200), nullable=False),
        sa.Column("subject_prefix", sa.String(200), nullable=False),
        sa.Column("roles_claim", sa.String(200), nullable=True),
        sa.Column("role_map", sa.JSON(), nullable=False),
        sa.Column("requires_any_role", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenantauth_tenants.id"],
            name=op.f("fk_tenantauth_trusted_issuers_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "issuer", name=op.f("pk_tenantauth_trusted_issuers")),
    )
    op.create_index(
        op.f("ix_tenantauth_trusted_issuers_issuer"), "tenantauth_trusted_issuers", ["issuer"]
    )
