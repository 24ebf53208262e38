"""A bounded number of things for all tenants, of which no tenant can take the last ones."""

import threading
from collections import Counter


class FairShares:
    """Hands out up to ``count``; a tenant gets another while it holds fewer than are left.

    So one tenant alone holds half at most, two together three quarters, and the first one of any
    other is refused only when nothing is left at all. No share is set aside for who does not ask
    (the dynamic thresholds of Choudhury and Hahne, IEEE/ACM Transactions on Networking 6:2, 1998).
    """

    def __init__(self, count: int) -> None:
        self._left = count
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, tenant: str) -> bool:
        """Take one; tell whether this tenant might."""
        with self._lock:
            if self._held[tenant] >= self._left:
                return False
            self._held[tenant] += 1
            self._left -= 1
            return True

    def give_back(self, tenant: str) -> None:
        """Give back one that this tenant has taken."""
        with self._lock:
            self._left += 1
            self._held[tenant] -= 1
            if not self._held[tenant]:
                del self._held[tenant]
