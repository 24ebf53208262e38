"""Policies out of a tenants file, with no database: for apps that verify tokens and make none."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn, cast

from tenantauth.errors import UnknownTenantError
from tenantauth.jwk import parse_members
from tenantauth.keyring import SYMMETRIC
from tenantauth.policy import TenantPolicy
from tenantauth.ports import TenantKey
from tenantauth.settings import Settings
from tenants.compile import compile_tenant
from tenants.declare.declared import read_declared
from tenants.declare.plan import Plan
from tenants.declare.planning import make_plan
from tenants.declare.stored import NothingStored
from tenants.declare.text import read_text
from tenants.errors import InvalidError
from tenants.models import KeyRow, TenantRow
from tenants.spec import TenantSpec
from tenants.spec_rows import new_row, tier_limit_rows
from tenants.values import LimitSpec
from tenants.vault import WrappedKey

# A tenant's public keys: what `key jwks` prints, as text or read as JSON.
Jwks = Mapping[str, Any] | str | bytes

_NO_DATA_KEY = WrappedKey("", b"")
_LONG_AGO = datetime.fromtimestamp(0, UTC)


class StaticSource:
    """Answers as `tenants.source.SqlPolicySource` does for the same tenants; it only reads.

    ``keys`` are by slug, each what ``key jwks`` prints: the text, or the same read as JSON. A
    tenant without any accepts tokens of its trusted issuers alone. Safe to share between threads.
    """

    def __init__(self, path: str, keys: Mapping[str, Jwks], settings: Settings) -> None:
        self._path = path
        self._keys = keys
        self._settings = settings
        self._generation = 1
        self._policies = _read(path, keys, settings, version=1)

    @classmethod
    def from_file(
        cls,
        path: str,
        *,
        keys: Mapping[str, Jwks] | None = None,
        settings: Settings | None = None,
    ) -> "StaticSource":
        """Return the source of a tenants file; without ``settings`` those of the environment.

        Raises:
            FindingsError: naming everything that is wrong with the file.
            InvalidError: naming every key that cannot be used.
        """
        return cls(path, _by_slug(keys or {}), settings or Settings.from_environ())

    def get(self, key: TenantKey) -> TenantPolicy:
        """Return the policy of the tenant that answers to this key.

        Raises:
            UnknownTenantError: when none does.
        """
        policy = self._policies.get(key)
        if policy is None:
            raise UnknownTenantError(f"no tenant has this {key.kind}")
        return policy

    def generation(self) -> int:
        """Return a number that another reading of the file changes."""
        return self._generation

    def reload(self, *, keys: Mapping[str, Jwks] | None = None) -> None:
        """Read the file again, and with it the keys that are given; all change at once.

        Raises:
            FindingsError: when the file cannot be used; what there was before serves on.
            InvalidError: when keys cannot be used; likewise.
        """
        keys = self._keys if keys is None else _by_slug(keys)
        version = self._generation + 1
        self._policies = _read(self._path, keys, self._settings, version=version)
        self._keys = keys
        # Last: whoever sees the number change finds the policies that it stands for.
        self._generation = version

    def __repr__(self) -> str:
        return f"<StaticSource {self._path!r}>"


def _by_slug(keys: object) -> Mapping[str, Jwks]:
    if not isinstance(keys, Mapping):
        kind = type(keys).__name__
        raise InvalidError([f'keys are given by slug, as {{"acme": …}}, not as a {kind}'])
    return keys


def _read(
    path: str, keys: Mapping[str, Jwks], settings: Settings, *, version: int
) -> Mapping[TenantKey, TenantPolicy]:
    declared = read_declared(read_text(path))
    # The file is held to all that an apply to an empty registry would hold it to.
    plan = make_plan(NothingStored(), settings, declared, prune=False)
    problems = [f"keys: there is no tenant {slug!r}" for slug in sorted(keys.keys() - _slugs(plan))]
    policies = {}
    tiers = {change.name: change.after or () for change in plan.tiers}
    for change in plan.tenants:
        spec = cast(TenantSpec, change.after)
        row = _row(spec, tiers.get(spec.tier or "", ()), version)
        policy, found = _compile(row, keys.get(spec.slug, {}), settings)
        problems += (f"tenant {spec.slug!r}: {finding}" for finding in found)
        if policy is not None:
            policies.update(dict.fromkeys(_names(policy), policy))
    if problems:
        raise InvalidError(problems)
    return policies


def _slugs(plan: Plan) -> set[str]:
    return {change.slug for change in plan.tenants}


def _row(spec: TenantSpec, tier_limits: tuple[LimitSpec, ...], version: int) -> TenantRow:
    """Return a row that is stored nowhere, so that the same rules make its policy."""
    tenant_id = hashlib.sha256(spec.slug.encode()).hexdigest()[:32]
    row = new_row(tenant_id, spec, _NO_DATA_KEY, _LONG_AGO)
    row.version = version
    row.tier_limits = tier_limit_rows(tier_limits)
    return row


def _compile(
    row: TenantRow, jwks: Jwks, settings: Settings
) -> tuple[TenantPolicy | None, Iterable[str]]:
    try:
        row.keys = list(_key_rows(row.id, jwks))
    except ValueError as error:
        return None, [str(error)]
    compiled = compile_tenant(
        row, base_host=settings.base_host, staleness_s=settings.staleness_s, vault=_no_vault
    )
    return compiled.policy, compiled.findings


def _members(jwks: object) -> Mapping[str, Any]:
    if isinstance(jwks, str | bytes):
        return parse_members(jwks.encode() if isinstance(jwks, str) else jwks)
    if isinstance(jwks, Mapping):
        return jwks
    kind = type(jwks).__name__
    raise ValueError(f"its keys are a JSON Web Key Set, as text or as a mapping, not a {kind}")


def _key_rows(tenant_id: str, jwks: Jwks) -> Iterator[KeyRow]:
    keys = _members(jwks).get("keys", [])
    if not isinstance(keys, list) or not all(isinstance(key, Mapping) for key in keys):
        raise ValueError("its keys are not a JSON Web Key Set")
    for jwk in keys:
        kid, algorithm = jwk.get("kid"), jwk.get("alg")
        if not isinstance(kid, str) or not isinstance(algorithm, str):
            raise ValueError("a key needs its kid and alg")
        if algorithm in SYMMETRIC:
            raise ValueError(f"key {kid!r} is a secret; only public keys are given")
        # They verify, and none of them signs here.
        yield KeyRow(
            tenant_id=tenant_id, kid=kid, algorithm=algorithm, state="grace", public_jwk=dict(jwk)
        )


def _no_vault() -> NoReturn:
    raise LookupError("nothing is sealed here")


def _names(policy: TenantPolicy) -> Iterator[TenantKey]:
    yield TenantKey("slug", policy.tenant.slug)
    yield TenantKey("issuer", policy.tenant.issuer)
    for host in policy.hosts:
        yield TenantKey("host", host)
