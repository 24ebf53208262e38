"""Change detection beside the requests: a thread that keeps a cached source fresh."""

import logging
import threading
import weakref
from typing import Protocol

from tenantauth.errors import RegistryUnavailableError

logger = logging.getLogger("tenantauth")


class Refreshable(Protocol):
    """Something that can look whether it is out of date."""

    def refresh(self) -> None:
        """Look once; raises `RegistryUnavailableError` when that cannot be done now."""
        ...


class Follower:
    """Refreshes every ``interval_s`` in a daemon thread, until stopped or the target is gone.

    Start it after a fork: threads do not survive one.
    """

    def __init__(self, target: Refreshable, interval_s: float) -> None:
        # Weak: an app that nobody uses any more must not be kept alive by its own thread.
        self._target = weakref.ref(target)
        self._interval_s = interval_s
        self._stop = threading.Event()
        self._reachable = True
        self._thread = threading.Thread(target=self._run, name="tenantauth-follower", daemon=True)

    def start(self) -> None:
        """Start to follow."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it, but not for a database that hangs."""
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stop.wait(self._interval_s) and self.step():
            pass

    def step(self) -> bool:
        """Refresh once; say only when the registry is lost and when it is back.

        Return whether there is still something to refresh.
        """
        target = self._target()
        if target is None:
            return False
        try:
            target.refresh()
        except RegistryUnavailableError:
            if self._reachable:
                logger.warning("the registry cannot be reached; what is known of it serves on")
            self._reachable = False
        else:
            if not self._reachable:
                logger.warning("the registry is back")
            self._reachable = True
        return True
