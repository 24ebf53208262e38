"""Finding tenants' rows; one that was deleted is found by nobody but who restores it."""

from collections.abc import Sequence

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, selectinload

from tenantauth.slugs import SLUG
from tenants.errors import NotFoundError, TenantNotFoundError
from tenants.models import AuditRow, InstallationRow, TenantRow
from tenants.values import RESTORABLE_FOR

ALIVE = TenantRow.deleted_at.is_(None)

_PARTS = (
    selectinload(TenantRow.hosts),
    selectinload(TenantRow.cors_rules),
    selectinload(TenantRow.limits),
    selectinload(TenantRow.roles),
    selectinload(TenantRow.trusted_issuers),
)


def with_parts(query: Select[TenantRow]) -> Select[TenantRow]:
    """Return the query with all that a `tenants.spec.TenantSpec` is read from."""
    return query.options(*_PARTS)


def find_tenant(session: Session, slug: str) -> TenantRow:
    """Return a tenant's row without its parts.

    Raises:
        NotFoundError: when there is none.
    """
    return _alive(_found(session, select(TenantRow), slug))


def find_whole(session: Session, slug: str, *, lock: bool = False) -> TenantRow:
    """Return a tenant's row with its parts; ``lock`` keeps other writers off it.

    Raises:
        NotFoundError: when there is none.
    """
    query = with_parts(select(TenantRow))
    query = query.with_for_update(key_share=True) if lock else query
    return _alive(_found(session, query, slug))


def find_even_deleted(session: Session, slug: str) -> TenantRow:
    """Return a tenant's row with its parts, locked; also of one that was deleted.

    Raises:
        NotFoundError: when there is none.
    """
    return _found(session, with_parts(select(TenantRow)).with_for_update(key_share=True), slug)


def all_slugs(session: Session) -> Sequence[str]:
    """Return the slugs of all tenants, in order."""
    return session.scalars(select(TenantRow.slug).where(ALIVE).order_by(TenantRow.slug)).all()


def refuse_unknown(session: Session, slug: str) -> None:
    """Refuse a slug that no tenant has, nor had: audit events outlive their tenants.

    Raises:
        NotFoundError: when there is no trace of one.
    """
    had = exists().where(AuditRow.tenant == slug)
    if not SLUG.fullmatch(slug) or not session.scalar(select(had)):
        _found(session, select(TenantRow), slug)


def lock_names(session: Session) -> None:
    """Keep other writers from taking slugs, hosts and issuers until this transaction ends.

    After the rows of tenants, never before: a change of keys locks them in this order, too.
    """
    # PostgreSQL lets two writers look at the same time: with this row locked, one looks alone.
    session.execute(select(InstallationRow.id).with_for_update(key_share=True))


def _found(session: Session, query: Select[TenantRow], slug: str) -> TenantRow:
    # What is no slug is nobody's, and could be a text that no driver takes.
    row = session.scalar(query.where(TenantRow.slug == slug)) if SLUG.fullmatch(slug) else None
    if row is None:
        raise TenantNotFoundError(f"there is no tenant {slug[:80]!r}", slug)
    return row


def _alive(row: TenantRow) -> TenantRow:
    if row.deleted_at is not None:
        until = row.deleted_at + RESTORABLE_FOR
        raise NotFoundError(
            f"tenant {row.slug!r} was deleted {row.deleted_at:%Y-%m-%d}; until {until:%Y-%m-%d} "
            f"it can be brought back: tenant restore {row.slug}"
        )
    return row
