"""The keys at one address: fetched beside the requests, one fetch at a time, kept in an outage."""

import logging
import threading
from urllib.parse import urlsplit

from tenantauth.errors import FetchError, IssuerUnavailableError, RefusedAddressError
from tenantauth.keyring import VerificationKey
from tenantauth.tokens.fetch_means import Means
from tenantauth.tokens.key_set import KeySet

logger = logging.getLogger("tenantauth")

# An unknown kid, which anybody can make up, causes a fetch only so long after the last one.
COOL_DOWN_S = 60.0
# A request waits for a fetch until the fetch is so old, and not at all for one that is older.
PATIENCE_S = 2.0
_MAX_REST_S = 300.0


class _Attempt:
    __slots__ = ("begun_at", "done")

    def __init__(self, begun_at: float) -> None:
        self.begun_at = begun_at
        self.done = threading.Event()


class PublishedKeys:
    """The keys at one URL of a policy; ``used_at`` is when they were last asked for.

    While they are fresh nothing waits. Once they are not, requests wait for one fetch, and after
    it has failed they go on with the last good keys, whose end `KeySet` sets.
    """

    def __init__(self, url: str, means: Means) -> None:
        self._url = url
        self._host = urlsplit(url).netloc
        self._means = means
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._attempt: _Attempt | None = None
        self._failures = 0
        self._failed_at = float("-inf")
        self._rests_until = float("-inf")
        self._refetch_at = float("-inf")
        self._reason = "no fetch has ended yet"
        self._refused: list[str] = []
        self.used_at = float("-inf")

    @property
    def age_s(self) -> float | None:
        """How long ago the keys were fetched, or ``None`` when there are none."""
        keys = self._keys
        return None if keys is None else self._means.clock.monotonic() - keys.fetched_at

    def find(self, untrusted_kid: str, algorithms: frozenset[str]) -> VerificationKey | None:
        """Return the key of this name for one of these algorithms.

        Raises:
            IssuerUnavailableError: when there are no keys now, or when the name is not among
                those at hand and newer ones cannot be fetched.
        """
        now = self.used_at = self._means.clock.monotonic()
        keys = self._usable(now)
        key = keys.ring(algorithms).get(untrusted_kid)
        if key is None:
            is_over = self._wait_for(self._fetch_again(now, for_unknown_kid=True))
            keys = self._keys or keys
            key = keys.ring(algorithms).get(untrusted_kid)
            if key is None and not is_over:
                raise self._unavailable()
        if key is None and (self._failures or now >= keys.expires_at):
            raise self._unavailable()
        return key

    def _usable(self, now: float) -> KeySet:
        keys = self._keys
        if keys is None or now >= keys.refresh_at:
            attempt = self._fetch_again(now)
            if keys is None or now >= keys.ends_at or self._failed_at < keys.expires_at <= now:
                self._wait_for(attempt)
                keys = self._keys
        if keys is None or now >= keys.ends_at:
            raise self._unavailable()
        return keys

    def _fetch_again(self, now: float, *, for_unknown_kid: bool = False) -> _Attempt | None:
        """Return the fetch under way, or begin one where that is allowed."""
        with self._lock:
            if self._attempt is not None:
                return self._attempt
            if now < self._rests_until or (for_unknown_kid and not self._may_refetch(now)):
                return None
            self._attempt = attempt = _Attempt(now)
            self._refetch_at = now + COOL_DOWN_S
        if not self._means.begin(lambda: self._fetch(attempt)):
            self._end(attempt)
        return attempt

    def _may_refetch(self, now: float) -> bool:
        allowed = now >= self._refetch_at and self._means.refetches.take()
        self._means.counters.count("unknown_kid_refetches" if allowed else "unknown_kid_refusals")
        return allowed

    def _wait_for(self, attempt: _Attempt | None) -> bool:
        """Wait where there is a place to, and tell whether no fetch is under way any more."""
        if attempt is None or attempt.done.is_set():
            return True
        if not self._means.places.acquire(blocking=False):
            return False
        try:
            begun_s = self._means.clock.monotonic() - attempt.begun_at
            return attempt.done.wait(max(0.0, PATIENCE_S - begun_s))
        finally:
            self._means.places.release()

    def _fetch(self, attempt: _Attempt) -> None:
        self._means.counters.count("fetches")
        try:
            fetched = self._means.source.fetch(self._url)
            keys = KeySet(fetched, fetched_at=attempt.begun_at, jitter=self._means.jitter())
        except FetchError as error:
            self._note_failure(error)
        except Exception as error:
            # A bug of ours, in a thread that nobody waits on for ever: to requests an outage.
            logger.exception("fetching the keys at %s failed", self._host)
            self._note_failure(FetchError(type(error).__name__))
        else:
            self._note_success(keys)
        finally:
            self._end(attempt)

    def _end(self, attempt: _Attempt) -> None:
        with self._lock:
            self._attempt = None
        attempt.done.set()

    def _note_failure(self, error: FetchError) -> None:
        means = self._means
        means.counters.count("failures")
        if isinstance(error, RefusedAddressError):
            means.counters.count("refused_addresses")
        if not self._failures:
            logger.warning("the keys at %s cannot be fetched: %s", self._host, error)
        self._reason = str(error)
        self._failed_at = means.clock.monotonic()
        rest_s = min(_MAX_REST_S, 2.0**self._failures)
        self._failures = min(self._failures + 1, 30)
        self._rests_until = self._failed_at + rest_s * (0.5 + 0.5 * means.jitter())

    def _note_success(self, keys: KeySet) -> None:
        if self._failures:
            logger.warning("the keys at %s can be fetched again", self._host)
        reasons = sorted({refused.reason for refused in keys.refused})
        if reasons and reasons != self._refused:
            logger.warning("keys at %s are not used: %s", self._host, "; ".join(reasons))
        self._refused = reasons
        self._failures = 0
        self._rests_until = float("-inf")
        self._keys = keys

    def _unavailable(self) -> IssuerUnavailableError:
        left_s = self._rests_until - self._means.clock.monotonic()
        return IssuerUnavailableError(
            f"the keys at {self._host} cannot be fetched: {self._reason}", max(1.0, left_s)
        )
