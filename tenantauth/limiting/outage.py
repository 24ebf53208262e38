"""What becomes of each limit while the shared counters cannot be reached."""

import logging
from collections.abc import Sequence

from tenantauth.errors import StateUnavailableError
from tenantauth.limiting.breaker import CircuitBreaker
from tenantauth.per_process import PerProcess
from tenantauth.ports import Charge, Clock, Decision, LimitStore, SystemClock

logger = logging.getLogger("tenantauth")

REST_S = 1.0


class OnOutage:
    """Asks a shared store, and does as each limit's ``on_outage`` says while that is away.

    ``local`` limits are counted in ``meanwhile``, which is this process's own; ``open`` ones are
    not counted, nor told; a ``closed`` one refuses. The store is tried again once a second.
    """

    def __init__(
        self, store: LimitStore, meanwhile: LimitStore, clock: Clock | None = None
    ) -> None:
        self._store = store
        self._meanwhile = meanwhile
        used_clock = SystemClock() if clock is None else clock
        self._breaker = PerProcess(lambda: CircuitBreaker(used_clock, REST_S))

    def decide(self, charges: Sequence[Charge]) -> Decision:
        """Charge every limit, or none when one of them is violated.

        Raises:
            StateUnavailableError: in an outage, when a limit is ``closed``.
        """
        breaker = self._breaker.get()
        if not breaker.may_try():
            return self._without(charges)
        try:
            decision = self._store.decide(charges)
        except StateUnavailableError as error:
            if breaker.failed():
                logger.warning("the state store cannot be reached: %s", error)
            return self._without(charges)
        if breaker.succeeded():
            logger.warning("the state store is back")
        return decision

    def _without(self, charges: Sequence[Charge]) -> Decision:
        closed = [c.limit.name for c in charges if c.limit.on_outage == "closed"]
        if closed:
            raise StateUnavailableError("closed without it: limit " + ", ".join(closed))
        return self._meanwhile.decide([c for c in charges if c.limit.on_outage == "local"])
