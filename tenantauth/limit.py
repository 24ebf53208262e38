"""One declared rate limit: how many, for whom, where; `tenantauth.limiting` counts."""

import re
from dataclasses import dataclass
from typing import Literal, cast, get_args

from tenantauth.paths import check_prefix, covers
from tenantauth.units import MAX_AMOUNT, Rate

CountBy = Literal["tenant", "address", "subject", "client"]
Strategy = Literal["sliding", "gcra"]
Mode = Literal["enforce", "shadow"]
OnOutage = Literal["local", "open", "closed"]

# The name stands in a structured field string (RFC 9651 3.3.3) and in counter keys.
LIMIT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)
_METHOD = re.compile(r"[A-Z]{1,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit; empty ``paths`` or ``methods`` mean all. Counted only in ``enforce`` mode.

    ``burst``, ``strategy`` and ``mode`` are carried for the tenants that declare them; this version
    counts ``rate`` and ``cost`` in a sliding window and leaves shadow limits out.

    Raises:
        ValueError: when a field cannot work.
    """

    name: str
    rate: Rate
    by: CountBy = "tenant"
    paths: tuple[str, ...] = ()
    methods: frozenset[str] = frozenset()
    cost: int = 1
    burst: int | None = None
    strategy: Strategy = "sliding"
    mode: Mode = "enforce"
    on_outage: OnOutage = "local"

    def __post_init__(self) -> None:
        if self.name == "guard":
            raise ValueError("the name 'guard' is the guard's own")
        if not LIMIT_NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is not a limit's name (letters, digits, . _ : -)")
        for value, kind in (
            (self.by, CountBy),
            (self.strategy, Strategy),
            (self.mode, Mode),
            (self.on_outage, OnOutage),
        ):
            if value not in get_args(kind):
                raise ValueError(
                    f"limit {self.name}: {value!r} is not one of {', '.join(get_args(kind))}"
                )
        if self.burst is not None and not 1 <= self.burst <= MAX_AMOUNT:
            raise ValueError(f"limit {self.name}: its burst is 1 to {MAX_AMOUNT}, not {self.burst}")
        # What costs more than a limit ever holds would be refused for ever.
        most = min(self.rate.amount, self.burst or self.rate.amount)
        if not 1 <= self.cost <= most:
            raise ValueError(f"limit {self.name}: its cost is 1 to {most}, not {self.cost}")
        if not all(map(_METHOD.fullmatch, self.methods)):
            raise ValueError(f"limit {self.name}: methods are written in capitals, as GET")
        object.__setattr__(self, "paths", tuple(map(check_prefix, self.paths)))

    @classmethod
    def parse(cls, text: str) -> "Limit":
        """Read ``NAME=RATE[:BY]``, as ``user=100/minute:subject``; by default per tenant.

        Raises:
            ValueError: when it is anything else.
        """
        name, equals, declared = text.partition("=")
        rate, _, by = declared.partition(":")
        if not equals:
            raise ValueError(f"{text!r} is not a limit (write user=100/minute:subject)")
        return cls(name, Rate.parse(rate), cast(CountBy, by or "tenant"))

    def applies_to(self, method: str, path: str) -> bool:
        """Tell whether a request of this method and path is counted (HEAD counts as GET)."""
        counts_as = {"GET", "HEAD"} if method == "HEAD" else {method}
        if self.methods and self.methods.isdisjoint(counts_as):
            return False
        return not self.paths or any(covers(prefix, path) for prefix in self.paths)
