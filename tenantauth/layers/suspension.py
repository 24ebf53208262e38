"""Suspension: a suspended tenant is served nothing but its published documents."""

from tenantauth.context import RequestContext
from tenantauth.reply import Refusal


class Suspension:
    """Stands behind CORS, so that the tenant's pages can read why they are refused."""

    name = "suspension"
    requires: frozenset[str] = frozenset()
    provides = frozenset({"standing"})
    refuses = ("tenant_suspended",)

    def admit(self, context: RequestContext) -> Refusal | None:
        """Refuse every request of a suspended tenant, but for keys and metadata."""
        if context.policy.suspended and not context.route.published:
            return Refusal("tenant_suspended")
        return None
