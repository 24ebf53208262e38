"""What a tenants file is planned against: a registry as it is, or none."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from sqlalchemy import select

from tenants.chunks import chunks
from tenants.declare.outside import outside_changes
from tenants.declare.plan import OutsideChange
from tenants.models import TenantRow
from tenants.neighbours import Kind, Neighbours, Owner, SqlNeighbours
from tenants.row_specs import spec_of
from tenants.shared_tokens import Trust
from tenants.spec import TenantSpec
from tenants.tenant_rows import ALIVE, with_parts
from tenants.tier_rows import limits_of_tier, read_tiers
from tenants.values import LimitSpec

PAGE = 200

Limits = tuple[LimitSpec, ...]


class Stored(Neighbours, Protocol):
    """All that planning asks of what is stored."""

    def slugs(self) -> Sequence[str]:
        """Return the slugs of living tenants, in order."""

    def specs(self, slugs: Sequence[str]) -> Iterable[tuple[str, TenantSpec]]:
        """Return what these tenants are, with their ids."""

    def tiers(self) -> Mapping[str, Limits]:
        """Return the limits of all tiers, by name."""

    def tiers_of_tenants(self) -> Iterable[tuple[str, str]]:
        """Return the ids of tenants that subscribe to a tier, deleted ones too, with its name."""

    def outside(self) -> tuple[tuple[OutsideChange, ...], int]:
        """Return what `tenants.declare.outside.outside_changes` does."""


class SqlStored(SqlNeighbours):
    """Reads a registry in one transaction."""

    def slugs(self) -> Sequence[str]:
        """Return the slugs of living tenants, in order."""
        query = select(TenantRow.slug).where(ALIVE).order_by(TenantRow.slug)
        return self._session.scalars(query).all()

    def specs(self, slugs: Sequence[str]) -> Iterator[tuple[str, TenantSpec]]:
        """Yield what these tenants are, with their ids."""
        for some in chunks(slugs, PAGE):
            page = TenantRow.slug.in_(some)
            query = with_parts(select(TenantRow).where(ALIVE, page).order_by(TenantRow.slug))
            for row in self._session.scalars(query):
                yield row.id, spec_of(row)
            # Rows of a page are never looked at again.
            self._session.expunge_all()

    def tiers(self) -> Mapping[str, Limits]:
        """Return the limits of all tiers, by name."""
        return {name: limits_of_tier(row) for name, row in read_tiers(self._session).items()}

    def tiers_of_tenants(self) -> Iterator[tuple[str, str]]:
        """Yield the ids of tenants that subscribe to a tier, deleted ones too, with its name."""
        query = select(TenantRow.id, TenantRow.tier).where(TenantRow.tier.is_not(None))
        for id_, tier in self._session.execute(query):
            yield id_, str(tier)

    def outside(self) -> tuple[tuple[OutsideChange, ...], int]:
        """Return what was changed since a tenants file was applied last."""
        return outside_changes(self._session)


class NothingStored:
    """A registry without tenants, tiers and past."""

    def slugs(self) -> Sequence[str]:
        """Return none."""
        return ()

    def specs(self, slugs: Sequence[str]) -> Iterable[tuple[str, TenantSpec]]:
        """Return none."""
        return ()

    def tiers(self) -> Mapping[str, Limits]:
        """Return none."""
        return {}

    def tiers_of_tenants(self) -> Iterable[tuple[str, str]]:
        """Return none."""
        return ()

    def outside(self) -> tuple[tuple[OutsideChange, ...], int]:
        """Return none."""
        return (), 0

    def tier_names(self) -> Iterable[str]:
        """Return none."""
        return ()

    def owners(self, kind: Kind, names: Iterable[str]) -> Iterable[Owner]:
        """Return none."""
        return ()

    def trusts(self, issuers: Iterable[str]) -> Iterable[Trust]:
        """Return none."""
        return ()
