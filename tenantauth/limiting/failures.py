"""How often an owner has failed lately, in bounded memory of this worker.

A leaky bucket: each failure adds one, and the level falls by the rate. One number and one time per
owner, whatever the rate; the owner unseen for longest is forgotten first.
"""

import threading
from collections import OrderedDict

from tenantauth.ports import Clock
from tenantauth.units import Rate

_Owner = tuple[str, ...]


class Failures:
    """Counts failures per owner; at most ``size`` owners are remembered."""

    def __init__(self, clock: Clock, size: int = 50_000) -> None:
        self._clock = clock
        self._size = size
        self._lock = threading.Lock()
        self._levels: OrderedDict[_Owner, tuple[float, float]] = OrderedDict()

    def wait_s(self, owner: _Owner, rate: Rate) -> float:
        """Return the seconds until the owner may fail again; 0 when it may now."""
        with self._lock:
            level = self._level(owner, rate)
        excess = level - (rate.amount - 1)
        # Rounding must not turn a full bucket into one that is a hair from full.
        return 0.0 if excess <= 1e-9 else excess * rate.window_s / rate.amount

    def charge(self, owner: _Owner, rate: Rate) -> None:
        """Count one failure."""
        with self._lock:
            level = self._level(owner, rate) + 1
            self._levels[owner] = (level, self._clock.monotonic())
            self._levels.move_to_end(owner)
            if len(self._levels) > self._size:
                self._levels.popitem(last=False)

    def __len__(self) -> int:
        return len(self._levels)

    def _level(self, owner: _Owner, rate: Rate) -> float:
        level, at = self._levels.get(owner, (0.0, 0.0))
        # Capped at full, also by a rate that was lowered since: an attacker's thousandth failure
        # does not lock out for an hour.
        full = min(level, rate.amount)
        return max(0.0, full - (self._clock.monotonic() - at) * rate.amount / rate.window_s)
