"""A tenants file against the registry: what would be written, and everything that cannot be.

The registry is read in pages, and of its tenants only those that differ are held.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from tenantauth.keyring import SYMMETRIC
from tenantauth.settings import Settings
from tenantauth.slugs import SLUG
from tenants.addresses import MAX_URL
from tenants.conflicts import WantedTenants, unknown_tiers
from tenants.declare import members
from tenants.declare.declared import DeclaredFile
from tenants.declare.plan import Kept, Plan, TenantChange, TierChange, endings
from tenants.declare.schema import Tenant
from tenants.declare.stored import Stored
from tenants.problems import Problem, new_problems
from tenants.spec import TenantSpec
from tenants.spec_check import is_text, problems_of, tier_problems


def make_plan(
    stored: Stored,
    settings: Settings,
    declared: DeclaredFile,
    *,
    prune: bool,
    earlier: Plan | None = None,
) -> Plan:
    """Return what applying a file would do.

    ``earlier`` is a plan of the same file: of tenants that are as they were then, nothing is
    judged again. Its ``kept`` members are those of the others.

    Raises:
        FindingsError: naming everything that is wrong with the file, alone and beside what is
            stored.
    """
    judged = {change.id: change for change in earlier.tenants} if earlier else {}
    planning = _Planning(stored, settings, declared, prune, judged)
    planning.read_tenants()
    tiers, kept_tiers = planning.tiers()
    declared.refuse([*planning.problems, *planning.conflicts(tiers)])
    outside, more = stored.outside()
    return Plan(
        tiers=tiers,
        tenants=tuple(sorted(planning.changes.values(), key=lambda change: change.slug)),
        unchanged=planning.unchanged,
        kept=tuple(planning.kept),
        kept_tenants=tuple(planning.kept_tenants),
        kept_tiers=kept_tiers,
        outside=outside,
        outside_more=more,
    )


@dataclass(slots=True)
class _Planning:
    stored: Stored
    settings: Settings
    declared: DeclaredFile
    prune: bool
    judged: Mapping[str, TenantChange]
    changes: dict[str, TenantChange] = field(default_factory=dict)
    # What stands beside the other tenants: of a malformed one, its names that can be read.
    comparable: dict[str, TenantSpec] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    kept_tenants: list[str] = field(default_factory=list)
    unchanged: int = 0

    def read_tenants(self) -> None:
        """Compare each tenant of the file with the stored one of its slug, and find the others."""
        by_slug = self._by_slug()
        stored = self.stored.slugs()
        absent = [slug for slug in stored if slug not in by_slug]
        self.kept_tenants = [] if self.prune else absent
        for row_id, before in self.stored.specs([slug for slug in stored if slug in by_slug]):
            self._compare(by_slug.pop(before.slug), row_id, before)
        for row_id, before in self.stored.specs(absent if self.prune else []):
            self._change(row_id, before, None)
        for at in by_slug.values():
            self._create(at)

    def tiers(self) -> tuple[tuple[TierChange, ...], tuple[str, ...]]:
        """Return what changes of the tiers, and which absent ones stay."""
        stored = self.stored.tiers()
        given = self.declared.tiers
        changes = []
        for name, limits in given.items():
            known = tier_problems(name, stored[name]) if name in stored else ()
            found = new_problems(known, tier_problems(name, limits))
            self.problems += (problem.below("tiers", name) for problem in found)
            if stored.get(name) != limits:
                changes.append(TierChange(name, stored.get(name), limits))
        absent = {
            name: limits for name, limits in stored.items() if name not in self.declared.tiers
        }
        used = self._used_tiers(absent) if self.prune else absent
        changes += (TierChange(name, absent[name], None) for name in absent if name not in used)
        return tuple(changes), tuple(name for name in absent if name in used)

    def conflicts(self, tiers: Collection[TierChange]) -> Iterator[Problem]:
        """Yield what the tenants of the file cannot be beside each other and all others."""
        declared = {change.name for change in tiers if change.after is not None}
        wanted = WantedTenants(self.comparable, self.settings.base_host)
        for id_, problem in (
            *unknown_tiers(self.stored, self.comparable, declared),
            *wanted.conflicts(self.stored),
        ):
            yield problem.below("tenants", self.places[id_])

    def _by_slug(self) -> dict[str, int]:
        by_slug: dict[str, int] = {}
        for at, tenant in self.declared.tenants.items():
            if by_slug.setdefault(tenant.slug, at) != at:
                text = f"slug {tenant.slug[:80]!r} is in the file twice"
                self.problems.append(Problem("TA031", text, ("tenants", at, "slug")))
                own = list(problems_of(self._reset(tenant), self.settings))
                self.problems += _placed(at, own, tenant)
        return by_slug

    def _compare(self, at: int, row_id: str, before: TenantSpec) -> None:
        if self._is_judged(at, row_id, before):
            return
        given = self.declared.tenants[at]
        reset = self._reset(given)
        after = reset if self.prune else members.wanted(given, before)
        canonical = after.canonical(self.settings)
        if not self.prune:
            names = members.kept(given, before, reset.canonical(self.settings))
            self.kept += [Kept(given.slug, names)] if names else []
        if canonical == before:
            self.unchanged += 1
            return
        found = new_problems(problems_of(before, self.settings), problems_of(after, self.settings))
        found += _mixed_keys(before, canonical)
        self._note(at, row_id, canonical, found)
        self._change(row_id, before, canonical)

    def _change(self, row_id: str, before: TenantSpec, after: TenantSpec | None) -> None:
        ended = tuple(endings(before, after, self.settings))
        self.changes[row_id] = TenantChange(row_id, before.slug, before, after, ended)

    def _create(self, at: int) -> None:
        given = self.declared.tenants[at]
        id_ = f"new {given.slug}"
        if self._is_judged(at, id_, None):
            return
        after = self._reset(given)
        found = list(problems_of(after, self.settings))
        canonical = after.canonical(self.settings)
        self._note(at, id_, canonical, found)
        self.changes[id_] = TenantChange(id_, given.slug, None, canonical)

    def _is_judged(self, at: int, id_: str, before: TenantSpec | None) -> bool:
        """Take over what an earlier plan says of a tenant that is as it was."""
        known = self.judged.get(id_)
        if known is None or known.after is None or known.before != before:
            return False
        self._note(at, id_, known.after, [])
        self.changes[id_] = known
        return True

    def _reset(self, given: Tenant) -> TenantSpec:
        return members.wanted(given, members.default(given.slug))

    def _note(self, at: int, id_: str, spec: TenantSpec, found: list[Problem]) -> None:
        self.problems += _placed(at, found, self.declared.tenants[at])
        wrong = {problem.place[:2] for problem in found}
        if not SLUG.fullmatch(spec.slug):
            return
        self.places[id_] = at
        self.comparable[id_] = replace(
            spec,
            # No name that cannot be read is asked for in a statement.
            hosts=tuple(h for h in spec.hosts if h.isascii() and h.isprintable()),
            issuer=f"urn:unreadable:{id_}" if ("issuer",) in wrong else spec.issuer,
            tier=spec.tier if is_text(spec.tier or "-", 64) else None,
            trusted_issuers=tuple(
                each for each in spec.trusted_issuers if is_text(each.issuer, MAX_URL)
            ),
        )

    def _used_tiers(self, absent: Collection[str]) -> set[str]:
        """Return the tiers that some tenant has afterwards; a deleted one may come back."""
        rows = self.stored.tiers_of_tenants() if absent else ()
        after = {id_: change.after for id_, change in self.changes.items() if change.after}
        used = {tier for id_, tier in rows if id_ not in after}
        return used | {spec.tier for spec in after.values() if spec.tier is not None}


def _mixed_keys(before: TenantSpec, after: TenantSpec) -> Iterator[Problem]:
    if (before.algorithm in SYMMETRIC) != (after.algorithm in SYMMETRIC):
        text = f"{before.algorithm} keys and {after.algorithm} keys are never beside each other"
        yield Problem("TA015", text, ("tokens", "algorithm"), "make another tenant")


def _placed(at: int, found: list[Problem], given: Tenant) -> Iterator[Problem]:
    """Yield problems of a tenant at their place in the file, where roles are not numbered."""
    names = list(given.roles)
    for problem in found:
        place = problem.place
        if place[:1] == ("roles",) and len(place) > 1 and isinstance(number := place[1], int):
            place = ("roles", names[number]) if number < len(names) else ("roles",)
        yield replace(problem, place=("tenants", at, *place))
