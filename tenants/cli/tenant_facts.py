"""How a tenant is shown to a person."""

from collections.abc import Callable, Mapping

from tenantauth.units import format_duration
from tenants.values import RESTORABLE_FOR, LimitSpec, RoleSpec, TenantRecord

COLUMNS: Mapping[str, Callable[[TenantRecord], object]] = {
    "slug": lambda record: record.slug,
    "name": lambda record: record.name,
    "status": lambda record: record.status,
    "address": lambda record: record.url,
    "tier": lambda record: record.tier,
    "algorithm": lambda record: record.algorithm,
    "limits": lambda record: [f"{limit.name} {limit.rate}" for limit in record.limits],
}

DELETED_COLUMNS: Mapping[str, Callable[[TenantRecord], object]] = {
    "slug": lambda record: record.slug,
    "name": lambda record: record.name,
    "deleted": lambda record: record.deleted_at,
    "restorable until": lambda record: record.deleted_at and record.deleted_at + RESTORABLE_FOR,
    "address": lambda record: record.url,
}


def facts_of(record: TenantRecord) -> dict[str, object]:
    """Return what a person asks of one tenant, in the order of asking."""
    return {
        "slug": record.slug,
        "name": record.name,
        "status": record.status,
        "tier": record.tier,
        "address": record.url,
        "hosts": record.hosts,
        "issuer": record.issuer,
        "audience": record.audience,
        "tokens": f"{record.algorithm}, live {format_duration(record.access_ttl_s)}",
        "key rotation": f"every {format_duration(record.rotate_every_s)}, "
        f"published {format_duration(record.publish_ahead_s)} ahead",
        **_repeated("origins", [(rule.path, ", ".join(rule.origins)) for rule in record.cors]),
        **_repeated("limits", [(limit.name, _limit(limit)) for limit in record.limits]),
        **_repeated("roles", [(role.name, _role(role)) for role in record.roles]),
        **_repeated("issuers", [(each.issuer, "trusted") for each in record.trusted_issuers]),
        **_repeated("metadata", list(record.metadata.items())),
        "guard": record.guard,
        "made": record.created_at,
    }


def given_to(record: TenantRecord) -> dict[str, object]:
    """Return what a new tenant has beyond its names and keys; nothing of what it has not."""
    facts: dict[str, object] = {
        "tier": record.tier,
        "hosts": record.hosts,
        "origins": [origin for rule in record.cors for origin in rule.origins],
        "limits": [f"{limit.name} {_limit(limit)}" for limit in record.limits],
        "roles": [f"{role.name} ({_role(role)})" for role in record.roles],
    }
    return {name: value for name, value in facts.items() if value}


def _repeated(title: str, entries: list[tuple[str, str]]) -> dict[str, object]:
    if not entries:
        return {title: None}
    return {f"{title.removesuffix('s')} {name}": text for name, text in entries}


def _limit(limit: LimitSpec) -> str:
    where = f" on {', '.join(limit.paths)}" if limit.paths else ""
    how = f" {', '.join(limit.methods)}" if limit.methods else ""
    return f"{limit.rate} by {limit.by}{where}{how}"


def _role(role: RoleSpec) -> str:
    inherited = [f"all of {name}" for name in role.inherits]
    return ", ".join([*inherited, *role.permissions]) or "no permissions"
