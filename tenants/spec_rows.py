"""From what is wanted to rows: of a new tenant, and of one that is changed."""

from datetime import datetime

from tenants.models import CorsRow, HostRow, IssuerRow, LimitRow, RoleRow, TenantRow, TierLimitRow
from tenants.spec import TenantSpec
from tenants.values import CorsSpec, IssuerSpec, LimitSpec, RoleSpec
from tenants.vault import WrappedKey


def new_row(tenant_id: str, wanted: TenantSpec, wrapped: WrappedKey, now: datetime) -> TenantRow:
    """Return the row of a checked new tenant with all its parts, without keys."""
    row = TenantRow(
        id=tenant_id,
        slug=wanted.slug,
        version=0,
        master_key_id=wrapped.master_key_id,
        wrapped_data_key=wrapped.ciphertext,
        created_at=now,
        updated_at=now,
    )
    write(row, wanted)
    return row


def write(row: TenantRow, wanted: TenantSpec, before: TenantSpec | None = None) -> None:
    """Make a row say what is wanted; parts that are as ``before`` are left alone."""
    _write_columns(row, wanted)
    if before is None or before.hosts != wanted.hosts:
        row.hosts = [HostRow(host=host, position=at) for at, host in enumerate(wanted.hosts)]
    if before is None or before.cors != wanted.cors:
        row.cors_rules = [_cors_row(spec) for spec in wanted.cors]
    if before is None or before.limits != wanted.limits:
        row.limits = [LimitRow(**_limit(at, spec)) for at, spec in enumerate(wanted.limits)]
    if before is None or before.roles != wanted.roles:
        row.roles = [_role_row(spec) for spec in wanted.roles]
    if before is None or before.trusted_issuers != wanted.trusted_issuers:
        row.trusted_issuers = [_issuer_row(spec) for spec in wanted.trusted_issuers]


def tier_limit_rows(limits: tuple[LimitSpec, ...]) -> list[TierLimitRow]:
    """Return the rows of a tier's limits."""
    return [TierLimitRow(**_limit(at, spec)) for at, spec in enumerate(limits)]


def _write_columns(row: TenantRow, wanted: TenantSpec) -> None:
    row.name = wanted.name
    row.status = wanted.status
    row.tier = wanted.tier
    row.labels = dict(wanted.metadata)
    row.guard = wanted.guard
    row.issuer = wanted.issuer
    row.audience = list(wanted.audience)
    row.algorithm = wanted.algorithm
    lifetimes = wanted.lifetimes
    row.access_ttl_s = lifetimes.access_ttl_s
    row.max_ttl_s = lifetimes.max_ttl_s
    row.leeway_s = lifetimes.leeway_s
    row.rotate_every_s = lifetimes.rotate_every_s
    row.publish_ahead_s = lifetimes.publish_ahead_s


def _limit(position: int, spec: LimitSpec) -> dict[str, object]:
    return {
        "name": spec.name,
        "position": position,
        "rate": spec.rate,
        "count_by": spec.by,
        "paths": list(spec.paths),
        "methods": list(spec.methods),
        "cost": spec.cost,
        "burst": spec.burst,
        "strategy": spec.strategy,
        "mode": spec.mode,
        "on_outage": spec.on_outage,
    }


def _role_row(spec: RoleSpec) -> RoleRow:
    return RoleRow(name=spec.name, inherits=list(spec.inherits), permissions=list(spec.permissions))


def _cors_row(spec: CorsSpec) -> CorsRow:
    return CorsRow(
        path=spec.path,
        origins=list(spec.origins),
        methods=list(spec.methods),
        allow_headers=list(spec.allow_headers),
        expose_headers=list(spec.expose_headers),
        credentials=spec.credentials,
        max_age_s=spec.max_age_s,
        private_network=spec.private_network,
    )


def _issuer_row(spec: IssuerSpec) -> IssuerRow:
    return IssuerRow(
        issuer=spec.issuer,
        jwks_uri=spec.jwks_uri,
        jwks=None if spec.jwks is None else dict(spec.jwks),
        audience=list(spec.audience),
        algorithms=list(spec.algorithms),
        typ=list(spec.typ),
        match=dict(spec.match),
        subject_claim=spec.subject_claim,
        subject_prefix=spec.subject_prefix,
        roles_claim=spec.roles_claim,
        role_map=dict(spec.role_map),
        requires_any_role=list(spec.requires_any_role),
    )
