"""Which tenants would take the same token of an issuer that several of them trust.

Ten thousand tenants may trust one provider, each for its own organisation: what cannot meet is told
apart by look-ups, and no tenant is compared with all others.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tenantauth.claim_path import ClaimPath
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


class Trusts:
    """The trust of many tenants in one issuer."""

    def __init__(self) -> None:
        self._groups: dict[frozenset[ClaimPath], list[tuple[Trust, _Rules]]] = defaultdict(list)

    def add(self, trust: Trust) -> None:
        """Add a tenant's; one whose rules cannot be read trusts nobody as it stands."""
        rules = _rules(trust.spec)
        if rules is not None:
            self._groups[frozenset(rules)].append((trust, rules))

    def meetings(self) -> Iterator[tuple[Trust, Trust]]:
        """Yield every trust with one of another tenant that could take the same token, if any.

        It could unless they expect other audiences, or another value in one claim.
        """
        for paths, members in self._groups.items():
            others = [self._index(group, tuple(paths & group)) for group in self._groups]
            for trust, rules in members:
                met = (_first(index, shared, trust, rules) for index, shared in others)
                if (other := next(filter(None, met), None)) is not None:
                    yield trust, other

    def _index(
        self, group: frozenset[ClaimPath], shared: tuple[ClaimPath, ...]
    ) -> tuple[dict[_Meeting, list[Trust]], tuple[ClaimPath, ...]]:
        index: dict[_Meeting, list[Trust]] = defaultdict(list)
        for trust, rules in self._groups[group]:
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
        return {ClaimPath.parse(path): (type(value), value) for path, value in spec.match.items()}
    except (ValueError, TypeError, AttributeError):
        return None
