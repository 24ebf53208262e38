"""Names of roles that a tenant does not have: nearest ones, and issuers whose roles lead there.

A tenant that declares no roles is free: its app gives any name its meaning.
"""

from collections.abc import Collection, Iterable, Iterator

from tenantauth.names import nearest
from tenants.problems import Problem
from tenants.values import IssuerSpec


def nearest_role(role: str, declared: Iterable[str]) -> str:
    """Return what somebody may have meant by a role that is not there."""
    names = sorted(declared)
    near = nearest(role, names)
    return f"did you mean {near!r}?" if near else f"it has: {', '.join(names)}"


def roles_that_lead_nowhere(
    issuers: Iterable[IssuerSpec], declared: Collection[str]
) -> Iterator[Problem]:
    """Yield each role that trusted issuers' callers would get, or need, and the tenant has not."""
    for at, issuer in enumerate(issuers):
        place = ("trusted_issuers", at)
        who = f"trusted issuer {issuer.issuer[:80]!r}"
        for theirs, ours in issuer.role_map.items():
            if ours not in declared:
                text = f"{who}: role_map leads from {theirs[:80]!r} to {ours[:80]!r}, "
                yield _problem(text, (*place, "role_map"), ours, declared)
        for ours in issuer.requires_any_role:
            if ours not in declared:
                text = f"{who}: requires_any_role names {ours[:80]!r}, "
                yield _problem(text, (*place, "requires_any_role"), ours, declared)


def _problem(text: str, place: tuple[str | int, ...], role: str, names: Iterable[str]) -> Problem:
    hint = nearest_role(role, names)
    return Problem("TA024", f"{text}which is no role of the tenant", place, hint)
