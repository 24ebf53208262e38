"""The keys that trusted issuers publish, by address: never by ``kid``, and never from a token."""

import random
import threading
from collections.abc import Callable, Iterable, Mapping
from weakref import WeakValueDictionary

from tenantauth.fair_budget import FairBudget
from tenantauth.fair_table import FairTable
from tenantauth.keyring import VerificationKey
from tenantauth.outbound.fetch import make_fetcher
from tenantauth.outbound.networks import NamedNetwork
from tenantauth.per_process import PerProcess
from tenantauth.ports import Clock, SystemClock
from tenantauth.tokens.fetch_means import DocumentSource, Means
from tenantauth.tokens.published_keys import COOL_DOWN_S, PublishedKeys
from tenantauth.trusted_issuer import TrustedIssuer

# Each tenant has fifty at most, and hardly any more than three.
_SIZE = 4000


def make_remote_keys(named: Iterable[NamedNetwork] = ()) -> "RemoteKeys":
    """Return keys from public addresses and the named networks; nothing is opened yet."""
    return RemoteKeys(make_fetcher(named))


class RemoteKeys:
    """Fetches and keeps what policies' ``jwks_uri`` lead to, each address once for all tenants.

    Each process opens its own on first use. Of more than ``size`` addresses the tenant that
    brought the most loses the one not asked for longest. ``begin`` and ``jitter`` are as of
    `Means`.
    """

    def __init__(
        self,
        source: DocumentSource,
        *,
        clock: Clock | None = None,
        size: int = _SIZE,
        begin: Callable[[Callable[[], None]], bool] | None = None,
        jitter: Callable[[], float] | None = None,
    ) -> None:
        self._source = source
        self._clock = clock or SystemClock()
        self._size = size
        self._begin = begin
        self._jitter = jitter or random.SystemRandom().random
        self._opened = PerProcess(self._open)

    def find(self, tenant: str, issuer: TrustedIssuer, kid: str) -> VerificationKey | None:
        """Return the key that this issuer publishes under an untrusted ``kid``, or ``None``.

        What slow and broken issuers take comes out of the share of the ``tenant`` that asks.

        Raises:
            IssuerUnavailableError: when its keys cannot be known now.
        """
        if issuer.jwks_uri is None:
            return None
        published = self._opened.get().at(tenant, issuer.jwks_uri)
        return published.find(tenant, kid, issuer.algorithms)

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
            begin=self._begin or _begin_in_thread,
            clock=self._clock,
            # As much as each address may cause by itself: with less, made-up kids at many of them
            # would keep the others' new keys from being fetched.
            refetches=FairBudget(self._clock, count=self._size, window_s=COOL_DOWN_S),
            jitter=self._jitter,
        )
        return _Addresses(means, self._size)


class _Addresses:
    """An address takes a place of the tenant that asked for it first, however many share it."""

    def __init__(self, means: Means, size: int) -> None:
        self.means = means
        self._lock = threading.Lock()
        self._kept: FairTable[str, PublishedKeys] = FairTable(size)
        # One that is forgotten while it is fetched is found again: there is one fetch at a time.
        self._by_url: WeakValueDictionary[str, PublishedKeys] = WeakValueDictionary()

    def at(self, tenant: str, url: str) -> PublishedKeys:
        with self._lock:
            keys = self._by_url.get(url)
            if keys is None:
                keys = self._by_url[url] = PublishedKeys(url, self.means, brought_by=tenant)
            self._kept.put(keys.brought_by, url, keys)
            return keys

    def ages_s(self) -> Mapping[str, float]:
        with self._lock:
            ages = {url: keys.age_s for url, keys in self._by_url.items()}
        return {url: age_s for url, age_s in ages.items() if age_s is not None}


def _begin_in_thread(job: Callable[[], None]) -> bool:
    # A thread for each: with one for all the slowest issuer would hold up those of other tenants.
    try:
        threading.Thread(target=job, name="tenantauth-keys", daemon=True).start()
    except RuntimeError:  # The machine has no thread left.
        return False
    return True
