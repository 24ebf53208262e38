"""A limit store for tests: exact, in memory, by a clock that the test moves."""

from collections import defaultdict
from collections.abc import Sequence

from tenantauth.ports import Charge, Clock, Decision, Standing


class FakeLimitStore:
    """Remembers each unit of cost with its time; for one thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._spent_at: defaultdict[tuple[tuple[str, ...], int], list[float]]
        self._spent_at = defaultdict(list)

    def decide(self, charges: Sequence[Charge]) -> Decision:
        """Charge every limit, or none when one of them is violated."""
        now_s = self._clock.monotonic()
        waits = [self._wait_s(charge, now_s) for charge in charges]
        if not any(waits):
            for charge in charges:
                self._spent_at[_counter(charge)] += [now_s] * charge.limit.cost
        return Decision(
            tuple(
                self._standing(charge, wait_s, now_s)
                for charge, wait_s in zip(charges, waits, strict=True)
            )
        )

    def _wait_s(self, charge: Charge, now_s: float) -> float:
        rate, kept = charge.limit.rate, self._kept(charge, now_s)
        excess = len(kept) + charge.limit.cost - rate.amount
        return kept[excess - 1] + rate.window_s - now_s if excess > 0 else 0.0

    def _standing(self, charge: Charge, wait_s: float, now_s: float) -> Standing:
        rate, kept = charge.limit.rate, self._kept(charge, now_s)
        return Standing(
            charge.limit,
            remaining=max(0, rate.amount - len(kept)),
            reset_s=kept[0] + rate.window_s - now_s if kept else 0.0,
            retry_after_s=wait_s,
        )

    def _kept(self, charge: Charge, now_s: float) -> list[float]:
        spent_at = self._spent_at[_counter(charge)]
        spent_at[:] = [at_s for at_s in spent_at if at_s + charge.limit.rate.window_s > now_s]
        return spent_at


def _counter(charge: Charge) -> tuple[tuple[str, ...], int]:
    # One owner may have several rates, and a short window must not forget for a long one.
    return charge.owner, charge.limit.rate.window_s
