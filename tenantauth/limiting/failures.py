"""How often an owner has failed lately, in bounded memory of this worker.

A leaky bucket: each failure adds one, and the level falls by the rate. One number and one time per
owner, whatever the rate.
"""

import threading

from tenantauth.fair_table import FairTable
from tenantauth.per_process import PerProcess
from tenantauth.ports import Clock
from tenantauth.units import Rate

_Owner = tuple[str, ...]


class Failures:
    """Counts failures per owner, a tuple whose first part is the tenant's id.

    At most ``size`` owners are remembered. When they are too many, the tenant with the most loses
    the one unseen for longest, so a flood at one tenant makes no other tenant's failures forget.
    """

    def __init__(self, clock: Clock, size: int = 50_000) -> None:
        # A lock that another thread held while the process forked would never be free again.
        self._levels = PerProcess(lambda: _Levels(clock, size))

    def wait_s(self, owner: _Owner, rate: Rate) -> float:
        """Return the seconds until the owner may fail again; 0 when it may now."""
        excess = self._levels.get().now(owner, rate) - (rate.amount - 1)
        # Rounding must not turn a full bucket into one that is a hair from full.
        return 0.0 if excess <= 1e-9 else excess * rate.window_s / rate.amount

    def charge(self, owner: _Owner, rate: Rate) -> None:
        """Count one failure."""
        self._levels.get().add_one(owner, rate)

    def __len__(self) -> int:
        return len(self._levels.get())


class _Levels:
    def __init__(self, clock: Clock, size: int) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._table: FairTable[_Owner, tuple[float, float]] = FairTable(size)

    def now(self, owner: _Owner, rate: Rate) -> float:
        with self._lock:
            return self._level(owner, rate)

    def add_one(self, owner: _Owner, rate: Rate) -> None:
        with self._lock:
            level = self._level(owner, rate) + 1
            self._table.put(owner[0], owner, (level, self._clock.monotonic()))

    def __len__(self) -> int:
        return len(self._table)

    def _level(self, owner: _Owner, rate: Rate) -> float:
        level, at = self._table.get(owner[0], owner) or (0.0, 0.0)
        # Capped at full, also by a rate that was lowered since: an attacker's thousandth failure
        # does not lock out for an hour.
        full = min(level, rate.amount)
        return max(0.0, full - (self._clock.monotonic() - at) * rate.amount / rate.window_s)
