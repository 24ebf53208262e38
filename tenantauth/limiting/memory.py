"""Counters in this process, on the moving window of the limits library."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from urllib.parse import quote

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from tenantauth.per_process import PerProcess
from tenantauth.ports import Charge, Decision, Standing


class MemoryLimits:
    """Exact in one process, also between threads; each process counts for itself.

    At most ``size`` counters are kept; the one unused for longest is forgotten first. The
    library's storage reads the machine's clock and starts a timer thread, so each process opens
    its own on the first decision.
    """

    def __init__(self, size: int = 50_000) -> None:
        self._counters = PerProcess(lambda: _Counters(size))

    def decide(self, charges: Sequence[Charge]) -> Decision:
        """Charge every limit, or none when one of them is violated."""
        return self._counters.get().decide(charges)


class _Counters:
    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._storage = MemoryStorage()
        self._window = MovingWindowRateLimiter(self._storage)
        self._used: OrderedDict[str, None] = OrderedDict()

    def decide(self, charges: Sequence[Charge]) -> Decision:
        with self._lock:
            passed = self._ask(self._window.test, charges)
            if all(passed):
                # An entry exactly one window old is free to `test` and still held to `hit`: then
                # the answer is no, for the limits hold at any price.
                passed = self._ask(self._window.hit, charges)
                self._keep_or_take_back(charges, passed)
            return Decision(tuple(map(self._standing, charges, passed)))

    def _keep_or_take_back(self, charges: Sequence[Charge], passed: Sequence[bool]) -> None:
        for charge, hit in zip(charges, passed, strict=True):
            name = _item(charge).key_for(_key(charge))
            self._used[name] = None
            self._used.move_to_end(name)
            if hit and not all(passed):
                # The storage's own lock keeps its timer thread away.
                with self._storage.locks[name]:
                    del self._storage.events[name][: charge.limit.cost]
        # The storage itself never forgets a name, and callers make names (addresses, subjects).
        while len(self._used) > self._size:
            name, _ = self._used.popitem(last=False)
            with self._storage.locks[name]:
                self._storage.clear(name)

    @staticmethod
    def _ask(question: Callable[..., bool], charges: Sequence[Charge]) -> list[bool]:
        return [question(_item(c), _key(c), cost=c.limit.cost) for c in charges]

    def _standing(self, charge: Charge, passed: bool) -> Standing:
        stats = self._window.get_window_stats(_item(charge), _key(charge))
        reset_s = max(0.0, stats.reset_time - time.time())
        return Standing(
            charge.limit,
            remaining=max(0, stats.remaining),
            reset_s=reset_s,
            # A cost of several units may have to wait longer; the next refusal says so.
            retry_after_s=0.0 if passed else max(reset_s, 0.001),
        )


def _item(charge: Charge) -> RateLimitItem:
    return RateLimitItemPerSecond(charge.limit.rate.amount, charge.limit.rate.window_s)


def _key(charge: Charge) -> str:
    # The library joins parts with an unescaped slash: ("a/b", "c") and ("a", "b/c") would meet.
    return "".join(quote(part, safe="", errors="surrogatepass") + ":" for part in charge.owner)
