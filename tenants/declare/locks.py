"""The locks of an apply, in the one order that all writers keep: tiers, tenants by slug, names."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.chunks import chunks
from tenants.declare.plan import Plan
from tenants.models import TenantRow, TierRow
from tenants.tenant_rows import lock_names


def lock_plan(session: Session, plan: Plan) -> None:
    """Keep other writers off everything that a plan writes, and from taking names."""
    tiers = sorted(change.name for change in plan.tiers)
    if tiers:
        query = select(TierRow.name).where(TierRow.name.in_(tiers)).order_by(TierRow.name)
        session.execute(query.with_for_update(key_share=True))
    slugs = {change.slug for change in plan.tenants}
    for some_tiers in chunks(tiers):
        subscribed = TenantRow.tier.in_(some_tiers)
        slugs.update(session.scalars(select(TenantRow.slug).where(subscribed)))
    for some_slugs in chunks(sorted(slugs)):
        query = select(TenantRow.id).where(TenantRow.slug.in_(some_slugs)).order_by(TenantRow.slug)
        session.execute(query.with_for_update(key_share=True))
    lock_names(session)
