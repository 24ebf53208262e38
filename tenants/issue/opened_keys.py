"""Signing keys kept open in memory: each is unsealed and imported once, not for every token."""

import threading
from collections.abc import Callable

from tenants.issue.mint import SigningKey


class OpenedKeys:
    """The active keys of the tenants that signed last; safe to share between threads.

    One key a tenant: as soon as its successor is asked for, an old key leaves the memory too.
    """

    __slots__ = ("_keys", "_lock", "_size")

    def __init__(self, size: int = 1000) -> None:
        self._size = size
        self._keys: dict[str, SigningKey] = {}
        self._lock = threading.Lock()

    def get(self, tenant_id: str, kid: str, open_key: Callable[[], SigningKey]) -> SigningKey:
        """Return the tenant's key of this ``kid``, opening it when it is not at hand."""
        with self._lock:
            key = self._keys.pop(tenant_id, None)
            if key is not None and key.kid == kid:
                self._keys[tenant_id] = key  # Now the last to leave.
                return key
        # Opened outside the lock: two threads may both do it, but none waits for another's.
        opened = open_key()
        with self._lock:
            self._keys[tenant_id] = opened
            while len(self._keys) > self._size:
                del self._keys[next(iter(self._keys))]
        return opened

    def __repr__(self) -> str:
        return f"<OpenedKeys of {len(self._keys)} tenants>"
