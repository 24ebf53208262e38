"""Authorisation: what the route requires of the proven identity."""

from tenantauth.context import RequestContext
from tenantauth.reply import Refusal


class Authorize:
    """Asks each requirement of the route; the first that does not hold refuses."""

    name = "authorize"
    requires = frozenset({"identity"})
    provides = frozenset({"authorisation"})
    refuses = (
        "insufficient_role",
        "insufficient_permission",
        "insufficient_scope",
        "stale_authentication",
        "forbidden",
    )

    def admit(self, context: RequestContext) -> Refusal | None:
        """Refuse when a requirement does not hold."""
        if context.identity is None:
            return Refusal("forbidden", "no_identity")
        for requirement in context.route.requirements:
            if refusal := requirement(context.identity, context.request, context.environ):
                return refusal
        return None
