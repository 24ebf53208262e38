"""What tenants cannot share: slugs, hosts, issuers, and tokens of an issuer that two of them trust.

Looked at for all tenants of a change together, as they would be after it: two may swap a host. A
deleted tenant keeps what is its own until it is gone for good.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from tenants.models import HostRow, IssuerRow, TenantRow, TierRow
from tenants.problems import Problem
from tenants.row_specs import issuer_spec, lenient_strings
from tenants.shared_tokens import Trust, Trusts, shared
from tenants.spec import TenantSpec
from tenants.values import RESTORABLE_FOR

# As many values as one statement names: SQLite allows 32,766, and plans for fewer are made faster.
_CHUNK = 500

_ALONE = "a tenant's tokens pass at that tenant alone"

# A tenant and what is wrong with it.
Conflict = tuple[str, Problem]
Name = InstrumentedAttribute[str]


@dataclass(frozen=True, slots=True)
class Change:
    """All tenants that a change writes, by id, as they will be; checked each by itself."""

    wanted: Mapping[str, TenantSpec]
    base_host: str

    def conflicts(self, session: Session) -> Iterator[Conflict]:
        """Yield what cannot be, with the id of the tenant that asks for it."""
        yield from self._slugs(session)
        yield from self._issuers(session)
        yield from self._hosts(session)
        yield from self._trusted(session)
        yield from self._neighbours(session)

    def _slugs(self, session: Session) -> Iterator[Conflict]:
        asked = [(id_, spec.slug) for id_, spec in self.wanted.items()]
        for id_, slug, owner in self._taken(session, asked, TenantRow.slug):
            alive = owner == f" by tenant {slug!r}"
            text = f"slug {slug!r} is taken{'' if alive else owner}"
            hint = "" if alive else f"tenant restore {slug} brings it back"
            yield id_, Problem("TA031", text, ("slug",), hint)

    def _issuers(self, session: Session) -> Iterator[Conflict]:
        asked = [(id_, spec.issuer) for id_, spec in self.wanted.items()]
        for id_, issuer, owner in self._taken(session, asked, TenantRow.issuer):
            yield id_, Problem("TA033", f"issuer {issuer!r} is taken{owner}", ("issuer",))

    def _hosts(self, session: Session) -> Iterator[Conflict]:
        asked = [(id_, host) for id_, spec in self.wanted.items() for host in spec.hosts]
        for id_, host, owner in self._taken(session, asked, HostRow.host):
            yield id_, Problem("TA032", f"host {host!r} is taken{owner}", ("hosts",))
        # `<slug>.<base host>` belongs to that slug, whether its tenant lives there now or not.
        own = [(id_, f"{spec.slug}.{self.base_host}") for id_, spec in self.wanted.items()]
        for id_, host, owner in self._taken(session, own, HostRow.host, listed=asked):
            yield id_, Problem("TA032", f"host {host!r} is taken{owner}", ("slug",))
        below = [(id_, slug) for id_, host in asked if (slug := self._slug_of(host)) is not None]
        slugs = [(id_, spec.slug) for id_, spec in self.wanted.items()]
        for id_, slug, _ in self._taken(session, below, TenantRow.slug, listed=slugs):
            text = f"host '{slug}.{self.base_host}' belongs to the tenant {slug!r}"
            yield id_, Problem("TA032", text, ("hosts",))

    def _slug_of(self, host: str) -> str | None:
        slug, dot, rest = host.partition(".")
        return slug if dot and rest == self.base_host else None

    def _trusted(self, session: Session) -> Iterator[Conflict]:
        trusts = Trusts()
        for id_, spec in self.wanted.items():
            for each in spec.trusted_issuers:
                trusts.add(Trust(id_, spec.slug, each))
        issuers = {each.issuer for spec in self.wanted.values() for each in spec.trusted_issuers}
        query = select(IssuerRow, TenantRow.slug).join(TenantRow)
        for row, slug in _in_chunks(session, query, IssuerRow.issuer, issuers):
            if row.tenant_id not in self.wanted:
                trusts.add(Trust(row.tenant_id, slug, issuer_spec(row, lenient_strings)))
        for trust, other in trusts.meetings():
            if trust.tenant_id in self.wanted:
                yield trust.tenant_id, shared(trust, other)

    def _neighbours(self, session: Session) -> Iterator[Conflict]:
        """Yield who trusts a tenant here: its tokens pass at it alone."""
        own = [(id_, spec.issuer) for id_, spec in self.wanted.items()]
        asked = [
            (id_, each.issuer) for id_, spec in self.wanted.items() for each in spec.trusted_issuers
        ]
        for id_, issuer, owner in self._taken(session, asked, TenantRow.issuer, listed=own):
            text = f"trusted issuer {issuer!r} is taken{owner}"
            yield id_, Problem("TA035", text, ("trusted_issuers",), _ALONE)
        query = select(IssuerRow.issuer, IssuerRow.tenant_id, TenantRow.slug).join(TenantRow)
        ids = {issuer: id_ for id_, issuer in own}
        for issuer, tenant_id, slug in _in_chunks(session, query, IssuerRow.issuer, ids):
            if tenant_id not in self.wanted:
                text = f"issuer {issuer!r} is trusted by tenant {slug!r} as one outside"
                yield ids[issuer], Problem("TA035", text, ("issuer",), _ALONE)

    def _taken(
        self,
        session: Session,
        asked: Sequence[tuple[str, str]],
        column: Name,
        listed: Sequence[tuple[str, str]] | None = None,
    ) -> Iterator[tuple[str, str, str]]:
        """Yield who asks for what another has: a tenant of this change, or any other stored one.

        ``listed`` is what the tenants of this change have, when that is not what they ask for.
        """
        owners: dict[str, list[tuple[str, str, str]]] = {}
        for id_, value in asked if listed is None else listed:
            slug = self.wanted[id_].slug
            owners.setdefault(value, []).append((id_, slug, f" by tenant {slug!r}"))
        query = select(column, TenantRow.id, TenantRow.slug, TenantRow.deleted_at)
        if column.class_ is HostRow:
            query = query.join(TenantRow, TenantRow.id == HostRow.tenant_id)
        for value, id_, slug, deleted_at in _in_chunks(
            session, query, column, {value for _, value in asked}
        ):
            if id_ not in self.wanted:
                owners.setdefault(value, []).append((id_, slug, _owner(slug, deleted_at)))
        for id_, value in asked:
            # Of a tenant of the same slug it is enough to say that the slug is taken.
            known = None if column is TenantRow.slug else self.wanted[id_].slug
            others = [
                owner
                for other, slug, owner in owners.get(value, ())
                if other != id_ and slug != known
            ]
            if others:
                yield id_, value, others[0]


def unknown_tiers(
    session: Session, wanted: Mapping[str, TenantSpec], declared: Iterable[str] = ()
) -> Iterator[Conflict]:
    """Yield the tenants that subscribe to a tier which is neither stored nor declared."""
    known = {*session.scalars(select(TierRow.name)), *declared}
    for id_, spec in wanted.items():
        if spec.tier is not None and spec.tier not in known:
            text = f"there is no tier {spec.tier!r}"
            hint = f"it is one of: {', '.join(sorted(known))}" if known else "make it first"
            yield id_, Problem("TA022", text, ("tier",), hint)


def _owner(slug: str, deleted_at: datetime | None) -> str:
    if deleted_at is None:
        return f" by tenant {slug!r}"
    return f" by tenant {slug!r}, deleted and kept until {deleted_at + RESTORABLE_FOR:%Y-%m-%d}"


def _in_chunks(
    session: Session, query: Select[*tuple[Any, ...]], column: Name, values: Iterable[str]
) -> Iterator[Any]:
    ordered = sorted(values)
    for start in range(0, len(ordered), _CHUNK):
        yield from session.execute(query.where(column.in_(ordered[start : start + _CHUNK])))
