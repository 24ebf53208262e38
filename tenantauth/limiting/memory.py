"""Counters in this process."""

import threading
from collections.abc import Sequence

from tenantauth.fair_table import FairTable
from tenantauth.limiting.window import Window
from tenantauth.per_process import PerProcess
from tenantauth.ports import Charge, Clock, Decision, Standing, SystemClock

_US = 1_000_000
_Key = tuple[tuple[str, ...], int]


class MemoryLimits:
    """Exact in one process, also between threads; each process counts for itself.

    At most ``size`` counters are kept. When they are too many, the tenant with the most loses the
    one unused for longest, so a flood at one tenant makes no other tenant's counters forget.
    """

    def __init__(self, clock: Clock | None = None, size: int = 50_000) -> None:
        used_clock = SystemClock() if clock is None else clock
        # A lock that another thread held while the process forked would never be free again.
        self._counters = PerProcess(lambda: _Counters(used_clock, size))

    def decide(self, charges: Sequence[Charge]) -> Decision:
        """Charge every limit, or none when one of them is violated."""
        return self._counters.get().decide(charges)


class _Counters:
    def __init__(self, clock: Clock, size: int) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: FairTable[_Key, Window] = FairTable(size)

    def decide(self, charges: Sequence[Charge]) -> Decision:
        with self._lock:
            # Rounded, not cut: a wait that was told and then slept is never a hair short.
            now_us = round(self._clock.monotonic() * _US)
            waits_us = [self._wait_us(charge, now_us) for charge in charges]
            if not any(waits_us):
                for charge in charges:
                    self._spend(charge, now_us)
            standings = [
                self._standing(charge, now_us, wait_us)
                for charge, wait_us in zip(charges, waits_us, strict=True)
            ]
        return Decision(tuple(standings))

    def _look(self, charge: Charge) -> Window:
        # What is only looked at leaves no trace: random callers behind a full limit grow nothing.
        return self._windows.get(charge.owner[0], _key(charge)) or Window()

    def _wait_us(self, charge: Charge, now_us: int) -> int:
        limit = charge.limit
        window_us = limit.rate.window_s * _US
        return self._look(charge).wait_us(now_us, window_us, limit.rate.amount, limit.cost)

    def _spend(self, charge: Charge, now_us: int) -> None:
        window = self._look(charge)
        window.spend(now_us, charge.limit.rate.window_s * _US, charge.limit.cost)
        self._windows.put(charge.owner[0], _key(charge), window)

    def _standing(self, charge: Charge, now_us: int, wait_us: int) -> Standing:
        rate, window = charge.limit.rate, self._look(charge)
        window_us = rate.window_s * _US
        return Standing(
            charge.limit,
            remaining=max(0, rate.amount - window.used(now_us, window_us)),
            reset_s=window.reset_us(now_us, window_us) / _US,
            retry_after_s=wait_us / _US,
        )


def _key(charge: Charge) -> _Key:
    # An app may tell several rates for one owner, and a short window forgets what a long one keeps.
    return charge.owner, charge.limit.rate.window_s
