"""Rotation over random histories: no live token is lost, no compromised key comes back."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tenants.lifecycle import HOLDING_SECRET, VERIFYING, KeyChain, KeyLife, RotationRules
from tenants.lifetimes import Lifetimes

EPOCH = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Minted:
    """A token, as far as rotation is concerned."""

    kid: str
    expires_at: datetime


class Rotations(RuleBasedStateMachine):
    """Operators, timers, minters and stale workers, in any order; every policy ever is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.now = EPOCH
        self.made = 0
        self.tokens: list[Minted] = []
        self.policies: list[tuple[datetime, KeyChain]] = []

    @initialize(
        lifetimes=st.builds(
            Lifetimes,
            max_ttl_s=st.integers(1, 900),
            leeway_s=st.integers(0, 60),
            publish_ahead_s=st.integers(0, 600),
        ),
        staleness_s=st.integers(0, 60),
    )
    def create(self, lifetimes: Lifetimes, staleness_s: int) -> None:
        self.times = RotationRules(lifetimes, staleness_s)
        self.change(KeyChain().settle(self.now, self.make_kid))

    def make_kid(self) -> str:
        self.made += 1
        return f"k{self.made}"

    def change(self, chain: KeyChain) -> None:
        self.chain = chain
        self.policies.append((self.now, chain))

    @property
    def active(self) -> KeyLife:
        return self.chain.active

    @property
    def pending(self) -> KeyLife:
        return self.chain.pending

    @rule(seconds=st.integers(1, 700))
    def let_time_pass(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(part=st.floats(0, 1))
    def mint(self, part: float) -> None:
        life = timedelta(seconds=part * self.times.lifetimes.max_ttl_s)
        self.tokens.append(Minted(self.active.kid, self.now + life))

    @precondition(lambda self: self.now >= self.times.may_promote_at(self.pending))
    @rule()
    def rotate(self) -> None:
        self.change(self.chain.rotate(self.now, self.make_kid))

    @rule()
    def rotate_now(self) -> None:
        self.now = max(self.now, self.times.live_workers_hold_at(self.pending))
        self.change(self.chain.rotate(self.now, self.make_kid))

    @rule()
    def retire(self) -> None:
        self.change(self.chain.retire(self.now, self.times))

    @rule(pick=st.integers(0, 50))
    def compromise(self, pick: int) -> None:
        kid = self.chain.keys[pick % len(self.chain.keys)].kid
        self.change(self.chain.compromise([kid], self.now, self.make_kid))

    @rule()
    def compromise_all(self) -> None:
        kids = [key.kid for key in self.chain.keys]
        self.change(self.chain.compromise(kids, self.now, self.make_kid))

    def held_by_workers(self) -> list[tuple[datetime, KeyChain]]:
        """The policies that a worker may act on now: those in force within the staleness bound."""
        oldest = self.now - timedelta(seconds=self.times.staleness_s)
        before = [entry for entry in self.policies if entry[0] <= oldest]
        return before[-1:] + [entry for entry in self.policies if entry[0] > oldest]

    @invariant()
    def one_key_signs_and_one_waits(self) -> None:
        states = [key.state for key in self.chain.keys]
        assert (states.count("active"), states.count("pending")) == (1, 1)

    @invariant()
    def a_live_token_verifies_with_every_policy_in_use(self) -> None:
        leeway = timedelta(seconds=self.times.lifetimes.leeway_s)
        for token in self.tokens:
            signer = self.chain.get(token.kid)
            assert signer is not None
            if signer.state == "compromised" or self.now > token.expires_at + leeway:
                continue
            for compiled_at, policy in self.held_by_workers():
                key = policy.get(token.kid)
                if key is None and self.signed_in_an_emergency(signer):
                    continue
                assert key is not None, f"{token} is unknown to the policy of {compiled_at}"
                assert key.state in VERIFYING

    def signed_in_an_emergency(self, signer: KeyLife) -> bool:
        """Whether the key stood in for a compromised one before every worker could hold it."""
        assert signer.activated_at is not None
        return signer.activated_at < self.times.live_workers_hold_at(signer)

    @invariant()
    def a_compromised_key_never_verifies_again(self) -> None:
        refused: set[str] = set()
        for _, policy in self.policies:
            assert not {key.kid for key in policy.keys if key.state in VERIFYING} & refused
            refused |= {key.kid for key in policy.keys if key.state == "compromised"}

    @invariant()
    def only_what_signs_now_or_next_holds_a_secret(self) -> None:
        holders = {key.kid for key in self.chain.keys if key.state in HOLDING_SECRET}
        assert holders == {self.active.kid, self.pending.kid}


TestRotations = Rotations.TestCase
TestRotations.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
