"""From rows to a policy: pure functions. A row that cannot be read becomes a finding."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from joserfc.errors import JoseError

from tenantauth.hosts import normalise_host
from tenantauth.identity import Tenant
from tenantauth.keyring import SYMMETRIC, KeyRing, KeyState, VerificationKey
from tenantauth.limit import Limit
from tenantauth.policy import CorsRule, TenantPolicy, TokenRules
from tenantauth.roles import RoleBook, RoleDefinition
from tenantauth.trusted_issuer import TrustedIssuer, check_beside
from tenantauth.units import Rate
from tenants.errors import MasterKeyError
from tenants.models import CorsRow, IssuerRow, KeyRow, LimitColumns, RoleRow, TenantRow
from tenants.parts import read_cors, read_issuer, read_limit, read_role
from tenants.public_keys import import_verifying_key
from tenants.row_specs import (
    cors_spec,
    issuer_spec,
    lifetimes_of,
    limit_spec,
    role_spec,
    strict_strings,
)
from tenants.vault import DataKey, Vault, WrappedKey

# What reading a row of the wrong shape can raise: JSON columns hold whatever was put there.
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, JoseError)
_VERIFYING: dict[str, KeyState] = {"pending": "pending", "active": "active", "grace": "grace"}

Row = TypeVar("Row")
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Compiled:
    """What became of a tenant's rows; ``policy`` is ``None`` when one of them cannot be read.

    A key or a trusted issuer that cannot be read is left out with a finding, and harms no other.
    """

    policy: TenantPolicy | None
    version: int
    suspended: bool
    keyring: KeyRing
    trusted_issuers: tuple[TrustedIssuer, ...]
    findings: tuple[str, ...]

    def patch(self, last_good: TenantPolicy) -> TenantPolicy:
        """Return an older policy with today's keys, trusted issuers and status.

        A mistake in a limit must not keep a compromised key or a suspended tenant alive.
        """
        return replace(
            last_good,
            version=self.version,
            suspended=self.suspended,
            keyring=self.keyring,
            trusted_issuers=self.trusted_issuers,
        )


def compile_tenant(
    row: TenantRow, *, base_host: str, staleness_s: float, vault: Callable[[], Vault]
) -> Compiled:
    """Compile one tenant, whose collections must be loaded; a bad row raises nothing.

    ``vault`` is asked for a tenant with symmetric keys only: others verify without master key.

    Raises:
        MasterKeyError: when the secrets of symmetric keys cannot be opened; none is known then.
    """
    findings: list[str] = []
    key_findings: list[str] = []
    suspended = row.status != "active"
    keyring = _keyring(row, vault, key_findings)
    trusted_issuers = _trusted_issuers(row, key_findings)
    cors = _each("CORS rule", "path", _cors_rule, row.cors_rules, findings)
    limits = _each("limit", "name", _limit, limits_of(row), findings)
    roles = _each("role", "name", _role, row.roles, findings)

    def compile_rest(row: TenantRow) -> TenantPolicy:
        return TenantPolicy(
            tenant=_tenant(row),
            version=row.version,
            tokens=_token_rules(row),
            keyring=keyring,
            hosts=_hosts(row, base_host),
            suspended=suspended,
            cors=cors,
            limits=limits,
            roles=RoleBook(roles),
            guard=Rate.parse(row.guard),
            jwks_max_age_s=lifetimes_of(row).jwks_max_age_s(staleness_s),
            trusted_issuers=trusted_issuers,
        )

    policies = _each("tenant", "slug", compile_rest, [row], findings)
    policy = None if findings else policies[0]
    return Compiled(
        policy, row.version, suspended, keyring, trusted_issuers, (*findings, *key_findings)
    )


def _keyring(row: TenantRow, vault: Callable[[], Vault], findings: list[str]) -> KeyRing:
    data_key = None
    if any(key.algorithm in SYMMETRIC for key in row.keys if key.state in _VERIFYING):
        data_key = vault().unwrap(row.id, WrappedKey(row.master_key_id, row.wrapped_data_key))
    return KeyRing(compile_keys(row.keys, data_key, findings))


def compile_keys(
    rows: Iterable[KeyRow], data_key: DataKey | None, findings: list[str]
) -> tuple[VerificationKey, ...]:
    """Return those that verify; one that cannot be read, or opened, becomes a finding."""
    verifying = (row for row in rows if row.state in _VERIFYING)
    return _each("key", "kid", partial(_key, data_key=data_key), verifying, findings)


def _trusted_issuers(row: TenantRow, findings: list[str]) -> tuple[TrustedIssuer, ...]:
    issuers = _each("trusted issuer", "issuer", _issuer, row.trusted_issuers, findings)
    try:
        check_beside(issuers, row.issuer)
    except ValueError as error:
        # Which of them is meant cannot be told: none is trusted until it is corrected.
        findings.append(f"trusted issuers: {error}")
        return ()
    return issuers


def _issuer(row: IssuerRow) -> TrustedIssuer:
    return read_issuer(issuer_spec(row, strict_strings))


def _key(row: KeyRow, data_key: DataKey | None) -> VerificationKey:
    def open_secret() -> bytes:
        if data_key is None or row.sealed_private is None:
            raise ValueError("its secret is gone")
        try:
            return data_key.open(row.kid, row.sealed_private)
        except MasterKeyError as error:
            raise ValueError(error.message) from None

    key = import_verifying_key(row.public_jwk, row.algorithm, open_secret)
    return VerificationKey(row.kid, row.algorithm, _VERIFYING[row.state], key)


def limits_of(row: TenantRow) -> list[LimitColumns]:
    """Return the limits that hold for a tenant: its tier's, but for those that it has itself."""
    own = {limit.name for limit in row.limits}
    return [*(limit for limit in row.tier_limits if limit.name not in own), *row.limits]


def _each(
    kind: str,
    name: str,
    make: Callable[[Row], Part],
    rows: Iterable[Row],
    findings: list[str],
) -> tuple[Part, ...]:
    made = []
    for row in rows:
        try:
            made.append(make(row))
        except _UNREADABLE as error:
            findings.append(f"{kind} {getattr(row, name)!r}: {error}")
    return tuple(made)


def _tenant(row: TenantRow) -> Tenant:
    labels: object = row.labels
    if not isinstance(labels, dict) or not all(isinstance(text, str) for text in labels.values()):
        raise ValueError("metadata is not a mapping of strings")
    return Tenant(row.id, row.slug, row.name, row.issuer, row.tier, labels)


def _token_rules(row: TenantRow) -> TokenRules:
    audience = frozenset(strict_strings(row.audience))
    return TokenRules(row.issuer, audience, float(row.max_ttl_s), float(row.leeway_s))


def _hosts(row: TenantRow, base_host: str) -> frozenset[str]:
    own = frozenset(normalise_host(host.host) for host in row.hosts)
    return own or frozenset({f"{row.slug}.{base_host}"})


def _cors_rule(row: CorsRow) -> CorsRule:
    return read_cors(cors_spec(row, strict_strings))


def _limit(row: LimitColumns) -> Limit:
    return read_limit(limit_spec(row, strict_strings))


def _role(row: RoleRow) -> RoleDefinition:
    return read_role(role_spec(row, strict_strings))
