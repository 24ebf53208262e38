"""The inequalities between lifetimes that keep every live token and every verifier right.

All in seconds. A setting that breaks one could refuse good tokens during a rotation, so they are
checked when a tenant is written.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tenantauth.caching import HARD_END_S
from tenantauth.units import format_duration

MAX_JWKS_AGE_S = 300
_YEAR_S = 366 * 86400


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """A tenant's token settings, in whole seconds."""

    access_ttl_s: int = 15 * 60
    max_ttl_s: int = 86400
    leeway_s: int = 30
    rotate_every_s: int = 90 * 86400
    publish_ahead_s: int = 3600

    def problems(self, staleness_s: float) -> Iterator[tuple[str, str]]:
        """Yield each setting that cannot work with this staleness bound, with a sentence on it."""
        # Until the hard end of its last known good policies, a worker may not know a new key.
        least_ahead_s = max(HARD_END_S, staleness_s + self.leeway_s + 2)
        for name, least, value, most in (
            ("leeway", 0, self.leeway_s, 300),
            ("max_ttl", 1, self.max_ttl_s, _YEAR_S),
            ("access_ttl", 1, self.access_ttl_s, self.max_ttl_s),
            ("publish_ahead", least_ahead_s, self.publish_ahead_s, _YEAR_S),
            ("rotate_every", self.publish_ahead_s, self.rotate_every_s, 10 * _YEAR_S),
        ):
            if not least <= value <= most:
                low, high, given = map(format_duration, (least, most, value))
                yield name, f"{name} is {low} to {high} here, not {given}"

    def grace_s(self, staleness_s: float) -> float:
        """Return how long a demoted key verifies: until the last token it can have signed ends."""
        return self.max_ttl_s + self.leeway_s + staleness_s

    def jwks_max_age_s(self, staleness_s: float) -> int:
        """Return how long readers outside may keep the JWKS, so that they hold a key in time."""
        spare_s = self.publish_ahead_s - staleness_s - self.leeway_s
        return max(0, int(min(MAX_JWKS_AGE_S, spare_s / 2)))
