"""Policies in memory: bounded, fresh within the staleness bound, last known good in an outage."""

import threading
from collections.abc import Hashable
from concurrent.futures import Future
from dataclasses import dataclass

from tenantauth.errors import RegistryUnavailableError, UnknownTenantError
from tenantauth.lru_table import LruTable
from tenantauth.policy import TenantPolicy
from tenantauth.ports import Clock, SystemClock, TenantKey, VersionedSource

# How long last known good policies serve; a key must have been published for longer than that.
HARD_END_S = 3600.0

# While the registry is down, so many seconds pass between two attempts to reach it.
_RETRY_S = 1.0


@dataclass(slots=True)
class _Entry:
    policy: TenantPolicy | None  # None: no tenant answers to the key.
    epoch: int
    confirmed_at: float


class CachedPolicySource:
    """A policy source that asks another one only after a change.

    An entry is good while the source's generation has not changed since it was read; the
    generation is read at least every ``staleness_s`` (by `Follower` beside the requests, else by
    the next request). When the source cannot be reached, entries serve until ``hard_end_s``
    after they were last known good. At most ``size`` known keys and as many unknown ones are kept.
    It belongs to one process: `tenantauth.live_source.LiveSource` opens one in each.
    """

    def __init__(
        self,
        source: VersionedSource,
        *,
        staleness_s: float = 2.0,
        hard_end_s: float = HARD_END_S,
        size: int = 10_000,
        clock: Clock | None = None,
    ) -> None:
        self._source = source
        self._staleness_s = staleness_s
        self._hard_end_s = hard_end_s
        self._clock = clock or SystemClock()
        self._known: LruTable[TenantKey, _Entry] = LruTable(size)
        self._unknown: LruTable[TenantKey, _Entry] = LruTable(size)
        self._loading: dict[TenantKey, Future[_Entry]] = {}
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()
        self._generation: Hashable = None
        self._epoch = 0
        self._confirmed_at = float("-inf")
        self._next_check_at = float("-inf")
        self._retry_at = float("-inf")

    def get(self, key: TenantKey) -> TenantPolicy:
        """Return the policy for the key, from memory where it is known to be fresh.

        Raises:
            UnknownTenantError: when no tenant answers to the key.
            RegistryUnavailableError: when that cannot be known now and nothing good is kept.
        """
        if self._clock.monotonic() >= self._next_check_at:
            self._refresh_quietly()
        entry = self._known.get(key) or self._unknown.get(key)
        if entry is None or not self._is_fresh(entry):
            entry = self._reload(key, entry)
        if entry.policy is None:
            raise UnknownTenantError(key.value)
        return entry.policy

    def refresh(self) -> None:
        """Read the generation; after a change, entries are read anew when next asked for.

        Meanwhile requests go on with what there is, however long the source takes to answer.

        Raises:
            RegistryUnavailableError: when the source cannot be reached.
        """
        with self._refreshing:
            self._refresh()

    @property
    def is_good(self) -> bool:
        """Whether what is kept may be served: the source was reached before the hard end."""
        return self._clock.monotonic() - self._confirmed_at <= self._hard_end_s

    def _refresh(self) -> None:
        asked_at = self._clock.monotonic()
        self._next_check_at = asked_at + self._staleness_s
        try:
            generation = self._source.generation()
        except RegistryUnavailableError:
            # Only an unreachable registry makes everybody wait; one tenant's unreadable rows, which
            # a load reports with the same error, must not.
            self._retry_at = self._clock.monotonic() + min(_RETRY_S, self._staleness_s)
            raise
        with self._lock:
            if generation != self._generation:
                self._generation = generation
                self._epoch += 1
            self._confirmed_at = asked_at
            self._retry_at = float("-inf")

    def _refresh_quietly(self) -> None:
        # One request asks; the others go on with what there is.
        if not self._refreshing.acquire(blocking=False):
            return
        try:
            self._refresh()
        except RegistryUnavailableError:
            self._next_check_at = self._retry_at
        finally:
            self._refreshing.release()

    def _is_fresh(self, entry: _Entry) -> bool:
        if entry.epoch != self._epoch:
            return False
        entry.confirmed_at = max(entry.confirmed_at, self._confirmed_at)
        return self._is_usable(entry)

    def _is_usable(self, entry: _Entry) -> bool:
        return self._clock.monotonic() - entry.confirmed_at <= self._hard_end_s

    def _reload(self, key: TenantKey, old: _Entry | None) -> _Entry:
        """Load an entry in one thread, however many ask for it; no lock is held meanwhile."""
        if self._clock.monotonic() < self._retry_at:
            return self._last_known_good(old)
        with self._lock:
            loading = self._loading.get(key)
            mine = loading is None
            if loading is None:
                loading = self._loading[key] = Future()
        try:
            if mine:
                self._load_into(loading, key)
            return loading.result()
        except RegistryUnavailableError:
            return self._last_known_good(old)

    def _last_known_good(self, old: _Entry | None) -> _Entry:
        if old is None or not self._is_usable(old):
            raise RegistryUnavailableError("the registry cannot be reached")
        return old

    def _load_into(self, loading: "Future[_Entry]", key: TenantKey) -> None:
        try:
            loading.set_result(self._load(key))
        except BaseException as error:  # noqa: BLE001  # waiting threads must hear of it, too
            loading.set_exception(error)
        finally:
            with self._lock:
                del self._loading[key]

    def _load(self, key: TenantKey) -> _Entry:
        # Epoch and time are read before the policy: a change meanwhile makes the entry stale.
        epoch, started_at = self._epoch, self._clock.monotonic()
        try:
            policy = self._source.get(key)
        except UnknownTenantError:
            policy = None
        entry = _Entry(policy, epoch, started_at)
        with self._lock:
            self._known.drop(key)
            self._unknown.drop(key)
            (self._unknown if policy is None else self._known).put(key, entry)
        return entry
