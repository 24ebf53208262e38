"""Reading the audit events."""

from datetime import datetime

from sqlalchemy import select

from tenants.core import Core
from tenants.errors import InvalidError
from tenants.models import AuditRow
from tenants.tenant_rows import refuse_unknown
from tenants.values import AuditRecord

MAX_LIMIT = 10_000


class AuditService:
    """Shows who did what."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def list(
        self,
        tenant: str | None = None,
        since: datetime | None = None,
        limit: int = 100,
        *,
        actor: str | None = None,
        action: str | None = None,
    ) -> list[AuditRecord]:
        """Return events, the newest first; ``since`` is aware, ``tenant`` is a slug.

        ``action`` is whole (``limit.set``), or a noun for all that was done to it (``limit``).

        Raises:
            NotFoundError: when there is no such tenant, and none of that slug ever did anything.
            InvalidError: when the limit is not 1 to 10,000, or the time has no zone.
        """
        if not 1 <= limit <= MAX_LIMIT:
            raise InvalidError([f"the limit is 1 to {MAX_LIMIT}, not {limit}"])
        if since is not None and since.tzinfo is None:
            raise InvalidError(["since needs a time zone"])
        if not all(text.isprintable() for text in (actor or "", action or "")):
            return []
        query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
        if tenant is not None:
            query = query.where(AuditRow.tenant == tenant)
        if since is not None:
            query = query.where(AuditRow.at >= since)
        if actor is not None:
            query = query.where(AuditRow.actor == actor)
        if action is not None:
            verbs = AuditRow.action.startswith(f"{action}.", autoescape=True)
            query = query.where((AuditRow.action == action) | verbs)
        with self._core.begin() as session:
            if tenant is not None:
                refuse_unknown(session, tenant)
            return [_record(row) for row in session.scalars(query)]


def _record(row: AuditRow) -> AuditRecord:
    return AuditRecord(row.id, row.at, row.actor, row.action, row.tenant, row.before, row.after)
