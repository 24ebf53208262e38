"""What fetching needs, once for all the addresses of a process."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tenantauth.fair_shares import FairShares
from tenantauth.outbound.budget import Budget
from tenantauth.outbound.fetch import Fetched
from tenantauth.ports import Clock


class DocumentSource(Protocol):
    """What fetches: `tenantauth.outbound.fetch.Fetcher`, or a fake."""

    def fetch(self, url: str) -> Fetched:
        """Return the document at a URL, in bounded time.

        Raises:
            FetchError: when it cannot be had.
        """
        ...


class FetchCounters:
    """What a process has fetched, by name; callers cannot add a name."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def count(self, name: str) -> None:
        """Count one."""
        with self._lock:
            self._counts[name] += 1

    def counts(self) -> Mapping[str, int]:
        """Return a copy."""
        with self._lock:
            return dict(self._counts)


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
    refetches: Budget
    jitter: Callable[[], float]
    counters: FetchCounters = field(default_factory=FetchCounters)
    slots: FairShares = field(default_factory=lambda: FairShares(MAX_AT_ONCE))
    places: FairShares = field(default_factory=lambda: FairShares(MAX_WAITING))
