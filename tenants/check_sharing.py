"""What tenants share and should not: keys, and tokens that more than one of them takes."""

from collections.abc import Iterator

from tenants.finding import Finding
from tenants.registry import Registry
from tenants.shared_keys import shared_keys
from tenants.shared_tokens import Trusts, as_problem


def check_shared_keys(registry: Registry) -> Iterator[Finding]:
    """Find keys that several tenants sign or verify with."""
    with registry.begin() as session:
        shared = [*shared_keys(session)]
    for (slug, kid), *others in shared:
        text = f"the same key is that of: {', '.join(other for other, _ in others)}"
        hint = "rotate it at all but one: who steals it signs for them all"
        yield Finding("TA405", "warning", f"tenant {slug}, key {kid}", text, hint)


def check_shared_tokens(trusts: Trusts) -> Iterator[Finding]:
    """Find tenants that would take the same token: stored before that was refused, or by hand."""
    for trust, other in trusts.meetings():
        problem = as_problem(trust, other)
        place = f"tenant {trust.slug}, issuer {trust.spec.issuer}"
        yield Finding(problem.id, "error", place, problem.text, problem.hint)
