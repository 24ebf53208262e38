"""A budget for what strangers can cause: so much in any length of time, and fair to tenants."""

import threading
from collections import deque

from tenantauth.fair_shares import FairShares
from tenantauth.ports import Clock


class FairBudget:
    """Allows ``count`` in any ``window_s`` seconds; a tenant has its fair share of them."""

    def __init__(self, clock: Clock, *, count: int, window_s: float) -> None:
        self._clock = clock
        self._window_s = window_s
        self._shares = FairShares(count)
        self._spent: deque[tuple[float, str]] = deque()
        self._lock = threading.Lock()

    def take(self, tenant: str) -> bool:
        """Spend one; tell whether there was one for this tenant to spend."""
        with self._lock:
            now = self._clock.monotonic()
            while self._spent and now - self._spent[0][0] >= self._window_s:
                self._shares.give_back(self._spent.popleft()[1])
            allowed = self._shares.take(tenant)
            if allowed:
                self._spent.append((now, tenant))
            return allowed
