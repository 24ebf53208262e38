"""A circuit breaker: what has just failed is left alone for a while."""

import threading

from tenantauth.ports import Clock


class CircuitBreaker:
    """After a failure nothing is tried for ``rest_s`` seconds, then by one caller at a time."""

    def __init__(self, clock: Clock, rest_s: float) -> None:
        self._clock = clock
        self._rest_s = rest_s
        self._lock = threading.Lock()
        self._rests_until: float | None = None

    def may_try(self) -> bool:
        """Tell whether the caller may try now; when it may, others rest meanwhile."""
        with self._lock:
            if self._rests_until is None:
                return True
            now = self._clock.monotonic()
            if now < self._rests_until:
                return False
            self._rests_until = now + self._rest_s
            return True

    def failed(self) -> bool:
        """Note a failure; tell whether it is the first of an outage."""
        with self._lock:
            is_first = self._rests_until is None
            self._rests_until = self._clock.monotonic() + self._rest_s
            return is_first

    def succeeded(self) -> bool:
        """Note a success; tell whether it ends an outage."""
        with self._lock:
            ends_outage = self._rests_until is not None
            self._rests_until = None
            return ends_outage
