"""What fetching needs, once for all the addresses of a process."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from tenantauth.fair_budget import FairBudget
from tenantauth.fair_shares import FairShares
from tenantauth.outbound.fetch import Fetched
from tenantauth.ports import Clock
from tenantauth.tally import Tally


class DocumentSource(Protocol):
    """What fetches: `tenantauth.outbound.fetch.Fetcher`, or a fake."""

    def fetch(self, url: str) -> Fetched:
        """Return the document at a URL, in bounded time.

        Raises:
            FetchError: when it cannot be had.
        """
        ...


MAX_AT_ONCE = 32
# Fewer than the threads that `serve` gives a worker: the others serve requests that wait for no
# fetch.
MAX_WAITING = 6


@dataclass(frozen=True, slots=True)
class Means:
    """What all addresses of a process share; of each thing tenants have fair shares.

    ``begin`` runs a fetch beside the caller, or returns ``False`` when the machine cannot.
    ``jitter`` returns numbers from 0 to 1. ``slots`` are for fetches, ``places`` for the requests
    that wait for one, each with a thread of the worker.
    """

    source: DocumentSource
    begin: Callable[[Callable[[], None]], bool]
    clock: Clock
    refetches: FairBudget
    jitter: Callable[[], float]
    counters: Tally[str] = field(default_factory=Tally)
    slots: FairShares = field(default_factory=lambda: FairShares(MAX_AT_ONCE))
    places: FairShares = field(default_factory=lambda: FairShares(MAX_WAITING))
