"""A clock that moves when told to."""

START_S = 1_800_000_000.0
"""The wall time at which clocks, tokens and contexts of the kit begin."""


class ManualClock:
    """A `tenantauth.ports.Clock` for tests; starts at a fixed wall time."""

    def __init__(self, now_s: float = START_S) -> None:
        self._now_s = now_s
        self._monotonic_s = 0.0

    def now(self) -> float:
        """Return the wall time in seconds since the epoch."""
        return self._now_s

    def monotonic(self) -> float:
        """Return the seconds that were advanced so far."""
        return self._monotonic_s

    def advance(self, seconds: float) -> None:
        """Let time pass.

        Raises:
            ValueError: when it should run backwards; `set_wall` does that to the wall clock.
        """
        if seconds < 0:
            raise ValueError("time passes forwards only")
        self._now_s += seconds
        self._monotonic_s += seconds

    def set_wall(self, now_s: float) -> None:
        """Let the wall clock jump, as machines' clocks do; monotonic time does not notice."""
        self._now_s = now_s
