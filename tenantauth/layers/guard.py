"""The guard: a look, before any crypto, at how often an address has failed at a tenant lately.

Failed authentications and unmatched paths are charged afterwards, so honest callers behind the
same address never pay in advance (charge and refund refuses them when they come at once).
"""

from tenantauth.context import RequestContext
from tenantauth.limiting.failures import Failures
from tenantauth.names import Names, each_name
from tenantauth.ports import Clock, SystemClock
from tenantauth.reply import HeaderList, Refusal, retry_after


class Guard:
    """Refuses credentials and unmatched paths of an address beyond the tenant's ``guard`` rate.

    ``credentials`` are the keys of the WSGI environ where callers put them, by default that of
    bearer tokens. A layer of your own that answers ``invalid_token`` is charged anyway; what it
    reads is held back when it is named here, as ``HTTP_X_API_KEY``.

    Requests without one to public routes pass: others may live behind the same address.
    Without an address (a UNIX socket) there is nobody to tell apart, and the guard stands aside.
    """

    name = "guard"
    requires: frozenset[str] = frozenset()
    provides: frozenset[str] = frozenset()
    refuses = ("rate_limited",)

    def __init__(
        self,
        clock: Clock | None = None,
        size: int = 50_000,
        *,
        credentials: Names = ("HTTP_AUTHORIZATION",),
    ) -> None:
        self.failures = Failures(SystemClock() if clock is None else clock, size)
        self._credentials = frozenset(each_name(credentials))

    def admit(self, context: RequestContext) -> Refusal | None:
        """Refuse when the address has failed too often."""
        if not context.request.address or not self._may_fail(context):
            return None
        wait_s = self.failures.wait_s(_owner(context), context.policy.guard)
        if not wait_s:
            return None
        return Refusal(
            "rate_limited",
            "guard",
            headers=(retry_after(wait_s),),
            members={"violated-policies": ["guard"]},
        )

    def finish(self, context: RequestContext, headers: HeaderList) -> None:
        """Charge a failed authentication or an unmatched path."""
        if context.request.address and _failed(context):
            self.failures.charge(_owner(context), context.policy.guard)

    def _may_fail(self, context: RequestContext) -> bool:
        return not context.route.known or (
            context.route.authentication != "ignored"
            and not self._credentials.isdisjoint(context.environ)
        )


def _owner(context: RequestContext) -> tuple[str, str]:
    return context.policy.tenant.id, context.request.address


def _failed(context: RequestContext) -> bool:
    if context.refusal is not None:
        # An expired token was ours once: its signature held, so nobody is guessing.
        return context.refusal.code == "invalid_token"
    return not context.route.known and not (
        context.is_preflight or (context.identity is not None and context.identity.is_authenticated)
    )
