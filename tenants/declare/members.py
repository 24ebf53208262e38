"""From what a file says of a tenant to what is wanted of it: members given, over what was before.

Each member of the file stands for one or two of `tenants.spec.TenantSpec`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from tenants.declare import schema
from tenants.declare.schema import seconds
from tenants.lifetimes import Lifetimes
from tenants.spec import TenantSpec
from tenants.values import CorsSpec, IssuerSpec, LimitSpec, RoleSpec

# What the spec has other than under the member's own name.
_ATTRIBUTES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"tokens": ("algorithm", "lifetimes")}
)
MEMBERS = tuple(name for name in schema.Tenant.model_fields if name != "slug")


def wanted(given: schema.Tenant, before: TenantSpec) -> TenantSpec:
    """Return the tenant with each member of the file in place of the one before, whole."""
    # Each reader answers with the names and types of the spec's own fields.
    changes: dict[str, Any] = {}
    for name in MEMBERS:
        if name in given.model_fields_set:
            changes |= _READERS[name](given)
    return replace(before, **changes)


def default(slug: str) -> TenantSpec:
    """Return what a tenant is of which a file says nothing."""
    return TenantSpec(slug=slug, name=slug)


def kept(given: schema.Tenant, before: TenantSpec, reset: TenantSpec) -> tuple[str, ...]:
    """Return the members that the file leaves out, and that ``--prune`` would ``reset``."""
    absent = (name for name in MEMBERS if name not in given.model_fields_set)
    return tuple(name for name in absent if _values(name, before) != _values(name, reset))


def limit_spec(limit: schema.Limit) -> LimitSpec:
    """Return a limit as the file has it."""
    return LimitSpec(
        name=limit.name,
        rate=limit.rate,
        by=limit.by,
        paths=tuple(limit.paths),
        methods=tuple(limit.methods),
        cost=limit.cost,
        burst=limit.burst,
        strategy="sliding" if limit.burst is None else "gcra",
        mode=limit.mode,
        on_outage=limit.on_outage,
    )


def _values(name: str, spec: TenantSpec) -> list[object]:
    return [getattr(spec, attribute) for attribute in _ATTRIBUTES.get(name, (name,))]


def _lifetimes(tokens: schema.Tokens) -> Lifetimes:
    return Lifetimes(
        access_ttl_s=seconds(tokens.access_ttl),
        max_ttl_s=seconds(tokens.max_ttl),
        leeway_s=seconds(tokens.leeway),
        rotate_every_s=seconds(tokens.rotate_every),
        publish_ahead_s=seconds(tokens.publish_ahead),
    )


def _cors(rule: schema.Cors) -> CorsSpec:
    return CorsSpec(
        path=rule.path,
        origins=tuple(rule.origins),
        methods=tuple(rule.methods),
        allow_headers=tuple(rule.allow_headers),
        expose_headers=tuple(rule.expose_headers),
        credentials=rule.credentials,
        max_age_s=seconds(rule.max_age),
        private_network=rule.private_network,
    )


def _issuer(issuer: schema.TrustedIssuer) -> IssuerSpec:
    return IssuerSpec(
        issuer=issuer.issuer,
        jwks_uri=issuer.jwks_uri,
        jwks=issuer.jwks,
        audience=tuple(issuer.audience),
        algorithms=tuple(issuer.algorithms),
        typ=tuple(issuer.typ),
        match=issuer.match,
        subject_claim=issuer.subject_claim,
        subject_prefix=issuer.subject_prefix,
        roles_claim=issuer.roles_claim,
        role_map=issuer.role_map,
        requires_any_role=tuple(issuer.requires_any_role),
    )


def _role(name: str, role: schema.Role) -> RoleSpec:
    return RoleSpec(name, tuple(role.inherits), tuple(role.permissions))


_READERS: Mapping[str, Callable[[schema.Tenant], dict[str, object]]] = MappingProxyType(
    {
        "name": lambda given: {"name": given.name},
        "status": lambda given: {"status": given.status},
        "tier": lambda given: {"tier": given.tier},
        "metadata": lambda given: {"metadata": given.metadata},
        "guard": lambda given: {"guard": given.guard},
        "hosts": lambda given: {"hosts": tuple(given.hosts)},
        "issuer": lambda given: {"issuer": given.issuer},
        "audience": lambda given: {"audience": tuple(given.audience)},
        "tokens": lambda given: {
            "algorithm": given.tokens.algorithm,
            "lifetimes": _lifetimes(given.tokens),
        },
        "cors": lambda given: {"cors": tuple(map(_cors, given.cors))},
        "limits": lambda given: {"limits": tuple(map(limit_spec, given.limits))},
        "roles": lambda given: {
            "roles": tuple(_role(name, role) for name, role in given.roles.items())
        },
        "trusted_issuers": lambda given: {
            "trusted_issuers": tuple(map(_issuer, given.trusted_issuers))
        },
    }
)
