"""How often what has happened, counted by many threads."""

import threading
from collections import Counter
from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Tally(Generic[K]):
    """Counts by key; whoever counts sees to it that callers cannot add keys without end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[K] = Counter()

    def count(self, key: K) -> None:
        """Count one."""
        with self._lock:
            self._counts[key] += 1

    def counts(self) -> Mapping[K, int]:
        """Return a copy."""
        with self._lock:
            return dict(self._counts)
