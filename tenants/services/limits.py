"""Limits: a tenant's own, and those of its tier that hold beside them."""

from dataclasses import replace

from tenantauth.limit import Limit
from tenants.core import Core
from tenants.errors import NotFoundError
from tenants.row_specs import spec_of
from tenants.spec import TenantSpec, spell_limit
from tenants.tenant_changes import TenantChanges
from tenants.tenant_rows import find_whole
from tenants.tier_rows import limits_of_tier, read_tiers
from tenants.values import HeldLimit, LimitSpec, TenantRecord


class LimitService:
    """Sets, removes and lists the limits of a tenant."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._changes = TenantChanges(core)

    def set(self, slug: str, limit: Limit | LimitSpec) -> TenantRecord:
        """Give a tenant a limit, in place of its own or its tier's of the same name.

        Raises:
            NotFoundError: when there is no such tenant.
            InvalidError: naming every value that cannot work.
        """
        wanted = spell_limit(LimitSpec.of(limit) if isinstance(limit, Limit) else limit)

        def change(spec: TenantSpec) -> TenantSpec:
            if all(each.name != wanted.name for each in spec.limits):
                return replace(spec, limits=(*spec.limits, wanted))
            kept = (wanted if each.name == wanted.name else each for each in spec.limits)
            return replace(spec, limits=tuple(kept))

        return self._changes.make(slug, "limit.set", change)

    def remove(self, slug: str, name: str) -> TenantRecord:
        """Take a limit of its own from a tenant; its tier's of the same name holds again.

        Raises:
            NotFoundError: when there is no such tenant, or it has no such limit itself.
        """

        def change(spec: TenantSpec) -> TenantSpec:
            left = tuple(each for each in spec.limits if each.name != name)
            if left == spec.limits:
                raise NotFoundError(f"tenant {slug!r} has no limit {name[:80]!r} of its own")
            return replace(spec, limits=left)

        return self._changes.make(slug, "limit.remove", change)

    def list(self, slug: str) -> tuple[HeldLimit, ...]:
        """Return all limits that hold for a tenant: those of its tier first.

        Raises:
            NotFoundError: when there is no such tenant.
        """
        with self._core.begin() as session:
            spec = spec_of(find_whole(session, slug))
            tier = read_tiers(session).get(spec.tier) if spec.tier is not None else None
            theirs = () if tier is None else limits_of_tier(tier)
        own = {limit.name for limit in spec.limits}
        inherited = (HeldLimit(each, spec.tier) for each in theirs if each.name not in own)
        return (*inherited, *map(HeldLimit, spec.limits))
