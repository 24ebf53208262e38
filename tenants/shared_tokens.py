"""Which tenants would take the same token of an issuer that several of them trust (TA034).

Ten thousand tenants may trust one provider, each for its own organisation: what cannot meet is told
apart by look-ups, and no tenant is compared with all others.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tenantauth.claim_path import ClaimPath
from tenants.problems import Problem
from tenants.values import IssuerSpec

# A claim's value with its type: to Python 1 and True are equal, to JSON they are not.
_Value = tuple[type, object]
_Rules = dict[ClaimPath, _Value]
_Meeting = tuple[str, tuple[_Value, ...]]


@dataclass(frozen=True, slots=True)
class Trust:
    """One tenant's trust in one issuer."""

    tenant_id: str
    slug: str
    spec: IssuerSpec


# The trust of several tenants in one issuer, by the claims that their rules are on.
_Member = tuple[Trust, _Rules]
_Groups = dict[frozenset[ClaimPath], list[_Member]]


class Trusts:
    """The trust of many tenants in issuers."""

    def __init__(self) -> None:
        self._issuers: dict[str, _Groups] = defaultdict(lambda: defaultdict(list))

    def add(self, trust: Trust) -> None:
        """Add a tenant's; one whose rules cannot be read trusts nobody as it stands."""
        rules = _rules(trust.spec)
        if rules is not None:
            self._issuers[trust.spec.issuer][frozenset(rules)].append((trust, rules))

    def meetings(self) -> Iterator[tuple[Trust, Trust]]:
        """Yield every trust with one of another tenant that could take the same token, if any.

        It could unless they expect other audiences, or another value in one claim.
        """
        for groups in self._issuers.values():
            yield from _meetings(groups)


def as_problem(trust: Trust, other: Trust) -> Problem:
    """Return what is wrong with a trust that meets another tenant's."""
    issuer = trust.spec.issuer
    text = f"issuer {issuer!r} and its audience are trusted by tenant {other.slug!r} too"
    hint = "give both a match rule on one claim, with different values"
    return Problem("TA034", text, ("trusted_issuers",), hint)


def _meetings(groups: _Groups) -> Iterator[tuple[Trust, Trust]]:
    for paths, members in groups.items():
        others = [_index(groups[group], tuple(paths & group)) for group in groups]
        for trust, rules in members:
            met = (_first(index, shared, trust, rules) for index, shared in others)
            if (other := next(filter(None, met), None)) is not None:
                yield trust, other


def _index(
    members: list[_Member], shared: tuple[ClaimPath, ...]
) -> tuple[dict[_Meeting, list[Trust]], tuple[ClaimPath, ...]]:
    index: dict[_Meeting, list[Trust]] = defaultdict(list)
    for trust, rules in members:
        for audience in trust.spec.audience:
            index[audience, tuple(rules[path] for path in shared)].append(trust)
    return index, shared


def _first(
    index: dict[_Meeting, list[Trust]], shared: tuple[ClaimPath, ...], trust: Trust, rules: _Rules
) -> Trust | None:
    values = tuple(rules[path] for path in shared)
    for audience in trust.spec.audience:
        for other in index.get((audience, values), ()):
            if other.tenant_id != trust.tenant_id:
                return other
    return None


def _rules(spec: IssuerSpec) -> _Rules | None:
    try:
        rules = {ClaimPath.parse(path): (type(value), value) for path, value in spec.match.items()}
        hash(tuple(rules.values()))  # raises for a list or an object, which no rule can expect
    except (ValueError, TypeError, AttributeError):
        return None
    return rules
