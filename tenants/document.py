"""A tenant in the form of the tenants file: what `plan` compares, `export` writes, audits keep."""

from collections.abc import Iterable, Mapping
from typing import Any

from tenantauth.json_values import same_json
from tenantauth.units import format_duration
from tenants.spec import TenantSpec
from tenants.values import CorsSpec, IssuerSpec, LimitSpec, RoleSpec

Document = dict[str, Any]


def to_document(spec: TenantSpec) -> Document:
    """Return every member of a tenant, in the order of the tenants file."""
    return {
        "slug": spec.slug,
        "name": spec.name,
        "status": spec.status,
        "tier": spec.tier,
        "metadata": dict(spec.metadata),
        "guard": spec.guard,
        "hosts": list(spec.hosts),
        "issuer": spec.issuer,
        "audience": list(spec.audience),
        "tokens": _tokens(spec),
        "cors": [_cors(rule) for rule in spec.cors],
        "limits": [limit_document(limit) for limit in spec.limits],
        "roles": {role.name: _role(role) for role in spec.roles},
        "trusted_issuers": [_issuer(issuer) for issuer in spec.trusted_issuers],
    }


def limit_document(limit: LimitSpec) -> Document:
    """Return one limit, without the members that say what is so anyway."""
    usual = LimitSpec(limit.name, limit.rate)
    members: Document = {"name": limit.name, "rate": limit.rate, "by": limit.by}
    for name in ("burst", "paths", "methods", "cost", "mode", "on_outage"):
        value = getattr(limit, name)
        if value != getattr(usual, name):
            members[name] = list(value) if isinstance(value, tuple) else value
    return members


def tier_document(name: str, limits: Iterable[LimitSpec]) -> Document:
    """Return a tier with its limits, as audit events keep it."""
    return {"tier": name, "limits": [limit_document(limit) for limit in limits]}


def changed(before: Document, after: Document) -> dict[str, tuple[object, object]]:
    """Return the members that differ, each with its old and its new value."""
    names = dict.fromkeys((*before, *after))
    return {
        name: (before.get(name), after.get(name))
        for name in names
        if not same_json(before.get(name), after.get(name))
    }


def _tokens(spec: TenantSpec) -> Document:
    times = spec.lifetimes
    return {
        "algorithm": spec.algorithm,
        "access_ttl": format_duration(times.access_ttl_s),
        "max_ttl": format_duration(times.max_ttl_s),
        "leeway": format_duration(times.leeway_s),
        "rotate_every": format_duration(times.rotate_every_s),
        "publish_ahead": format_duration(times.publish_ahead_s),
    }


def _cors(rule: CorsSpec) -> Document:
    members: Document = {
        "path": rule.path,
        "origins": list(rule.origins),
        "methods": list(rule.methods),
        "allow_headers": list(rule.allow_headers),
        "expose_headers": list(rule.expose_headers),
        "credentials": rule.credentials,
        "max_age": format_duration(rule.max_age_s),
    }
    # Said only where it is meant: browsers have put it aside.
    return {**members, "private_network": True} if rule.private_network else members


def _role(role: RoleSpec) -> Document:
    members: Document = {"inherits": list(role.inherits)} if role.inherits else {}
    return {**members, "permissions": list(role.permissions)}


def _issuer(issuer: IssuerSpec) -> Document:
    keys: Mapping[str, object] = (
        {"jwks_uri": issuer.jwks_uri} if issuer.jwks is None else {"jwks": dict(issuer.jwks)}
    )
    members: Document = {
        "issuer": issuer.issuer,
        **keys,
        "audience": list(issuer.audience),
        "algorithms": list(issuer.algorithms),
        "typ": list(issuer.typ),
        "subject_claim": issuer.subject_claim,
        "subject_prefix": issuer.subject_prefix,
    }
    if issuer.match:
        members["match"] = dict(issuer.match)
    if issuer.roles_claim is not None:
        members["roles_claim"] = issuer.roles_claim
    if issuer.role_map:
        members["role_map"] = dict(issuer.role_map)
    if issuer.requires_any_role:
        members["requires_any_role"] = list(issuer.requires_any_role)
    return members
