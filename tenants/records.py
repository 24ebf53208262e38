"""Between rows and what services take in and hand out."""

from datetime import datetime
from typing import cast

from tenantauth.limit import Limit
from tenantauth.roles import RoleDefinition
from tenantauth.settings import Settings
from tenants.addresses import address
from tenants.models import CorsRow, HostRow, LimitRow, RoleRow, TenantRow
from tenants.new_tenant import NewTenant
from tenants.values import CorsSpec, LimitSpec, RoleSpec, Status, TenantRecord
from tenants.vault import WrappedKey


def record_of(row: TenantRow, settings: Settings) -> TenantRecord:
    """Return what people see of a tenant; hosts, rules, limits and roles must be loaded."""
    hosts = tuple(host.host for host in row.hosts)
    return TenantRecord(
        id=row.id,
        slug=row.slug,
        name=row.name,
        status=cast(Status, row.status),
        tier=row.tier,
        url=address(row.slug, hosts, settings),
        hosts=hosts,
        issuer=row.issuer,
        audience=_strings(row.audience),
        algorithm=row.algorithm,
        access_ttl_s=row.access_ttl_s,
        max_ttl_s=row.max_ttl_s,
        leeway_s=row.leeway_s,
        rotate_every_s=row.rotate_every_s,
        publish_ahead_s=row.publish_ahead_s,
        guard=row.guard,
        cors=tuple(map(_cors_spec, row.cors_rules)),
        limits=tuple(map(_limit_spec, row.limits)),
        roles=tuple(map(_role_spec, row.roles)),
        metadata=row.labels,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def new_row(tenant_id: str, wanted: NewTenant, wrapped: WrappedKey, now: datetime) -> TenantRow:
    """Return the row of a checked new tenant with its hosts, rules, limits and roles, no keys."""
    lifetimes = wanted.lifetimes
    return TenantRow(
        id=tenant_id,
        slug=wanted.slug,
        name=wanted.name,
        status="active",
        tier=wanted.tier,
        labels=dict(wanted.metadata),
        guard=str(wanted.guard),
        issuer=wanted.issuer,
        audience=list(wanted.audience),
        algorithm=wanted.algorithm,
        access_ttl_s=lifetimes.access_ttl_s,
        max_ttl_s=lifetimes.max_ttl_s,
        leeway_s=lifetimes.leeway_s,
        rotate_every_s=lifetimes.rotate_every_s,
        publish_ahead_s=lifetimes.publish_ahead_s,
        version=0,
        master_key_id=wrapped.master_key_id,
        wrapped_data_key=wrapped.ciphertext,
        created_at=now,
        updated_at=now,
        hosts=[HostRow(host=host, position=at) for at, host in enumerate(wanted.hosts)],
        cors_rules=[_cors_row(spec) for spec in wanted.cors],
        limits=[_limit_row(at, limit) for at, limit in enumerate(wanted.limits)],
        roles=[_role_row(role) for role in wanted.roles],
    )


def _limit_row(position: int, limit: Limit) -> LimitRow:
    return LimitRow(
        name=limit.name,
        position=position,
        rate=str(limit.rate),
        count_by=limit.by,
        paths=list(limit.paths),
        methods=sorted(limit.methods),
        cost=limit.cost,
        burst=limit.burst,
        strategy=limit.strategy,
        mode=limit.mode,
        on_outage=limit.on_outage,
    )


def _role_row(role: RoleDefinition) -> RoleRow:
    return RoleRow(
        name=role.name, inherits=sorted(role.inherits), permissions=sorted(role.permissions)
    )


def _cors_row(spec: CorsSpec) -> CorsRow:
    return CorsRow(
        path=spec.path,
        origins=list(spec.origins),
        methods=list(spec.methods),
        allow_headers=list(spec.allow_headers),
        expose_headers=list(spec.expose_headers),
        credentials=spec.credentials,
        max_age_s=spec.max_age_s,
    )


def _cors_spec(row: CorsRow) -> CorsSpec:
    return CorsSpec(
        path=row.path,
        origins=_strings(row.origins),
        methods=_strings(row.methods),
        allow_headers=_strings(row.allow_headers),
        expose_headers=_strings(row.expose_headers),
        credentials=row.credentials,
        max_age_s=row.max_age_s,
    )


def _limit_spec(row: LimitRow) -> LimitSpec:
    return LimitSpec(
        name=row.name,
        rate=row.rate,
        by=row.count_by,  # type: ignore[arg-type]  # shown as stored, right or wrong
        paths=_strings(row.paths),
        methods=_strings(row.methods),
        cost=row.cost,
        burst=row.burst,
        strategy=row.strategy,  # type: ignore[arg-type]
        mode=row.mode,  # type: ignore[arg-type]
        on_outage=row.on_outage,  # type: ignore[arg-type]
    )


def _role_spec(row: RoleRow) -> RoleSpec:
    return RoleSpec(row.name, _strings(row.inherits), _strings(row.permissions))


def _strings(value: object) -> tuple[str, ...]:
    # A damaged row must not keep a person from listing the others.
    return tuple(map(str, value)) if isinstance(value, list) else ()
