"""The locks of an apply, in the one order that all writers keep: tiers, tenants by slug, names."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.declare.plan import Plan
from tenants.models import TenantRow, TierRow
from tenants.tenant_rows import lock_names

_CHUNK = 500


def lock_plan(session: Session, plan: Plan) -> None:
    """Keep other writers off everything that a plan writes, and from taking names."""
    tiers = sorted(change.name for change in plan.tiers)
    if tiers:
        query = select(TierRow.name).where(TierRow.name.in_(tiers)).order_by(TierRow.name)
        session.execute(query.with_for_update(key_share=True))
    slugs = {change.slug for change in plan.tenants}
    for start in range(0, len(tiers), _CHUNK):
        subscribed = TenantRow.tier.in_(tiers[start : start + _CHUNK])
        slugs.update(session.scalars(select(TenantRow.slug).where(subscribed)))
    ordered = sorted(slugs)
    for start in range(0, len(ordered), _CHUNK):
        page = TenantRow.slug.in_(ordered[start : start + _CHUNK])
        query = select(TenantRow.id).where(page).order_by(TenantRow.slug)
        session.execute(query.with_for_update(key_share=True))
    lock_names(session)
