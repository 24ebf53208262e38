"""The parts of a tenant as the request path has them, read from what an operator writes.

Each reader raises `ValueError` with a sentence when its part cannot work.
"""

from tenantauth.jwk import read_jwks
from tenantauth.keyring import KeyRing
from tenantauth.limit import Limit
from tenantauth.origins import OriginSet
from tenantauth.policy import CorsRule
from tenantauth.roles import RoleDefinition
from tenantauth.trusted_issuer import TrustedIssuer
from tenantauth.units import Rate
from tenants.addresses import MAX_URL
from tenants.values import CorsSpec, IssuerSpec, LimitSpec, RoleSpec


def read_cors(spec: CorsSpec) -> CorsRule:
    """Return a CORS rule."""
    if len(spec.path) > MAX_URL:
        raise ValueError(f"a path is at most {MAX_URL} characters long")
    if "*" in spec.origins and spec.credentials:
        # Said first: who is told to leave other origins out would be refused once more.
        raise ValueError("the origin * cannot be combined with credentials")
    return CorsRule(
        OriginSet.parse(spec.origins),
        path=spec.path,
        methods=spec.methods,
        allow_headers=spec.allow_headers,
        expose_headers=spec.expose_headers,
        credentials=spec.credentials,
        max_age_s=spec.max_age_s,
        private_network=spec.private_network,
    )


def read_limit(spec: LimitSpec) -> Limit:
    """Return a limit."""
    return Limit(
        spec.name,
        Rate.parse(spec.rate),
        by=spec.by,
        paths=spec.paths,
        methods=frozenset(spec.methods),
        cost=spec.cost,
        burst=spec.burst,
        strategy=spec.strategy,
        mode=spec.mode,
        on_outage=spec.on_outage,
    )


def read_role(spec: RoleSpec) -> RoleDefinition:
    """Return a role; whether what it inherits exists is seen in the whole book of roles."""
    return RoleDefinition(spec.name, frozenset(spec.inherits), frozenset(spec.permissions))


def read_issuer(spec: IssuerSpec) -> TrustedIssuer:
    """Return a trusted issuer; a given key that cannot be used is left out, and harms no other."""
    keys = None
    if spec.jwks is not None:
        good, _ = read_jwks(spec.jwks, algorithms=spec.algorithms)
        keys = KeyRing(good)
    return TrustedIssuer(
        spec.issuer,
        frozenset(spec.audience),
        frozenset(spec.algorithms),
        keys=keys,
        jwks_uri=spec.jwks_uri,
        typ=frozenset(spec.typ),
        match=spec.match,
        subject_claim=spec.subject_claim,
        subject_prefix=spec.subject_prefix,
        roles_claim=spec.roles_claim,
        role_map=spec.role_map,
        requires_any_role=frozenset(spec.requires_any_role),
    )
