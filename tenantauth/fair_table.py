"""A bounded table of many tenants' entries, in which no tenant can push out another's."""

from collections import OrderedDict, defaultdict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class FairTable(Generic[K, V]):
    """At most ``size`` entries; when full, the tenant with the most loses its oldest in use.

    Of several with as many, it is the one that has put nothing in for longest. Nothing is scanned:
    tenants are held by their number of entries, which changes by one at a time.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._count = 0
        self._entries: defaultdict[str, OrderedDict[K, V]] = defaultdict(OrderedDict)
        # Ordered: the first of a plain dict is slow to find behind others that were taken out.
        self._tenants_by_count: defaultdict[int, OrderedDict[str, None]] = defaultdict(OrderedDict)
        self._most = 0

    def get(self, tenant: str, key: K) -> V | None:
        """Return the entry, or ``None``; looking does not count as use."""
        entries = self._entries.get(tenant)
        return None if entries is None else entries.get(key)

    def put(self, tenant: str, key: K, value: V) -> None:
        """Keep this value, as the one used last."""
        is_new = key not in self._entries.get(tenant, ())
        if is_new and self._count >= self._size:
            self._forget_one()
        entries = self._entries[tenant]
        entries[key] = value
        entries.move_to_end(key)
        if is_new:
            self._count_changed(tenant, 1)
        else:
            self._tenants_by_count[len(entries)].move_to_end(tenant)

    def __len__(self) -> int:
        return self._count

    def _forget_one(self) -> None:
        tenant = next(iter(self._tenants_by_count[self._most]))
        self._entries[tenant].popitem(last=False)
        self._count_changed(tenant, -1)
        if not self._entries[tenant]:
            del self._entries[tenant]

    def _count_changed(self, tenant: str, by: int) -> None:
        self._count += by
        now = len(self._entries[tenant])
        before = now - by
        self._tenants_by_count[before].pop(tenant, None)
        if now:
            self._tenants_by_count[now][tenant] = None
        if not self._tenants_by_count[before]:
            del self._tenants_by_count[before]
        # Only a tenant with the most ever loses an entry, so the most falls by one at a time.
        if now > self._most or self._most not in self._tenants_by_count:
            self._most = now
