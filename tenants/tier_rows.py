"""Tiers as rows; a tier that changes is a change of every tenant that subscribes to it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, selectinload

from tenants.errors import ConflictError
from tenants.generation import bump_installation
from tenants.models import TenantRow, TierRow
from tenants.row_specs import lenient_strings, limit_spec
from tenants.spec_rows import tier_limit_rows
from tenants.tenant_rows import lock_names
from tenants.values import LimitSpec, TierRecord

_NAMED = 5  # So many tenants are named in a refusal; more say nothing more.


def read_tiers(session: Session) -> dict[str, TierRow]:
    """Return all tiers by name, with their limits."""
    rows = session.scalars(select(TierRow).options(selectinload(TierRow.limits)))
    return {row.name: row for row in sorted(rows, key=lambda row: row.name)}


def lock_tier(session: Session, name: str) -> TierRow | None:
    """Return a tier with its limits, kept from other writers, or ``None``."""
    query = select(TierRow).where(TierRow.name == name).options(selectinload(TierRow.limits))
    return session.scalar(query.with_for_update(key_share=True))


def limits_of_tier(row: TierRow) -> tuple[LimitSpec, ...]:
    """Return a tier's limits as written."""
    return tuple(limit_spec(each, lenient_strings) for each in row.limits)


def write_tier(
    session: Session, row: TierRow | None, name: str, limits: tuple[LimitSpec, ...], now: datetime
) -> None:
    """Store a tier's limits, and count a change of each tenant that has it."""
    if row is None:
        row = TierRow(name=name, created_at=now)
        session.add(row)
    row.limits = tier_limit_rows(limits)
    row.updated_at = now
    _touch_tenants(session, name, now)


def remove_tier(session: Session, row: TierRow) -> None:
    """Remove a tier.

    Raises:
        ConflictError: naming tenants that subscribe to it; one that was deleted may come back.
    """
    lock_names(session)
    query = select(TenantRow.slug).where(TenantRow.tier == row.name).order_by(TenantRow.slug)
    slugs = session.scalars(query.limit(_NAMED + 1)).all()
    if slugs:
        named = ", ".join(slugs[:_NAMED]) + (", …" if len(slugs) > _NAMED else "")
        raise ConflictError(f"tier {row.name!r} has tenants: {named}")
    session.delete(row)


def tier_records(session: Session, rows: Mapping[str, TierRow]) -> list[TierRecord]:
    """Return tiers as the services hand them out."""
    query = select(TenantRow.tier, func.count()).where(TenantRow.tier.in_(rows))
    counts = dict(session.execute(query.group_by(TenantRow.tier)).all())
    return [
        TierRecord(name, limits_of_tier(row), counts.get(name, 0), row.created_at, row.updated_at)
        for name, row in rows.items()
    ]


def _touch_tenants(session: Session, name: str, now: datetime) -> None:
    session.flush()
    # In one order, as whoever changes many tenants locks them.
    query = select(TenantRow.id).where(TenantRow.tier == name).order_by(TenantRow.slug)
    ids = session.scalars(query.with_for_update(key_share=True)).all()
    if ids:
        session.execute(
            update(TenantRow)
            .where(TenantRow.tier == name)
            .values(version=TenantRow.version + 1, updated_at=now),
            execution_options={"synchronize_session": False},
        )
    bump_installation(session)
