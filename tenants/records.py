"""From rows to what services hand out."""

from tenantauth.settings import Settings
from tenants.addresses import address
from tenants.models import TenantRow
from tenants.row_specs import spec_of
from tenants.values import TenantRecord


def record_of(row: TenantRow, settings: Settings) -> TenantRecord:
    """Return what people see of a tenant; its parts must be loaded."""
    spec = spec_of(row)
    lifetimes = spec.lifetimes
    return TenantRecord(
        id=row.id,
        slug=row.slug,
        name=row.name,
        status=spec.status if row.deleted_at is None else "deleted",
        tier=row.tier,
        url=address(row.slug, spec.hosts, settings),
        hosts=spec.hosts,
        issuer=row.issuer,
        audience=spec.audience,
        algorithm=row.algorithm,
        access_ttl_s=lifetimes.access_ttl_s,
        max_ttl_s=lifetimes.max_ttl_s,
        leeway_s=lifetimes.leeway_s,
        rotate_every_s=lifetimes.rotate_every_s,
        publish_ahead_s=lifetimes.publish_ahead_s,
        guard=row.guard,
        cors=spec.cors,
        limits=spec.limits,
        roles=spec.roles,
        metadata=row.labels,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        trusted_issuers=spec.trusted_issuers,
        deleted_at=row.deleted_at,
    )
