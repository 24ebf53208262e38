"""What was changed by commands and services since a tenants file was applied last."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tenants.declare.plan import OutsideChange
from tenants.models import AuditRow
from tenants.values import APPLY

SHOWN = 20


def outside_changes(session: Session) -> tuple[tuple[OutsideChange, ...], int]:
    """Return the newest changes, the newest first, and how many more there are.

    Before the first apply there is nothing that a change could be outside of.
    """
    last = session.scalar(select(func.max(AuditRow.id)).where(AuditRow.action == APPLY))
    if last is None:
        return (), 0
    # The keys of a tenant are not in the file.
    newer = (AuditRow.id > last) & ~AuditRow.action.startswith("key.", autoescape=True)
    count = session.scalar(select(func.count()).select_from(AuditRow).where(newer)) or 0
    rows = session.scalars(
        select(AuditRow).where(newer).order_by(AuditRow.id.desc()).limit(SHOWN)
    ).all()
    changes = tuple(
        OutsideChange(
            row.at,
            row.actor,
            row.action,
            row.tenant,
            _members(row),
        )
        for row in rows
    )
    return changes, max(0, count - len(rows))


def _members(row: AuditRow) -> tuple[str, ...]:
    # Of what was made or removed these would be all, which says nothing.
    if row.before is None or row.after is None:
        return ()
    return tuple(dict.fromkeys((*row.before, *row.after)))


def last_apply(session: Session) -> AuditRow | None:
    """Return the event of the last apply, if any."""
    query = select(AuditRow).where(AuditRow.action == APPLY).order_by(AuditRow.id.desc()).limit(1)
    return session.scalar(query)
