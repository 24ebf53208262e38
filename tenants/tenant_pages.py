"""Reading many tenants: filtered, by slug, a page at a time and each page whole."""

from collections.abc import Iterator, Sequence
from typing import TypedDict

from sqlalchemy import Select, exists, false, or_, select

from tenants.core import Core
from tenants.models import HostRow, TenantRow
from tenants.tenant_rows import ALIVE, with_parts
from tenants.values import Status

PAGE = 500


class TenantFilter(TypedDict, total=False):
    """Which tenants are wanted; what is not given narrows nothing.

    ``text`` is part of a slug, a name or a host, in any case. Without a ``status`` all are wanted
    but deleted ones. ``after`` is the last slug of the page before.
    """

    text: str | None
    status: Status | None
    tier: str | None
    after: str | None


def pages(
    core: Core, wanted: TenantFilter, query: Select[TenantRow] | None = None
) -> Iterator[Sequence[TenantRow]]:
    """Yield pages of rows by slug; ``query`` is what else is loaded of them.

    Each page is a transaction of its own: who reads slowly holds nothing back.
    """
    base = _filtered(with_parts(select(TenantRow)) if query is None else query, wanted)
    base = base.order_by(TenantRow.slug).limit(PAGE)
    after = wanted.get("after")
    while True:
        page = base if after is None else base.where(TenantRow.slug > after)
        with core.begin() as session:
            rows = session.scalars(page).all()
        if rows:
            yield rows
        if len(rows) < PAGE:
            return
        after = rows[-1].slug


def _filtered(query: Select[TenantRow], wanted: TenantFilter) -> Select[TenantRow]:
    status = wanted.get("status")
    if status == "deleted":
        query = query.where(~ALIVE)
    else:
        query = query.where(ALIVE)
        if status is not None:
            query = query.where(TenantRow.status == status)
    texts = [text for text in (wanted.get("text"), wanted.get("tier"), wanted.get("after")) if text]
    if not all(text.isprintable() for text in texts):
        # Nothing that is stored looks like this, and a driver would stumble over it.
        return query.where(false())
    if tier := wanted.get("tier"):
        query = query.where(TenantRow.tier == tier)
    if text := wanted.get("text"):
        host = exists().where(HostRow.tenant_id == TenantRow.id)
        query = query.where(
            or_(
                TenantRow.slug.icontains(text, autoescape=True),
                TenantRow.name.icontains(text, autoescape=True),
                host.where(HostRow.host.icontains(text, autoescape=True)),
            )
        )
    return query
