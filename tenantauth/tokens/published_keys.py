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
    """A fetch out of the share of one tenant; refused when it is due and could not begin."""

    __slots__ = ("begun_at", "done", "is_refused", "tenant")

    def __init__(self, tenant: str, begun_at: float) -> None:
        self.tenant = tenant
        self.begun_at = begun_at
        self.done = threading.Event()
        self.is_refused = False


def _refused() -> _Attempt:
    attempt = _Attempt("", float("-inf"))
    attempt.is_refused = True
    attempt.done.set()
    return attempt


_REFUSED = _refused()


class PublishedKeys:
    """The keys at one URL of a policy, for all tenants that name it.

    While they are fresh nothing waits. Once they are not, requests wait for one fetch, and after
    it has failed they go on with the last good keys, whose end `KeySet` sets. Where no fetch may
    begin they do not: a flood at other addresses keeps no withdrawn key alive.
    """

    def __init__(self, url: str, means: Means, *, brought_by: str) -> None:
        self.brought_by = brought_by
        self._url = url
        parts = urlsplit(url)
        # Many issuers have one host; a query may hold what is nobody's business in a log.
        self._place = f"{parts.netloc}{parts.path}"
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

    @property
    def age_s(self) -> float | None:
        """How long ago the keys were fetched, or ``None`` when there are none."""
        keys = self._keys
        return None if keys is None else self._means.clock.monotonic() - keys.fetched_at

    def find(
        self, tenant: str, untrusted_kid: str, algorithms: frozenset[str]
    ) -> VerificationKey | None:
        """Return the key of this name for one of these algorithms.

        Raises:
            IssuerUnavailableError: when there are no keys now, or when the name is not among
                those at hand and newer ones cannot be fetched.
        """
        now = self._means.clock.monotonic()
        keys = self._usable(tenant, now)
        key = keys.ring(algorithms).get(untrusted_kid)
        if key is None:
            attempt = self._fetch_again(tenant, now, for_unknown_kid=True)
            settled = self._wait_for(tenant, attempt)
            key = (self._keys or keys).ring(algorithms).get(untrusted_kid)
            if key is None and (self._failures or not settled):
                raise self._unavailable()
        return key

    def _usable(self, tenant: str, now: float) -> KeySet:
        keys = self._keys
        if keys is None or now >= keys.refresh_at:
            attempt = self._fetch_again(tenant, now)
            # An outage since then has been waited for already.
            outdated = keys is not None and self._failed_at < keys.expires_at <= now
            if keys is None or outdated or now >= keys.ends_at:
                self._wait_for(tenant, attempt)
                keys = None if attempt is not None and attempt.is_refused else self._keys
        if keys is None or now >= keys.ends_at:
            raise self._unavailable()
        return keys

    def _fetch_again(
        self, tenant: str, now: float, *, for_unknown_kid: bool = False
    ) -> _Attempt | None:
        """Return the fetch under way, or begin one; ``None`` where none is due."""
        with self._lock:
            if self._attempt is not None:
                return self._attempt
            if now < self._rests_until:
                return None
            if for_unknown_kid and not self._may_refetch(tenant, now):
                return None if now < self._refetch_at else _REFUSED
            if not self._means.slots.take(tenant):
                return _REFUSED
            self._attempt = attempt = _Attempt(tenant, now)
        begun = False
        try:
            begun = self._means.begin(lambda: self._fetch(attempt))
        finally:
            if not begun:
                attempt.is_refused = True
                self._end(attempt)
        return attempt

    def _may_refetch(self, tenant: str, now: float) -> bool:
        allowed = now >= self._refetch_at and self._means.refetches.take(tenant)
        self._means.counters.count("unknown_kid_refetches" if allowed else "unknown_kid_refusals")
        return allowed

    def _wait_for(self, tenant: str, attempt: _Attempt | None) -> bool:
        """Wait where there is a place to; tell whether no newer keys are due or on their way."""
        if attempt is None:
            return True
        if not attempt.done.is_set():
            if not self._means.places.take(tenant):
                return False
            try:
                begun_s = self._means.clock.monotonic() - attempt.begun_at
                attempt.done.wait(max(0.0, PATIENCE_S - begun_s))
            finally:
                self._means.places.give_back(tenant)
        return attempt.done.is_set() and not attempt.is_refused

    def _fetch(self, attempt: _Attempt) -> None:
        self._means.counters.count("fetches")
        self._refetch_at = attempt.begun_at + COOL_DOWN_S
        try:
            fetched = self._means.source.fetch(self._url)
            keys = KeySet(fetched, fetched_at=attempt.begun_at, jitter=self._means.jitter())
        except FetchError as error:
            self._note_failure(error)
        except Exception as error:
            # A bug of ours, in a thread that nobody waits on for ever: to requests an outage.
            logger.exception("fetching the keys at %s failed", self._place)
            self._note_failure(FetchError(type(error).__name__))
        else:
            self._note_success(keys)
        finally:
            self._end(attempt)

    def _end(self, attempt: _Attempt) -> None:
        with self._lock:
            self._attempt = None
        self._means.slots.give_back(attempt.tenant)
        attempt.done.set()

    def _note_failure(self, error: FetchError) -> None:
        means = self._means
        means.counters.count("failures")
        if isinstance(error, RefusedAddressError):
            means.counters.count("refused_addresses")
        if not self._failures:
            logger.warning("the keys at %s cannot be fetched: %s", self._place, error)
        self._reason = str(error)
        self._failed_at = means.clock.monotonic()
        rest_s = min(_MAX_REST_S, 2.0**self._failures)
        self._failures = min(self._failures + 1, 30)
        self._rests_until = self._failed_at + rest_s * (0.5 + 0.5 * means.jitter())

    def _note_success(self, keys: KeySet) -> None:
        if self._failures:
            logger.warning("the keys at %s can be fetched again", self._place)
        reasons = sorted({f"{each.kid or 'one'}: {each.reason}" for each in keys.refused})
        if reasons and reasons != self._refused:
            logger.warning("keys at %s are not used: %s", self._place, "; ".join(reasons))
        self._refused = reasons
        self._failures = 0
        self._keys = keys

    def _unavailable(self) -> IssuerUnavailableError:
        left_s = self._rests_until - self._means.clock.monotonic()
        return IssuerUnavailableError(
            f"the keys at {self._place} cannot be fetched: {self._reason}", max(1.0, left_s)
        )
