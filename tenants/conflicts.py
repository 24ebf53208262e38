"""What tenants cannot share: slugs, hosts, issuers, and tokens of an issuer that two of them trust.

Looked at for all tenants of a change together, as they would be after it: two may swap a host. A
deleted tenant keeps what is its own until it is gone for good.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tenants.neighbours import Kind, Neighbours, Owner
from tenants.problems import Problem
from tenants.shared_tokens import Trust, Trusts, as_problem
from tenants.spec import TenantSpec
from tenants.values import RESTORABLE_FOR

_ALONE = "a tenant's tokens pass at that tenant alone"

# A tenant and what is wrong with it.
Conflict = tuple[str, Problem]


@dataclass(frozen=True, slots=True)
class WantedTenants:
    """All tenants that a change writes, by id, as they will be; checked each by itself."""

    wanted: Mapping[str, TenantSpec]
    base_host: str

    def conflicts(self, stored: Neighbours) -> Iterator[Conflict]:
        """Yield what cannot be, with the id of the tenant that asks for it."""
        yield from self._slugs(stored)
        yield from self._issuers(stored)
        yield from self._hosts(stored)
        yield from self._trusted(stored)
        yield from self._neighbours(stored)

    def _slugs(self, stored: Neighbours) -> Iterator[Conflict]:
        asked = [(id_, spec.slug) for id_, spec in self.wanted.items()]
        for id_, slug, owner in self._taken(stored, asked, "slug"):
            alive = owner == f" by tenant {slug!r}"
            text = f"slug {slug!r} is taken{'' if alive else owner}"
            hint = "" if alive else f"tenant restore {slug} brings it back"
            yield id_, Problem("TA031", text, ("slug",), hint)

    def _issuers(self, stored: Neighbours) -> Iterator[Conflict]:
        asked = [(id_, spec.issuer) for id_, spec in self.wanted.items()]
        for id_, issuer, owner in self._taken(stored, asked, "issuer"):
            yield id_, Problem("TA033", f"issuer {issuer!r} is taken{owner}", ("issuer",))

    def _hosts(self, stored: Neighbours) -> Iterator[Conflict]:
        asked = [(id_, host) for id_, spec in self.wanted.items() for host in spec.hosts]
        for id_, host, owner in self._taken(stored, asked, "host"):
            yield id_, Problem("TA032", f"host {host!r} is taken{owner}", ("hosts",))
        # `<slug>.<base host>` belongs to that slug, whether its tenant lives there now or not.
        own = [(id_, f"{spec.slug}.{self.base_host}") for id_, spec in self.wanted.items()]
        for id_, host, owner in self._taken(stored, own, "host", listed=asked):
            yield id_, Problem("TA032", f"host {host!r} is taken{owner}", ("slug",))
        below = [(id_, slug) for id_, host in asked if (slug := self._slug_of(host)) is not None]
        slugs = [(id_, spec.slug) for id_, spec in self.wanted.items()]
        for id_, slug, _ in self._taken(stored, below, "slug", listed=slugs):
            text = f"host '{slug}.{self.base_host}' belongs to the tenant {slug!r}"
            yield id_, Problem("TA032", text, ("hosts",))

    def _slug_of(self, host: str) -> str | None:
        slug, dot, rest = host.partition(".")
        return slug if dot and rest == self.base_host else None

    def _trusted(self, stored: Neighbours) -> Iterator[Conflict]:
        trusts = Trusts()
        for id_, spec in self.wanted.items():
            for each in spec.trusted_issuers:
                trusts.add(Trust(id_, spec.slug, each))
        issuers = {each.issuer for spec in self.wanted.values() for each in spec.trusted_issuers}
        for trust in stored.trusts(issuers):
            if trust.tenant_id not in self.wanted:
                trusts.add(trust)
        for trust, other in trusts.meetings():
            if trust.tenant_id in self.wanted:
                yield trust.tenant_id, as_problem(trust, other)

    def _neighbours(self, stored: Neighbours) -> Iterator[Conflict]:
        """Yield who trusts a tenant here: its tokens pass at it alone."""
        own = [(id_, spec.issuer) for id_, spec in self.wanted.items()]
        asked = [
            (id_, each.issuer) for id_, spec in self.wanted.items() for each in spec.trusted_issuers
        ]
        for id_, issuer, owner in self._taken(stored, asked, "issuer", listed=own):
            text = f"trusted issuer {issuer!r} is taken{owner}"
            yield id_, Problem("TA035", text, ("trusted_issuers",), _ALONE)
        ids = {issuer: id_ for id_, issuer in own}
        for trust in stored.trusts(ids):
            if trust.tenant_id not in self.wanted:
                issuer = trust.spec.issuer
                text = f"issuer {issuer!r} is trusted by tenant {trust.slug!r} as one outside"
                yield ids[issuer], Problem("TA035", text, ("issuer",), _ALONE)

    def _taken(
        self,
        stored: Neighbours,
        asked: Sequence[tuple[str, str]],
        kind: Kind,
        listed: Sequence[tuple[str, str]] | None = None,
    ) -> Iterator[tuple[str, str, str]]:
        """Yield who asks for what another has: a tenant of this change, or any other stored one.

        ``listed`` is what the tenants of this change have, when that is not what they ask for.
        """
        owners: dict[str, list[tuple[str, str, str]]] = {}
        for id_, value in asked if listed is None else listed:
            slug = self.wanted[id_].slug
            owners.setdefault(value, []).append((id_, slug, f" by tenant {slug!r}"))
        for owner in stored.owners(kind, {value for _, value in asked}):
            if owner.tenant_id not in self.wanted:
                known = owner.tenant_id, owner.slug, _by(owner)
                owners.setdefault(owner.name, []).append(known)
        for id_, value in asked:
            # Of a tenant of the same slug it is enough to say that the slug is taken.
            own = None if kind == "slug" else self.wanted[id_].slug
            others = [
                by for other, slug, by in owners.get(value, ()) if other != id_ and slug != own
            ]
            if others:
                yield id_, value, others[0]


def unknown_tiers(
    stored: Neighbours, wanted: Mapping[str, TenantSpec], declared: Iterable[str] = ()
) -> Iterator[Conflict]:
    """Yield the tenants that subscribe to a tier which is neither stored nor declared."""
    known = {*stored.tier_names(), *declared}
    for id_, spec in wanted.items():
        if spec.tier is not None and spec.tier not in known:
            text = f"there is no tier {spec.tier!r}"
            hint = f"it is one of: {', '.join(sorted(known))}" if known else "make it first"
            yield id_, Problem("TA022", text, ("tier",), hint)


def _by(owner: Owner) -> str:
    if owner.deleted_at is None:
        return f" by tenant {owner.slug!r}"
    until = owner.deleted_at + RESTORABLE_FOR
    return f" by tenant {owner.slug!r}, deleted and kept until {until:%Y-%m-%d}"
