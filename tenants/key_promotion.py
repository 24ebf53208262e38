"""When a pending key may sign: at its time, or in an emergency after one staleness bound."""

from collections.abc import Callable
from datetime import datetime, timedelta

from tenants.core import Core
from tenants.errors import TooEarlyError
from tenants.key_rows import Snapshot


def wait_for_readers(
    core: Core, snapshot: Snapshot, *, now: bool, sleep: Callable[[float], None]
) -> float:
    """Return how many seconds live workers were given to hold the pending key; mostly none.

    With ``now`` only they are waited for, and not the readers of the JWKS outside.

    Raises:
        TooEarlyError: when the key was not published for long enough.
    """
    at, pending = core.now(), snapshot.chain.pending
    ready_at = snapshot.rules.may_promote_at(pending)
    if at >= ready_at:
        return 0.0
    if not now:
        raise TooEarlyError(
            f"the pending key of {snapshot.slug!r} may sign from {whole_second(ready_at)} on",
            ready_at,
        )
    wait_s = snapshot.rules.emergency_wait_s(pending, at)
    if wait_s:
        sleep(wait_s)
    return wait_s


def whole_second(at: datetime) -> str:
    """Write a time for people, rounded up: at the time told, it may."""
    whole = at + timedelta(microseconds=999_999)
    return whole.isoformat(timespec="seconds").replace("+00:00", "Z")
