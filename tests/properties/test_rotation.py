"""Rotation over random histories: no live token is lost, no compromised key comes back."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tenants.lifecycle import HOLDING_SECRET, VERIFYING, KeyChain, KeyLife, RotationRules
from tenants.lifetimes import Lifetimes

EPOCH = datetime(2030, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Minted:
    """A token, as far as rotation is concerned; ``dead_at`` is when leeway no longer helps."""

    kid: str
    dead_at: datetime
    # Others signed it before the key was imported: nothing older than that can know it.
    known_since: datetime = EPOCH


class Rotations(RuleBasedStateMachine):
    """Operators, timers, minters and stale workers, in any order; every policy ever is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.now = EPOCH
        self.made = 0
        self.tokens: list[Minted] = []
        self.policies: list[tuple[datetime, KeyChain]] = []
        self.stand_ins: set[str] = set()

    # Few values, far apart: histories meet the edges between them more often.
    @initialize(
        lifetimes=st.builds(
            Lifetimes,
            max_ttl_s=st.sampled_from([60, 900]),
            leeway_s=st.sampled_from([30, 0, 300]),
            publish_ahead_s=st.sampled_from([0, 120]),
        ),
        staleness_s=st.sampled_from([2, 0, 60]),
    )
    def create(self, lifetimes: Lifetimes, staleness_s: int) -> None:
        self.times = RotationRules(lifetimes, staleness_s)
        self.change(KeyChain().settle(self.now, self.make_kid))

    def make_kid(self) -> str:
        self.made += 1
        return f"k{self.made}"

    def change(self, chain: KeyChain) -> None:
        """Store a chain, retired as eagerly as it may be, as every change does."""
        self.chain = chain.retire(self.now, self.times)
        self.policies.append((self.now, self.chain))

    def held_by_workers(self) -> list[tuple[datetime, KeyChain]]:
        """The policies that a worker may act on now: those in force within the staleness bound."""
        oldest = self.now - timedelta(seconds=self.times.staleness_s)
        before = [entry for entry in self.policies if entry[0] <= oldest]
        return before[-1:] + [entry for entry in self.policies if entry[0] > oldest]

    @rule(seconds=st.sampled_from([1, 61, 700]))
    def let_time_pass(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.change(self.chain)

    @precondition(lambda self: any(token.dead_at > self.now for token in self.tokens))
    @rule(pick=st.integers(0, 3))
    def let_all_but_the_end_of_a_token_pass(self, pick: int) -> None:
        live = [token for token in self.tokens if token.dead_at > self.now]
        self.now = live[pick % len(live)].dead_at - TICK
        self.change(self.chain)

    @rule(part=st.sampled_from([1.0, 0.1]), pick=st.integers(0, 2))
    def mint(self, part: float, pick: int) -> None:
        """Sign with the active key, or with what a stale minter still takes for it."""
        held = self.held_by_workers()
        signer = held[pick % len(held)][1].active
        life_s = part * self.times.lifetimes.max_ttl_s + self.times.lifetimes.leeway_s
        self.tokens.append(Minted(signer.kid, self.now + timedelta(seconds=life_s)))

    @precondition(lambda self: self.now >= self.times.may_promote_at(self.chain.pending))
    @rule()
    def rotate(self) -> None:
        self.change(self.chain.rotate(self.now, self.make_kid))

    @rule()
    def rotate_now(self) -> None:
        wait_s = self.times.emergency_wait_s(self.chain.pending, self.now)
        self.now += timedelta(seconds=wait_s)
        self.change(self.chain.rotate(self.now, self.make_kid))

    @precondition(lambda self: self.times.staleness_s > 0)
    @rule()
    def rotate_while_a_minter_lags(self) -> None:
        """Its last token of the demoted key is the one that grace must outlive."""
        self.rotate_now()
        self.now += timedelta(seconds=self.times.staleness_s) - TICK
        self.mint(1.0, 0)

    @rule(state=st.sampled_from(["pending", "active", "grace"]))
    def import_key(self, state: str) -> None:
        """Take over a key whose tokens are alive; from now on it signs here only, if at all."""
        self.now += TICK
        kid = self.make_kid()
        if state == "grace":
            self.change(self.chain.add(KeyLife(kid, self.now, "grace", grace_at=self.now)))
        else:
            self.change(self.chain.replace_pending(KeyLife(kid, self.now), self.now, self.make_kid))
        life_s = self.times.lifetimes.max_ttl_s + self.times.lifetimes.leeway_s
        self.tokens.append(Minted(kid, self.now + timedelta(seconds=life_s), self.now))
        if state == "active":
            self.rotate_now()

    @rule()
    def change_algorithm(self) -> None:
        pending = KeyLife(self.make_kid(), self.now)
        self.change(self.chain.replace_pending(pending, self.now, self.make_kid))

    @rule(pick=st.integers(0, 3))
    def retire(self, pick: int) -> None:
        """Retire a key in grace whose time is over, which is refused before."""
        over = [key for key in self.chain.keys if self.times.is_over(key, self.now)]
        if over:
            self.change(self.chain.end(over[pick % len(over)].kid, self.now))

    @rule(pick=st.integers(0, 9))
    def compromise(self, pick: int) -> None:
        """Refuse one key, or all."""
        kids = [key.kid for key in self.chain.keys]
        leaked = set(kids) if pick == 9 else {kids[pick % len(kids)]}
        before = self.chain.active.kid
        self.change(self.chain.compromise(leaked, self.now, self.make_kid))
        if self.chain.active.kid != before:
            self.stand_ins.add(self.chain.active.kid)

    @invariant()
    def one_key_signs_and_one_waits(self) -> None:
        states = [key.state for key in self.chain.keys]
        assert (states.count("active"), states.count("pending")) == (1, 1)

    @invariant()
    def a_live_token_verifies_with_every_policy_in_use(self) -> None:
        for token in self.tokens:
            signer = self.chain.get(token.kid)
            assert signer is not None
            if signer.state == "compromised" or self.now >= token.dead_at:
                continue
            for compiled_at, policy in self.held_by_workers():
                if compiled_at < token.known_since:
                    continue
                key = policy.get(token.kid)
                # After a leak its successor signs at once, whoever may not hold it yet.
                if key is None and token.kid in self.stand_ins:
                    continue
                assert key is not None, f"{token} is unknown to the policy of {compiled_at}"
                assert key.state in VERIFYING, f"{token} is refused by that of {compiled_at}"

    @invariant()
    def a_compromised_key_never_verifies_again(self) -> None:
        refused: set[str] = set()
        for _, policy in self.policies:
            assert not {key.kid for key in policy.keys if key.state in VERIFYING} & refused
            refused |= {key.kid for key in policy.keys if key.state == "compromised"}

    @invariant()
    def only_what_signs_now_or_next_holds_a_secret(self) -> None:
        holders = [key for key in self.chain.keys if key.state in HOLDING_SECRET]
        expected: list[KeyLife] = [self.chain.active, self.chain.pending]
        assert sorted(holders, key=str) == sorted(expected, key=str)


TestRotations = Rotations.TestCase
TestRotations.settings = settings(max_examples=200, stateful_step_count=25, deadline=None)
