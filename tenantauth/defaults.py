"""The layers that most stacks want, in the order in which they work."""

from collections.abc import Collection

from tenantauth.layer import Layer
from tenantauth.layers.authenticate import Authenticate
from tenantauth.layers.authorize import Authorize
from tenantauth.layers.cors import Cors
from tenantauth.layers.guard import Guard
from tenantauth.layers.rate_limit import RateLimit
from tenantauth.layers.suspension import Suspension
from tenantauth.limit import Limit
from tenantauth.limiting.memory import MemoryLimits
from tenantauth.policy import CorsRule
from tenantauth.ports import Clock, KeySource, LimitStore, SystemClock
from tenantauth.tokens.verified_cache import DEFAULT_SIZE


def default_layers(
    *,
    store: LimitStore | None = None,
    clock: Clock | None = None,
    allow_http: bool = False,
    key_source: KeySource | None = None,
    remembered_tokens: int = DEFAULT_SIZE,
    limits: Collection[Limit] = (),
    cors: Collection[CorsRule] = (),
) -> tuple[Layer, ...]:
    """Return the default layers; ``store`` counts requests, in this process by default.

    ``key_source`` has the keys that trusted issuers publish; ``remembered_tokens`` is how many
    verified tokens are remembered, 0 for none. ``limits`` and ``cors`` are for
    tenants without any of their own.
    """
    return (
        Cors(defaults=cors),
        Suspension(),
        Guard(SystemClock() if clock is None else clock),
        Authenticate(allow_http=allow_http, key_source=key_source, remembered=remembered_tokens),
        RateLimit(MemoryLimits(clock) if store is None else store, defaults=limits),
        Authorize(),
    )
