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
        self._held: tuple[T] | None = None
        self._inherited: tuple[T] | None = None
        self._lock = threading.Lock()
        _all.add(self)  # type: ignore[arg-type]  # a set of every kind; only forgetting is asked

    def get(self) -> T:
        """Return the value, opening it when this process has not yet."""
        held = self._held
        if held is None:
            with self._lock:
                held = self._held = self._held or (self._open(),)
        return held[0]

    @property
    def opened(self) -> T | None:
        """The value when this process has opened it, else ``None``."""
        return None if self._held is None else self._held[0]

    def take(self) -> T | None:
        """Return the value and forget it, so that its owner can close it; ``get`` opens anew."""
        with self._lock:
            held, self._held = self._held, None
        return None if held is None else held[0]

    def _leave_to_parent(self) -> None:
        # Kept alive: a connection that is collected here would be closed under the parent. The
        # lock is new, as a thread that the child does not have may hold the old one.
        self._inherited, self._held = self._held, None
        self._lock = threading.Lock()


def _leave_all_to_parent() -> None:
    for holder in list(_all):
        holder._leave_to_parent()  # noqa: SLF001  # the fork handler is a part of the class


os.register_at_fork(after_in_child=_leave_all_to_parent)
