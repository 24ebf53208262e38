"""A change of one tenant: read, changed as a value, checked as a whole, stored and audited.

All in one transaction; what changes nothing writes nothing.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session

from tenants import audit
from tenants.conflicts import WantedTenants, unknown_tiers
from tenants.core import Core
from tenants.document import changed, to_document
from tenants.errors import ConflictError
from tenants.generation import bump
from tenants.models import TenantRow
from tenants.neighbours import SqlNeighbours
from tenants.records import record_of
from tenants.row_specs import spec_of
from tenants.spec import TenantSpec
from tenants.spec_check import checked, refuse
from tenants.spec_rows import write
from tenants.tenant_removals import destroy_overdue
from tenants.tenant_rows import find_whole, lock_names
from tenants.values import TenantRecord


class TenantChanges:
    """Changes tenants, each in one transaction."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def read(self, slug: str) -> TenantSpec:
        """Return what the tenant is.

        Raises:
            NotFoundError: when there is no such tenant.
        """
        with self._core.begin() as session:
            return spec_of(find_whole(session, slug))

    def make(
        self, slug: str, action: str, change: Callable[[TenantSpec], TenantSpec]
    ) -> TenantRecord:
        """Store what ``change`` makes of the tenant; audit events call it ``action``.

        Raises:
            NotFoundError: when there is no such tenant.
            InvalidError: naming every value that cannot work and was not wrong already.
            ConflictError: when another tenant has a host or the issuer.
        """
        core = self._core
        with core.begin(write=True) as session:
            row = find_whole(session, slug, lock=True)
            before = spec_of(row)
            wanted = change(before)
            if wanted != before:
                wanted = checked(wanted, core.settings, before=before)
            if wanted != before:
                destroy_overdue(session, core)
                if _names(wanted) != _names(before):
                    refuse_conflicts(session, {row.id: wanted}, core.settings.base_host)
                self._store(session, row, before, wanted, action)
            return record_of(row, core.settings)

    def _store(
        self, session: Session, row: TenantRow, before: TenantSpec, wanted: TenantSpec, action: str
    ) -> None:
        now = self._core.now()
        write(row, wanted, before)
        bump(session, row, now)
        differing = changed(to_document(before), to_document(wanted))
        audit.record(
            session,
            at=now,
            actor=self._core.actor,
            action=action,
            tenant=row.slug,
            before={name: old for name, (old, _) in differing.items()},
            after={name: new for name, (_, new) in differing.items()},
        )


def _names(spec: TenantSpec) -> tuple[object, ...]:
    """Return what stands beside other tenants, tiers and issuers; a slug never changes."""
    return spec.hosts, spec.issuer, spec.tier, spec.trusted_issuers


def refuse_conflicts(session: Session, wanted: dict[str, TenantSpec], base_host: str) -> None:
    """Return when tenants can stand beside all others; no other writer takes a name meanwhile.

    Raises:
        InvalidError: when one subscribes to a tier that does not exist.
        ConflictError: naming everything that another tenant has.
    """
    lock_names(session)
    stored = SqlNeighbours(session)
    refuse(problem for _, problem in unknown_tiers(stored, wanted))
    conflicts = WantedTenants(wanted, base_host).conflicts(stored)
    found = [problem.sentence for _, problem in conflicts]
    if found:
        raise ConflictError("; ".join(dict.fromkeys(found)))
