"""Rate limits: one all-or-nothing decision over every limit that applies to a request."""

from tenantauth.context import RequestContext
from tenantauth.identity import Identity
from tenantauth.limit import Limit
from tenantauth.limiting.headers import policy_header, standing_header
from tenantauth.ports import Charge, LimitStore
from tenantauth.reply import HeaderList, Refusal, retry_after

# An app's own limiter may write them too; two lines of one field would be read as one list.
_OWN_HEADERS = frozenset({"ratelimit", "ratelimit-policy"})


class RateLimit:
    """Charges the tenant's limits and the route's own; a refused request has spent nothing."""

    name = "rate_limit"
    requires = frozenset({"identity"})
    provides = frozenset({"decision"})

    def __init__(self, store: LimitStore) -> None:
        self.store = store

    def admit(self, context: RequestContext) -> Refusal | None:
        """Charge all limits or refuse."""
        charges = _charges(context)
        if not charges:
            return None
        context.decision = self.store.decide(charges)
        if context.decision.allowed:
            return None
        violated = [s.limit.name for s in context.decision.standings if s.violated]
        return Refusal(
            "rate_limited",
            "limit " + ", ".join(violated),
            headers=(retry_after(context.decision.retry_after_s),),
            members={"violated-policies": violated},
        )

    def finish(self, context: RequestContext, headers: HeaderList) -> None:
        """Tell the caller how its limits stand."""
        if context.decision is not None:
            headers[:] = [header for header in headers if header[0].lower() not in _OWN_HEADERS]
            standings = context.decision.standings
            headers.append(("RateLimit-Policy", policy_header(standings)))
            headers.append(("RateLimit", standing_header(standings)))


def _charges(context: RequestContext) -> list[Charge]:
    route, request = context.route, context.request
    if route.published:
        return []
    limits: list[tuple[str, Limit]] = []
    if not route.limit_exempt:
        limits += [("tenant", limit) for limit in context.policy.limits]
    limits += [(mark.scope, mark.limit) for mark in route.limits]
    return [
        Charge(limit, (context.policy.tenant.id, scope, limit.name, *_caller(limit, context)))
        for scope, limit in limits
        # A shadow limit is a candidate: it never refuses, and this version does not count it.
        if limit.mode == "enforce" and limit.applies_to(request.method, request.path)
    ]


def _caller(limit: Limit, context: RequestContext) -> tuple[str, ...]:
    if limit.by == "tenant":
        return ()
    identity = context.identity
    proven = None if limit.by == "address" or identity is None else _proven(limit, identity)
    # Without a proven caller the address is counted, under a name no subject can have.
    return (limit.by, proven) if proven else ("address", context.request.address)


def _proven(limit: Limit, identity: Identity) -> str | None:
    return identity.subject if limit.by == "subject" else identity.client_id
