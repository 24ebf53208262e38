"""Policies out of the database: one lookup by host, slug or issuer, compiled on the way."""

import logging
import threading

from sqlalchemy import Select, exists, select, union_all
from sqlalchemy.orm import selectinload
from sqlalchemy.sql import ColumnElement

from tenantauth.errors import RegistryUnavailableError, UnknownTenantError
from tenantauth.lru_table import LruTable
from tenantauth.policy import TenantPolicy
from tenantauth.ports import TenantKey
from tenants.compile import Compiled, compile_tenant
from tenants.core import Core
from tenants.errors import RegistryError
from tenants.generation import Generation, read_generation
from tenants.models import HostRow, TenantRow
from tenants.tenant_rows import ALIVE

_log = logging.getLogger(__name__)

_PARTS = (
    selectinload(TenantRow.hosts),
    selectinload(TenantRow.cors_rules),
    selectinload(TenantRow.limits),
    selectinload(TenantRow.roles),
    selectinload(TenantRow.tier_limits),
    selectinload(TenantRow.trusted_issuers),
    selectinload(TenantRow.keys),
)


class SqlPolicySource:
    """Reads a policy at each call; `tenantauth.caching.CachedPolicySource` goes around it.

    A tenant with a row that cannot be read keeps its last good policy, with today's keys and
    status; that is logged once for each version. Safe to share between threads.
    """

    def __init__(self, core: Core, *, remembered: int = 10_000) -> None:
        self._core = core
        self._last_good = _LastGood(remembered)

    def get(self, key: TenantKey) -> TenantPolicy:
        """Return the policy of the tenant that answers to this key.

        Raises:
            UnknownTenantError: when none does; a deleted tenant answers to nothing.
            RegistryUnavailableError: when the database cannot be read, rows that were never
                good cannot be compiled, or the master key of a tenant's HMAC keys is missing.
        """
        if not (key.value.isascii() and key.value.isprintable()):
            # No stored name looks like this, and a driver would stumble over it.
            raise UnknownTenantError(f"no tenant has this {key.kind}")
        settings = self._core.settings
        query = _query(key, settings.base_host)
        try:
            with self._core.begin() as session:
                row = session.scalar(query)
                if row is None:
                    raise UnknownTenantError(f"no tenant has this {key.kind}")
                compiled = compile_tenant(
                    row,
                    base_host=settings.base_host,
                    staleness_s=settings.staleness_s,
                    vault=lambda: self._core.vault,
                )
                return self._last_good.settle(row.id, row.slug, compiled)
        except RegistryError as error:
            raise RegistryUnavailableError(error.message) from error
        except ValueError as error:
            # A column that does not even hold JSON or a time: SQLAlchemy passes that on.
            raise RegistryUnavailableError("a stored row cannot be read") from error

    def generation(self) -> Generation:
        """Return a pair that differs after any change; compare it for equality only.

        Raises:
            RegistryUnavailableError: when the database cannot be read.
        """
        try:
            with self._core.begin() as session:
                return read_generation(session)
        except RegistryError as error:
            raise RegistryUnavailableError(error.message) from error


class _LastGood:
    """The last policy of each tenant that compiled, for as many tenants as a cache holds."""

    def __init__(self, size: int) -> None:
        self._lock = threading.Lock()
        self._policies: LruTable[str, TenantPolicy] = LruTable(size)
        self._reported: LruTable[str, int] = LruTable(size)

    def settle(self, tenant_id: str, slug: str, compiled: Compiled) -> TenantPolicy:
        with self._lock:
            is_news = self._is_news(tenant_id, compiled)
            known = self._policies.get(tenant_id)
            policy = compiled.policy or (compiled.patch(known) if known is not None else None)
            if policy is not None:
                self._policies.put(tenant_id, policy)
        if is_news:
            _log.error("tenant %s cannot be compiled whole: %r", slug, compiled.findings)
        if policy is None:
            raise RegistryUnavailableError("the settings of this tenant cannot be read")
        return policy

    def _is_news(self, tenant_id: str, compiled: Compiled) -> bool:
        if not compiled.findings or self._reported.get(tenant_id) == compiled.version:
            return False
        self._reported.put(tenant_id, compiled.version)
        return True


def _query(key: TenantKey, base_host: str) -> Select[TenantRow]:
    query = select(TenantRow).where(ALIVE, _answers(key, base_host))
    return query.options(*_PARTS)


def _answers(key: TenantKey, base_host: str) -> ColumnElement[bool]:
    if key.kind == "slug":
        return TenantRow.slug == key.value
    if key.kind == "issuer":
        return TenantRow.issuer == key.value
    by_host = select(HostRow.tenant_id).where(HostRow.host == key.value)
    slug, dot, rest = key.value.partition(".")
    if not dot or rest != base_host:
        return TenantRow.id.in_(by_host)
    # Only a tenant without an own host lives below the base host.
    has_host = exists().where(HostRow.tenant_id == TenantRow.id)
    derived = select(TenantRow.id).where(TenantRow.slug == slug, ~has_host)
    return TenantRow.id.in_(union_all(by_host, derived))
