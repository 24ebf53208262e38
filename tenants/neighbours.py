"""What tenants stand beside: the names, tiers and trust of all that are stored."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from tenants.chunks import chunks
from tenants.models import HostRow, IssuerRow, TenantRow, TierRow
from tenants.row_specs import issuer_spec, lenient_strings
from tenants.shared_tokens import Trust

Kind = Literal["slug", "host", "issuer"]


@dataclass(frozen=True, slots=True)
class Owner:
    """The tenant that has a name; a deleted one keeps what is its own."""

    name: str
    tenant_id: str
    slug: str
    deleted_at: datetime | None


class Neighbours(Protocol):
    """All stored tenants, deleted ones too."""

    def tier_names(self) -> Iterable[str]:
        """Return the names of all tiers."""

    def owners(self, kind: Kind, names: Iterable[str]) -> Iterable[Owner]:
        """Return who has one of these slugs, hosts or issuers."""

    def trusts(self, issuers: Iterable[str]) -> Iterable[Trust]:
        """Return who trusts one of these issuers outside."""


class SqlNeighbours:
    """Reads them in a transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def tier_names(self) -> Iterable[str]:
        """Return the names of all tiers."""
        return self._session.scalars(select(TierRow.name)).all()

    def owners(self, kind: Kind, names: Iterable[str]) -> Iterator[Owner]:
        """Yield who has one of these slugs, hosts or issuers."""
        column = _COLUMNS[kind]
        query = select(column, TenantRow.id, TenantRow.slug, TenantRow.deleted_at)
        if kind == "host":
            query = query.join(TenantRow, TenantRow.id == HostRow.tenant_id)
        for row in self._in_chunks(query, column, names):
            yield Owner(*row)

    def trusts(self, issuers: Iterable[str]) -> Iterator[Trust]:
        """Yield who trusts one of these issuers outside."""
        query = select(IssuerRow, TenantRow.slug).join(TenantRow)
        for row, slug in self._in_chunks(query, IssuerRow.issuer, issuers):
            yield Trust(row.tenant_id, slug, issuer_spec(row, lenient_strings))

    def _in_chunks(
        self,
        query: Select[*tuple[Any, ...]],
        column: InstrumentedAttribute[str],
        values: Iterable[str],
    ) -> Iterator[Any]:
        for some in chunks(sorted(values)):
            yield from self._session.execute(query.where(column.in_(some)))


_COLUMNS: dict[Kind, InstrumentedAttribute[str]] = {
    "slug": TenantRow.slug,
    "host": HostRow.host,
    "issuer": TenantRow.issuer,
}
