"""A budget for what strangers can cause: so much at once, and so much again in time."""

import threading

from tenantauth.ports import Clock


class Budget:
    """Allows ``burst`` at once and ``per_s`` a second after that, never more than ``burst``."""

    def __init__(self, clock: Clock, *, burst: int, per_s: float) -> None:
        self._clock = clock
        self._burst = float(burst)
        self._per_s = per_s
        self._lock = threading.Lock()
        self._left = self._burst
        self._counted_at = clock.monotonic()

    def take(self) -> bool:
        """Spend one; tell whether there was one to spend."""
        with self._lock:
            now = self._clock.monotonic()
            earned = (now - self._counted_at) * self._per_s
            self._left = min(self._burst, self._left + earned)
            self._counted_at = now
            if self._left < 1:
                return False
            self._left -= 1
            return True
