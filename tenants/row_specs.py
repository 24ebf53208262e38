"""From rows to what an operator wrote; ``strings`` reads the lists that JSON columns hold."""

from collections.abc import Callable

from tenants.lifetimes import Lifetimes
from tenants.models import CorsRow, IssuerRow, LimitColumns, RoleRow, TenantRow
from tenants.spec import TenantSpec
from tenants.values import CorsSpec, IssuerSpec, LimitSpec, RoleSpec

Strings = Callable[[object], tuple[str, ...]]


def strict_strings(value: object) -> tuple[str, ...]:
    """Return the texts of a stored list.

    Raises:
        ValueError: when it is none: a bare string would be read as its characters, and an empty
            list says "all" in some places.
    """
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("not a list of strings")
    return tuple(value)


def lenient_strings(value: object) -> tuple[str, ...]:
    """Return the texts of a stored list; a damaged row must not keep anybody from seeing others."""
    return tuple(map(str, value)) if isinstance(value, list) else ()


def spec_of(row: TenantRow) -> TenantSpec:
    """Return a stored tenant as it would be written; its parts must be loaded."""
    strings = lenient_strings
    spec = TenantSpec(
        slug=row.slug,
        name=row.name,
        status="suspended" if row.status == "suspended" else "active",
        tier=row.tier,
        metadata=row.labels,
        guard=row.guard,
        hosts=tuple(host.host for host in row.hosts),
        issuer=row.issuer,
        audience=strings(row.audience),
        algorithm=row.algorithm,
        lifetimes=lifetimes_of(row),
        cors=tuple(cors_spec(each, strings) for each in row.cors_rules),
        limits=tuple(limit_spec(each, strings) for each in row.limits),
        roles=tuple(role_spec(each, strings) for each in row.roles),
        trusted_issuers=tuple(issuer_spec(each, strings) for each in row.trusted_issuers),
    )
    return spec.sorted()


def lifetimes_of(row: TenantRow) -> Lifetimes:
    """Return a tenant's token settings."""
    return Lifetimes(
        access_ttl_s=row.access_ttl_s,
        max_ttl_s=row.max_ttl_s,
        leeway_s=row.leeway_s,
        rotate_every_s=row.rotate_every_s,
        publish_ahead_s=row.publish_ahead_s,
    )


def cors_spec(row: CorsRow, strings: Strings) -> CorsSpec:
    """Return a CORS rule as written."""
    return CorsSpec(
        path=row.path,
        origins=strings(row.origins),
        methods=strings(row.methods),
        allow_headers=strings(row.allow_headers),
        expose_headers=strings(row.expose_headers),
        credentials=row.credentials,
        max_age_s=row.max_age_s,
        private_network=row.private_network,
    )


def limit_spec(row: LimitColumns, strings: Strings) -> LimitSpec:
    """Return a limit as written."""
    return LimitSpec(
        name=row.name,
        rate=row.rate,
        by=row.count_by,  # type: ignore[arg-type]  # shown as stored, right or wrong
        paths=strings(row.paths),
        methods=strings(row.methods),
        cost=row.cost,
        burst=row.burst,
        strategy=row.strategy,  # type: ignore[arg-type]
        mode=row.mode,  # type: ignore[arg-type]
        on_outage=row.on_outage,  # type: ignore[arg-type]
    )


def role_spec(row: RoleRow, strings: Strings) -> RoleSpec:
    """Return a role as written."""
    return RoleSpec(row.name, strings(row.inherits), strings(row.permissions))


def issuer_spec(row: IssuerRow, strings: Strings) -> IssuerSpec:
    """Return a trusted issuer as written."""
    return IssuerSpec(
        issuer=row.issuer,
        jwks_uri=row.jwks_uri,
        jwks=row.jwks,
        audience=strings(row.audience),
        algorithms=strings(row.algorithms),
        typ=strings(row.typ),
        match=row.match,
        subject_claim=row.subject_claim,
        subject_prefix=row.subject_prefix,
        roles_claim=row.roles_claim,
        role_map=row.role_map,
        requires_any_role=strings(row.requires_any_role),
    )
