"""Policies for tests, with keys that really sign."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

from joserfc.jwk import ECKey, OKPKey, RSAKey

from tenantauth.identity import Tenant
from tenantauth.keyring import KeyRing, KeyState, VerificationKey
from tenantauth.limit import Limit
from tenantauth.names import Names, each_name
from tenantauth.origins import OriginSet
from tenantauth.policy import CorsRule, TenantPolicy, TokenRules
from tenantauth.roles import RoleBook, RoleDefinition
from tenantauth.trusted_issuer import TrustedIssuer
from tenantauth.units import Rate

_PrivateKey = ECKey | OKPKey | RSAKey


@dataclass(frozen=True)
class SigningKey:
    """A key pair for tests, of one algorithm: ES256, EdDSA or RS256."""

    kid: str
    algorithm: str = "ES256"
    private: _PrivateKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "private", _generate(self.kid, self.algorithm))

    @cached_property
    def public(self) -> _PrivateKey:
        """The public half."""
        return type(self.private).import_key(self.private.as_dict(private=False))

    def verification_key(self, state: KeyState = "active") -> VerificationKey:
        """Return the key as a tenant's ring holds it."""
        return VerificationKey(self.kid, self.algorithm, state, self.public)


@cache
def _generate(kid: str, algorithm: str) -> _PrivateKey:
    """Make one pair per kid and algorithm and process: RSA keys take a while."""
    if algorithm == "RS256":
        return RSAKey.generate_key(2048)
    if algorithm == "EdDSA":
        return OKPKey.generate_key("Ed25519")
    return ECKey.generate_key("P-256")


def make_policy(
    slug: str = "acme",
    *,
    keys: Sequence[SigningKey] | None = None,
    origins: Names = (),
    cors: Sequence[CorsRule] = (),
    limits: Sequence[Limit] = (),
    roles: Mapping[str, Names] | None = None,
    guard: str = "60/minute",
    suspended: bool = False,
    host: str | None = None,
    version: int = 1,
    trusted_issuers: Sequence[TrustedIssuer] = (),
    **token_rules: float,
) -> TenantPolicy:
    """Return a policy that works: host ``<slug>.localhost``, one ES256 key, no limits.

    ``origins`` is short for one CORS rule with credentials; ``roles`` maps names to permissions;
    ``token_rules`` are ``max_ttl_s`` and ``leeway_s``.
    """
    host = host or f"{slug}.localhost"
    issuer = f"http://{host}"
    rules = TokenRules(issuer, frozenset({issuer}))
    if origins:
        cors = (*cors, CorsRule(OriginSet.parse(each_name(origins)), credentials=True))
    signing_keys = (SigningKey(f"{slug}-1"),) if keys is None else keys
    return TenantPolicy(
        tenant=Tenant(f"id-{slug}", slug, slug.capitalize(), issuer),
        version=version,
        tokens=replace(rules, **token_rules),  # type: ignore[arg-type]  # only numbers are given
        keyring=KeyRing(key.verification_key() for key in signing_keys),
        hosts=frozenset({host}),
        suspended=suspended,
        cors=tuple(cors),
        limits=tuple(limits),
        roles=_role_book(roles or {}),
        guard=Rate.parse(guard),
        trusted_issuers=tuple(trusted_issuers),
    )


def _role_book(roles: Mapping[str, Names]) -> RoleBook:
    return RoleBook(
        RoleDefinition(name, permissions=frozenset(each_name(permissions)))
        for name, permissions in roles.items()
    )
