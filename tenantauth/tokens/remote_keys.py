"""The keys that trusted issuers publish, by address: never by ``kid``, and never from a token."""

import random
import threading
from collections.abc import Callable, Iterable, Mapping

from tenantauth.keyring import VerificationKey
from tenantauth.outbound.budget import Budget
from tenantauth.outbound.connect import Connector
from tenantauth.outbound.fetch import Fetcher
from tenantauth.outbound.networks import NamedNetwork, Reach
from tenantauth.per_process import PerProcess
from tenantauth.ports import Clock, SystemClock
from tenantauth.tokens.fetch_means import DocumentSource, Means
from tenantauth.tokens.published_keys import PublishedKeys
from tenantauth.trusted_issuer import TrustedIssuer

_MAX_AT_ONCE = 8
# What made-up kids can cause in a process, over all addresses.
_REFETCHES = 20
_REFETCHES_PER_S = 1.0


def make_remote_keys(named: Iterable[NamedNetwork] = ()) -> "RemoteKeys":
    """Return keys from public addresses and the named networks; nothing is opened yet."""
    return RemoteKeys(Fetcher(Connector(Reach(named))))


class RemoteKeys:
    """Fetches and keeps what policies' ``jwks_uri`` lead to, each address once for all tenants.

    Each process opens its own on first use. Of more than ``size`` addresses those asked for
    least recently are forgotten. ``begin`` and ``jitter`` are as of `Means`.
    """

    def __init__(
        self,
        source: DocumentSource,
        *,
        clock: Clock | None = None,
        size: int = 1000,
        begin: Callable[[Callable[[], None]], bool] | None = None,
        jitter: Callable[[], float] | None = None,
    ) -> None:
        self._source = source
        self._clock = clock or SystemClock()
        self._size = size
        self._begin = begin
        self._jitter = jitter or random.SystemRandom().random
        self._opened = PerProcess(self._open)

    def find(self, issuer: TrustedIssuer, kid: str) -> VerificationKey | None:
        """Return the key that this issuer publishes under an untrusted ``kid``, or ``None``.

        Raises:
            IssuerUnavailableError: when its keys cannot be known now.
        """
        if issuer.jwks_uri is None:
            return None
        return self._opened.get().at(issuer.jwks_uri).find(kid, issuer.algorithms)

    def counts(self) -> Mapping[str, int]:
        """Return what this process has done so far.

        The names are ``fetches``, ``failures``, ``refused_addresses``, ``unknown_kid_refetches``
        and ``unknown_kid_refusals`` (unknown kids that caused none).
        """
        return self._opened.get().means.counters.counts()

    def ages_s(self) -> Mapping[str, float]:
        """Return how old the keys of each address are, in seconds."""
        return self._opened.get().ages_s()

    def _open(self) -> "_Addresses":
        means = Means(
            source=self._source,
            begin=self._begin or _InThreads(_MAX_AT_ONCE),
            clock=self._clock,
            refetches=Budget(self._clock, burst=_REFETCHES, per_s=_REFETCHES_PER_S),
            jitter=self._jitter,
        )
        return _Addresses(means, self._size)


class _Addresses:
    def __init__(self, means: Means, size: int) -> None:
        self.means = means
        self._size = size
        self._lock = threading.Lock()
        self._by_url: dict[str, PublishedKeys] = {}

    def at(self, url: str) -> PublishedKeys:
        found = self._by_url.get(url)
        return self._add(url) if found is None else found

    def ages_s(self) -> Mapping[str, float]:
        with self._lock:
            ages = {url: published.age_s for url, published in self._by_url.items()}
        return {url: age_s for url, age_s in ages.items() if age_s is not None}

    def _add(self, url: str) -> PublishedKeys:
        with self._lock:
            if url not in self._by_url and len(self._by_url) >= self._size:
                del self._by_url[min(self._by_url, key=lambda each: self._by_url[each].used_at)]
            return self._by_url.setdefault(url, PublishedKeys(url, self.means))


class _InThreads:
    """Runs at most so many jobs at once, each in a daemon thread of its own.

    One thread for all would let the slowest issuer hold up those of other tenants.
    """

    def __init__(self, at_once: int) -> None:
        self._free = threading.BoundedSemaphore(at_once)

    def __call__(self, job: Callable[[], None]) -> bool:
        if not self._free.acquire(blocking=False):
            return False
        thread = threading.Thread(
            target=self._run, args=(job,), name="tenantauth-keys", daemon=True
        )
        try:
            thread.start()
        except RuntimeError:  # The machine has no thread left.
            self._free.release()
            return False
        return True

    def _run(self, job: Callable[[], None]) -> None:
        try:
            job()
        finally:
            self._free.release()
