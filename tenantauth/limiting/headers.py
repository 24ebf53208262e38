"""The ``RateLimit`` header fields of draft-ietf-httpapi-ratelimit-headers-10.

Structured fields (RFC 9651): a list of strings with parameters. ``q`` is the quota, ``w`` its
window in seconds, ``r`` what is left and ``t`` the seconds until some of it comes back.
"""

import math
from collections.abc import Sequence

from tenantauth.ports import Standing


def policy_header(standings: Sequence[Standing]) -> str:
    """Write the quotas that applied, as ``"user";q=100;w=60``."""
    return ", ".join(
        f'"{s.limit.name}";q={s.limit.rate.amount};w={s.limit.rate.window_s}' for s in standings
    )


def standing_header(standings: Sequence[Standing]) -> str:
    """Write what is left of them, as ``"user";r=99;t=60``."""
    return ", ".join(
        f'"{s.limit.name}";r={s.remaining};t={math.ceil(max(0.0, s.reset_s))}' for s in standings
    )
