"""One fetched set of an issuer's keys, and how long it is believed."""

from tenantauth.errors import FetchError
from tenantauth.jwk import parse_members, read_jwks
from tenantauth.keyring import KeyRing
from tenantauth.outbound.fetch import Fetched

HARD_END_S = 86_400.0
_MIN_FRESH_S, _FRESH_S, _MAX_FRESH_S = 300.0, 3600.0, HARD_END_S


class KeySet:
    """Keys as fetched at a monotonic time.

    They are fresh until ``expires_at``, as long as their server said (between five minutes and a
    day; an hour when it said nothing), are to be fetched again from ``refresh_at`` on, and in an
    outage serve until ``ends_at``, a day after they were fetched. ``jitter``, from 0 to 1, keeps
    workers from fetching in step. ``refused`` says which keys are not used, and why.

    Raises:
        FetchError: when it is no key set. One without a single good key is a set: its issuer may
            have withdrawn them all.
    """

    __slots__ = (
        "_rings",
        "_untrusted_body",
        "ends_at",
        "expires_at",
        "fetched_at",
        "refresh_at",
        "refused",
    )

    def __init__(self, fetched: Fetched, *, fetched_at: float, jitter: float) -> None:
        said_s = _FRESH_S if fetched.max_age_s is None else fetched.max_age_s
        fresh_s = min(max(said_s, _MIN_FRESH_S), _MAX_FRESH_S)
        self.fetched_at = fetched_at
        self.refresh_at = fetched_at + fresh_s * (0.7 + 0.2 * jitter)
        self.expires_at = fetched_at + fresh_s
        self.ends_at = fetched_at + HARD_END_S
        try:
            # Kept as text: what a stranger nests takes forty times as much once it is read.
            self._untrusted_body = fetched.untrusted_body
            _, self.refused = read_jwks(parse_members(self._untrusted_body))
        except ValueError as error:
            raise FetchError(f"what it answers is no key set: {error}") from None
        self._rings: dict[frozenset[str], KeyRing] = {}

    def ring(self, algorithms: frozenset[str]) -> KeyRing:
        """Return the good keys, each bound to its own algorithm, else to one of these."""
        ring = self._rings.get(algorithms)
        if ring is None:
            # Compiled when first asked for: tenants that share a set may allow other algorithms.
            # A dict and not a cache: there are no more sets than those of known algorithms.
            good, _ = read_jwks(parse_members(self._untrusted_body), algorithms=algorithms)
            ring = self._rings[algorithms] = KeyRing(good)
        return ring
