"""The end of a tenant: no service at once, and after 30 days nothing that is left of it.

Until then it can come back as it was, and its slug, hosts and issuer are nobody else's.
"""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tenants import audit
from tenants.core import Core
from tenants.errors import NotFoundError
from tenants.generation import bump
from tenants.models import TenantRow
from tenants.records import record_of
from tenants.tenant_rows import find_even_deleted, find_whole
from tenants.values import RESTORABLE_FOR, TenantRecord, as_text


class TenantRemovals:
    """Deletes, restores and destroys tenants, each in one transaction."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def delete(self, slug: str) -> TenantRecord:
        """Stop serving a tenant; its status stays what it was.

        Raises:
            NotFoundError: when there is no such tenant, or it is deleted already.
        """
        core = self._core
        now = core.now()
        with core.begin(write=True) as session:
            row = find_whole(session, slug, lock=True)
            mark_deleted(session, row, core, now)
            return record_of(row, core.settings)

    def restore(self, slug: str) -> TenantRecord:
        """Serve a deleted tenant again, as it was; one that is not deleted stays as it is.

        Raises:
            NotFoundError: when there is no such tenant, or it was deleted too long ago.
        """
        core = self._core
        now = core.now()
        with core.begin(write=True) as session:
            row = find_even_deleted(session, slug)
            if row.deleted_at is not None:
                gone_at = row.deleted_at + RESTORABLE_FOR
                if now >= gone_at:
                    raise NotFoundError(
                        f"tenant {slug!r} could be restored until {gone_at:%Y-%m-%d}"
                    )
                before, row.deleted_at = row.deleted_at, None
                bump(session, row, now)
                _record(session, core, "tenant.restore", slug, (before, None))
            return record_of(row, core.settings)

    def purge_due(self) -> tuple[str, ...]:
        """Destroy each tenant whose 30 days are over, and return their slugs."""
        with self._core.begin(write=True) as session:
            return destroy_overdue(session, self._core)


def mark_deleted(session: Session, row: TenantRow, core: Core, now: datetime) -> None:
    """Delete a tenant whose row is locked, with its audit event."""
    row.deleted_at = now
    bump(session, row, now)
    record_deletion(session, core, row.slug, now)


def record_deletion(session: Session, core: Core, slug: str, now: datetime) -> None:
    """Write the audit event of a deletion."""
    _record(session, core, "tenant.delete", slug, (None, now))


def destroy_overdue(session: Session, core: Core) -> tuple[str, ...]:
    """Destroy what cannot be restored any more: rows, names, data keys. Audit events stay."""
    now = core.now()
    query = select(TenantRow).where(TenantRow.deleted_at <= now - RESTORABLE_FOR)
    overdue = session.scalars(query.order_by(TenantRow.slug).with_for_update()).all()
    for row in overdue:
        # Its parts go with it in the database itself, unread.
        session.execute(delete(TenantRow).where(TenantRow.id == row.id))
        _record(session, core, "tenant.destroy", row.slug, (row.deleted_at, None))
    return tuple(row.slug for row in overdue)


def _record(
    session: Session, core: Core, action: str, slug: str, change: tuple[datetime | None, ...]
) -> None:
    before, after = ({"deleted_at": None if at is None else as_text(at)} for at in change)
    audit.record(
        session,
        at=core.now(),
        actor=core.actor,
        action=action,
        tenant=slug,
        before=before,
        after=after,
    )
