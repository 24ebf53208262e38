"""What fetching needs, once for all the addresses of a process."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

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


# Half of the threads that `serve` gives a worker: the others are for who waits for nobody.
MAX_WAITING = 4


@dataclass(frozen=True, slots=True)
class Means:
    """What all addresses of a process share.

    ``begin`` runs a fetch beside the caller, or returns ``False`` when too many are under way.
    ``jitter`` returns numbers from 0 to 1. ``places`` are for the requests that wait for a fetch,
    each with a thread of the worker: slow issuers together must leave some to other tenants.
    """

    source: DocumentSource
    begin: Callable[[Callable[[], None]], bool]
    clock: Clock
    refetches: Budget
    jitter: Callable[[], float]
    counters: FetchCounters = field(default_factory=FetchCounters)
    places: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(MAX_WAITING)
    )
