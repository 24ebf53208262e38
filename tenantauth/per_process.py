"""Things that a process opens for itself: on first use, and again after a fork.

Connections, threads and locks must not be shared with a parent process, so nothing is opened at
import and everything is forgotten in a forked child.
"""

import os
import threading
import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

_all: "weakref.WeakSet[PerProcess[object]]" = weakref.WeakSet()


class PerProcess(Generic[T]):
    """Opens a value on first use in this process, once, whatever the number of threads."""

    def __init__(self, open_value: Callable[[], T]) -> None:
        self._open = open_value
        self._forget()
        _all.add(self)  # type: ignore[arg-type]  # a set of every kind; only forgetting is asked

    def get(self) -> T:
        """Return the value, opening it when this process has not yet."""
        if not self._values:
            with self._lock:
                if not self._values:
                    self._values.append(self._open())
        return self._values[0]

    @property
    def opened(self) -> T | None:
        """The value when this process has opened it, else ``None``."""
        return self._values[0] if self._values else None

    def _forget(self) -> None:
        # The lock may be held by a thread that the child does not have.
        self._lock = threading.Lock()
        self._values: list[T] = []


def _forget_all() -> None:
    for holder in list(_all):
        holder._forget()  # noqa: SLF001  # the fork handler is a part of the class


os.register_at_fork(after_in_child=_forget_all)
