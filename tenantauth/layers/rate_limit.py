"""Rate limits: one all-or-nothing decision over every limit that applies to a request."""

import logging
from collections.abc import Collection

from tenantauth.context import RequestContext
from tenantauth.errors import LimitError, StateUnavailableError
from tenantauth.grant_limit import GrantLimit
from tenantauth.identity import Grant, Identity
from tenantauth.limit import Limit
from tenantauth.limiting.headers import policy_header, standing_header
from tenantauth.ports import Charge, LimitStore
from tenantauth.reply import HeaderList, Refusal, retry_after

logger = logging.getLogger("tenantauth")

# An app's own limiter may write them too; two lines of one field would be read as one list.
_OWN_HEADERS = frozenset({"ratelimit", "ratelimit-policy"})
_AGAIN_S = 1.0


class RateLimit:
    """Charges the tenant's limits and the route's own; a refused request has spent nothing.

    ``defaults`` are the limits of tenants without any of their own.
    """

    name = "rate_limit"
    requires = frozenset({"identity"})
    provides = frozenset({"decision"})
    refuses = ("rate_limited", "state_unavailable")

    def __init__(self, store: LimitStore, *, defaults: Collection[Limit] = ()) -> None:
        self.store = store
        self._defaults = tuple(defaults)

    def admit(self, context: RequestContext) -> Refusal | None:
        """Charge all limits or refuse."""
        try:
            charges = _charges(context, self._defaults)
        except LimitError as error:
            logger.error("%s", error)  # No trace: it would end here, not in the app.
            return Refusal("internal_error", str(error))
        if not charges:
            return None
        try:
            context.decision = self.store.decide(charges)
        except StateUnavailableError as error:
            return Refusal("state_unavailable", str(error), headers=(retry_after(_AGAIN_S),))
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
        if context.decision is not None and context.decision.standings:
            headers[:] = [header for header in headers if header[0].lower() not in _OWN_HEADERS]
            standings = context.decision.standings
            headers.append(("RateLimit-Policy", policy_header(standings)))
            headers.append(("RateLimit", standing_header(standings)))


def _charges(context: RequestContext, defaults: tuple[Limit, ...]) -> list[Charge]:
    route, request = context.route, context.request
    if route.published:
        return []
    declared: list[tuple[str, Limit | GrantLimit]] = []
    if not route.limit_exempt:
        declared += [("tenant", limit) for limit in context.policy.limits or defaults]
    declared += [(mark.scope, mark.limit) for mark in route.limits]
    charges = [_charge(scope, limit, context) for scope, limit in declared]
    return [
        charge
        for charge in charges
        # A shadow limit is a candidate: it never refuses, and this version does not count it.
        if charge.limit.mode == "enforce" and charge.limit.applies_to(request.method, request.path)
    ]


def _charge(scope: str, declared: Limit | GrantLimit, context: RequestContext) -> Charge:
    limit, named = (
        _asked(declared, context) if isinstance(declared, GrantLimit) else (declared, None)
    )
    caller = _caller(limit, context) if named is None else named
    return Charge(limit, (context.policy.tenant.id, scope, limit.name, *caller))


def _asked(limit: GrantLimit, context: RequestContext) -> tuple[Limit, tuple[str, ...] | None]:
    """Ask the app for what it tells of the limit: the rate, the owner or both."""
    policy = context.policy
    grant = Grant(policy.tenant, context.identity or policy.anonymous)
    owner = limit.owner_for(grant)
    if owner is None:
        return limit.limit_for(grant), None
    # No subject, client or address is counted under this name.
    return limit.limit_for(grant), ("owner", owner) if owner else _address(context)


def _caller(limit: Limit, context: RequestContext) -> tuple[str, ...]:
    if limit.by == "tenant":
        return ()
    identity = context.identity
    proven = None if limit.by == "address" or identity is None else _proven(limit, identity)
    # Without a proven caller the address is counted, under a name no subject can have.
    return (limit.by, proven) if proven else _address(context)


def _address(context: RequestContext) -> tuple[str, ...]:
    return ("address", context.request.address)


def _proven(limit: Limit, identity: Identity) -> str | None:
    return identity.subject if limit.by == "subject" else identity.client_id
