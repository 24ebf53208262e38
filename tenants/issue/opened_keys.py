"""Signing keys kept open in memory: each is unsealed and imported once, not for every token."""

import threading
from collections.abc import Callable

from tenantauth.lru_table import LruTable
from tenants.issue.mint import SigningKey


class OpenedKeys:
    """The active keys of the tenants that signed last; safe to share between threads.

    One key a tenant: as soon as its successor is asked for, an old key leaves the memory too.
    """

    __slots__ = ("_keys", "_lock")

    def __init__(self, size: int = 1000) -> None:
        self._keys: LruTable[str, SigningKey] = LruTable(size)
        self._lock = threading.Lock()

    def get(self, tenant_id: str, kid: str, open_key: Callable[[], SigningKey]) -> SigningKey:
        """Return the tenant's key of this ``kid``, opening it when it is not at hand."""
        with self._lock:
            key = self._keys.get(tenant_id)
            if key is not None and key.kid == kid:
                return key
            self._keys.drop(tenant_id)
        # Opened outside the lock: two threads may both do it, but none waits for another's.
        opened = open_key()
        with self._lock:
            self._keys.put(tenant_id, opened)
        return opened

    def __repr__(self) -> str:
        return f"<OpenedKeys of {len(self._keys)} tenants>"
