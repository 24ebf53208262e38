"""Durations and rates: the two kinds of text that operators write, read strictly and once."""

import re
from dataclasses import dataclass

import limits

_DURATION = re.compile(r"(0|[1-9][0-9]{0,8})(ms|s|m|h|d)", re.ASCII)
# Whole milliseconds, so that 9ms is 0.009 and not the sum of two roundings.
_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}

# The library reads `1/0 minute` as `1/minute`, and needs quadratic time for long runs of spaces.
_EMPTY_WINDOW = re.compile(r"(?:/|per)\s*0+\s*[a-z]", re.ASCII | re.IGNORECASE)
_MAX_RATE_LENGTH = 64

# Beyond this a window no longer limits anything, and integer columns would overflow.
MAX_AMOUNT = 1_000_000_000


def parse_duration(text: str) -> float:
    """Return the seconds in a duration such as ``500ms``, ``2s``, ``15m``, ``12h`` or ``30d``.

    Raises:
        ValueError: when the text is anything else.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a duration (write 500ms, 2s, 15m, 12h or 30d)")
    return int(match[1]) * _MILLISECONDS[match[2]] / 1000


def format_duration(seconds: float) -> str:
    """Write seconds in the largest unit that keeps them whole; the inverse of parsing."""
    milliseconds = round(seconds * 1000)
    for unit in ("d", "h", "m", "s"):
        if milliseconds and milliseconds % _MILLISECONDS[unit] == 0:
            return f"{milliseconds // _MILLISECONDS[unit]}{unit}"
    return f"{milliseconds}ms" if milliseconds else "0s"


@dataclass(frozen=True, slots=True)
class Rate:
    """So many units of cost in each window of so many seconds; both at least one."""

    amount: int
    window_s: int

    def __post_init__(self) -> None:
        if not 1 <= self.amount <= MAX_AMOUNT:
            raise ValueError(f"a rate's amount is 1 to {MAX_AMOUNT}, not {self.amount}")
        if not 1 <= self.window_s <= 366 * 86400:
            raise ValueError(f"a rate's window is 1 second to 366 days, not {self.window_s} s")

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Read ``100/minute`` or ``100/15 minutes`` (the notation of the limits library).

        Raises:
            ValueError: when the text is not exactly one rate of at least one per window.
        """
        try:
            items = limits.parse_many(text[: _MAX_RATE_LENGTH + 1])
        except ValueError:
            items = []
        if len(items) != 1 or len(text) > _MAX_RATE_LENGTH or _EMPTY_WINDOW.search(text):
            raise ValueError(f"{text!r} is not a rate (write 100/minute or 100/15 minutes)")
        item = items[0]
        if item.GRANULARITY.name not in dict(_RATE_UNITS):
            # The library's month has 30 days and its year 360: nobody means that.
            raise ValueError(f"{text!r}: write a rate by second, minute, hour or day")
        return cls(item.amount, item.multiples * item.GRANULARITY.seconds)

    def __str__(self) -> str:
        for unit, seconds in _RATE_UNITS:
            if self.window_s % seconds == 0:
                count = self.window_s // seconds
                return f"{self.amount}/{unit}" if count == 1 else f"{self.amount}/{count} {unit}s"
        raise AssertionError("every window is a whole number of seconds")


_RATE_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
