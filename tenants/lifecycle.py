"""The life of a tenant's signing keys: what may happen to them, and when. Values in, values out.

::

    pending ─── active ─── grace ─── retired
       └──────────┴──────────┴──────────┴───── compromised (final)

A pending key is published and verifies, so that every verifier holds it before it signs; one that
another replaces goes into grace. An active key signs. A key in grace verifies what it
signed. All times are aware.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from tenants.lifetimes import Lifetimes
from tenants.values import KeyState

VERIFYING: frozenset[KeyState] = frozenset({"pending", "active", "grace"})
HOLDING_SECRET: frozenset[KeyState] = frozenset({"pending", "active"})

# A key is dated before it is committed: its generation and other writers come between.
_COMMIT_S = 15

_STEPS: Mapping[KeyState, frozenset[KeyState]] = MappingProxyType(
    {
        "pending": frozenset({"active", "grace", "compromised"}),
        "active": frozenset({"grace", "compromised"}),
        "grace": frozenset({"retired", "compromised"}),
        "retired": frozenset({"compromised"}),
        "compromised": frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class KeyLife:
    """Where one key stands, and when it came there; it is published from its creation."""

    kid: str
    created_at: datetime
    state: KeyState = "pending"
    activated_at: datetime | None = None
    grace_at: datetime | None = None
    retired_at: datetime | None = None
    compromised_at: datetime | None = None

    def enter(self, state: KeyState, now: datetime) -> "KeyLife":
        """Return the key in its next state.

        Raises:
            ValueError: when that state cannot follow this one.
        """
        if state not in _STEPS[self.state]:
            raise ValueError(f"key {self.kid} is {self.state} and cannot become {state}")
        return KeyLife(
            self.kid,
            self.created_at,
            state,
            activated_at=now if state == "active" else self.activated_at,
            grace_at=now if state == "grace" else self.grace_at,
            retired_at=now if state == "retired" else self.retired_at,
            compromised_at=now if state == "compromised" else self.compromised_at,
        )


@dataclass(frozen=True, slots=True)
class RotationRules:
    """The times that keep every live token good through a rotation."""

    lifetimes: Lifetimes
    staleness_s: float

    def may_promote_at(self, pending: KeyLife) -> datetime:
        """Return when the key may sign: every reader of the JWKS holds it by then."""
        # The bound is a setting of its own and may have been raised since the tenant was made.
        held_s = self.staleness_s + self.lifetimes.leeway_s
        return pending.created_at + timedelta(seconds=max(self.lifetimes.publish_ahead_s, held_s))

    def emergency_wait_s(self, pending: KeyLife, now: datetime) -> float:
        """Return how long to wait, after reading the key, until every live worker holds it.

        Readers of the JWKS outside the registry are left behind.
        """
        age_s = (now - pending.created_at).total_seconds()
        # Whatever the clocks say: it could be read, so one bound from now is always enough.
        return 0.0 if age_s > self.staleness_s + _COMMIT_S else self.staleness_s

    def is_due(self, active: KeyLife, now: datetime) -> bool:
        """Tell whether the key has signed long enough."""
        return now >= self.due_at(active)

    def due_at(self, active: KeyLife) -> datetime:
        """Return when the key has signed long enough."""
        since = active.activated_at or active.created_at
        return since + timedelta(seconds=self.lifetimes.rotate_every_s)

    def is_over(self, key: KeyLife, now: datetime) -> bool:
        """Tell whether a key in grace has outlived the last token that it can have signed."""
        return key.state == "grace" and now >= self.over_at(key)

    def over_at(self, key: KeyLife) -> datetime:
        """Return until when a token of a key in grace can be alive."""
        since = key.grace_at or key.created_at
        return since + timedelta(seconds=self.lifetimes.grace_s(self.staleness_s))


@dataclass(frozen=True, slots=True)
class KeyChain:
    """All keys of a tenant. Each change returns a chain with one active and one pending key.

    ``make_kid`` is called once for each key that has to be made.

    Raises:
        ValueError: when two keys are active or pending, or share a ``kid``.
    """

    keys: tuple[KeyLife, ...] = ()

    def __post_init__(self) -> None:
        states = [key.state for key in self.keys]
        if states.count("active") > 1 or states.count("pending") > 1:
            raise ValueError("a tenant has at most one active and one pending key")
        if len({key.kid for key in self.keys}) < len(self.keys):
            raise ValueError("two keys share a kid")

    @property
    def is_settled(self) -> bool:
        """Tell whether there is a key that signs and one that signs next."""
        return None not in (self._find("active"), self._find("pending"))

    @property
    def active(self) -> KeyLife:
        """The key that signs.

        Raises:
            LookupError: when there is none.
        """
        return self._required("active")

    @property
    def pending(self) -> KeyLife:
        """The key that signs next.

        Raises:
            LookupError: when there is none.
        """
        return self._required("pending")

    def get(self, kid: str) -> KeyLife | None:
        """Return the key of this ``kid``, or ``None``."""
        return next((key for key in self.keys if key.kid == kid), None)

    def settle(self, now: datetime, make_kid: Callable[[], str]) -> "KeyChain":
        """Fill what is missing: the pending key steps up, and new keys are made."""
        pending = self._find("pending")
        if pending is None:
            return KeyChain((*self.keys, KeyLife(make_kid(), now))).settle(now, make_kid)
        if self._find("active") is None:
            return self._step({pending.kid}, "active", now).settle(now, make_kid)
        return self

    def rotate(self, now: datetime, make_kid: Callable[[], str]) -> "KeyChain":
        """Demote the active key and promote the pending one."""
        return self._step({self.active.kid}, "grace", now).settle(now, make_kid)

    def replace_pending(
        self, pending: KeyLife, now: datetime, make_kid: Callable[[], str]
    ) -> "KeyChain":
        """Let another key sign next; the one before it never signs here.

        It goes into grace all the same: imported, it may have signed before it came.
        """
        others = self._step({self.pending.kid}, "grace", now)
        return KeyChain((*others.keys, pending)).settle(now, make_kid)

    def add(self, key: KeyLife) -> "KeyChain":
        """Return the chain with one more key, such as one that others have signed with."""
        return KeyChain((*self.keys, key))

    def end(self, kid: str, now: datetime) -> "KeyChain":
        """Retire a key in grace, whatever of its tokens is alive.

        Raises:
            ValueError: when it is in another state.
        """
        return self._step({kid}, "retired", now)

    def compromise(
        self, kids: Collection[str], now: datetime, make_kid: Callable[[], str]
    ) -> "KeyChain":
        """Let these keys verify nothing any more; a compromised key stays what it is."""
        open_kids = {key.kid for key in self.keys if key.state != "compromised"} & set(kids)
        return self._step(open_kids, "compromised", now).settle(now, make_kid)

    def retire(self, now: datetime, rules: RotationRules) -> "KeyChain":
        """Retire the keys whose grace is over."""
        over = {key.kid for key in self.keys if rules.is_over(key, now)}
        return self._step(over, "retired", now)

    def _step(self, kids: Collection[str], state: KeyState, now: datetime) -> "KeyChain":
        keys = (key.enter(state, now) if key.kid in kids else key for key in self.keys)
        return KeyChain(tuple(keys))

    def _find(self, state: KeyState) -> KeyLife | None:
        return next((key for key in self.keys if key.state == state), None)

    def _required(self, state: KeyState) -> KeyLife:
        key = self._find(state)
        if key is None:
            raise LookupError(f"there is no {state} key")
        return key
