"""The life of a tenant's signing keys."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from tenants.lifecycle import KeyChain, KeyLife, RotationRules
from tenants.lifetimes import Lifetimes
from tenants.values import KeyState

NOW = datetime(2030, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULES = RotationRules(Lifetimes(), staleness_s=2)


class Numbered:
    """Makes kids that a test can name: k1, k2, …"""

    def __init__(self) -> None:
        self._numbers = count(1)

    def __call__(self) -> str:
        return f"k{next(self._numbers)}"


def states(chain: KeyChain) -> dict[str, str]:
    return {key.kid: key.state for key in chain.keys}


def test_a_new_tenant_has_an_active_and_a_pending_key() -> None:
    assert states(KeyChain().settle(NOW, Numbered())) == {"k1": "active", "k2": "pending"}


def test_an_empty_chain_has_no_key_to_sign_with() -> None:
    assert not KeyChain().is_settled
    with pytest.raises(LookupError, match="there is no active key"):
        _ = KeyChain().active


def test_a_settled_chain_is_left_alone() -> None:
    make = Numbered()
    chain = KeyChain().settle(NOW, make)
    assert chain.settle(NOW + HOUR, make) == chain


def test_a_rotation_moves_each_key_one_step() -> None:
    make = Numbered()
    chain = KeyChain().settle(NOW, make).rotate(NOW + HOUR, make)
    assert states(chain) == {"k1": "grace", "k2": "active", "k3": "pending"}
    assert [key.grace_at for key in chain.keys] == [NOW + HOUR, None, None]
    assert [key.activated_at for key in chain.keys] == [NOW, NOW + HOUR, None]


@pytest.mark.parametrize(
    ("kids", "expected"),
    [
        (["k2"], {"k2": "compromised", "k3": "active", "k4": "pending"}),
        (["k3"], {"k2": "active", "k3": "compromised", "k4": "pending"}),
        (["k1"], {"k1": "compromised", "k2": "active", "k3": "pending"}),
        (
            ["k1", "k2", "k3"],
            {"k1": "compromised", "k2": "compromised", "k3": "compromised", "k4": "active"},
        ),
    ],
    ids=["active", "pending", "grace", "all"],
)
def test_a_compromised_key_is_replaced_at_once(kids: list[str], expected: dict[str, str]) -> None:
    make = Numbered()
    chain = KeyChain().settle(NOW, make).rotate(NOW, make).compromise(kids, NOW, make)
    assert states(chain).items() >= expected.items()
    assert chain.is_settled


def test_a_compromise_told_twice_keeps_the_first_time() -> None:
    make = Numbered()
    chain = KeyChain().settle(NOW, make).compromise(["k1"], NOW, make)
    assert chain.compromise(["k1"], NOW + HOUR, make) == chain


@pytest.mark.parametrize("early_s", [1, 0], ids=["one second early", "in time"])
def test_grace_ends_after_the_last_token_it_can_have_signed(early_s: int) -> None:
    make = Numbered()
    chain = KeyChain().settle(NOW, make).rotate(NOW, make)
    later = NOW + timedelta(seconds=86400 + 30 + 2 - early_s)
    first = chain.retire(later, RULES).get("k1")
    assert first is not None
    assert first.state == ("grace" if early_s else "retired")


@pytest.mark.parametrize(
    ("state", "step"),
    [
        ("pending", "retired"),
        ("active", "pending"),
        ("grace", "active"),
        ("retired", "grace"),
        ("compromised", "active"),
        ("compromised", "retired"),
    ],
)
def test_no_key_goes_back_or_skips_a_step(state: KeyState, step: KeyState) -> None:
    with pytest.raises(ValueError, match=f"is {state} and cannot become {step}"):
        KeyLife("k", NOW, state).enter(step, NOW)


def test_a_replaced_pending_key_still_verifies() -> None:
    make = Numbered()
    chain = KeyChain().settle(NOW, make).replace_pending(KeyLife("new", NOW), NOW, make)
    assert states(chain) == {"k1": "active", "k2": "grace", "new": "pending"}


def test_a_key_in_grace_can_be_ended_and_no_other() -> None:
    make = Numbered()
    chain = KeyChain().settle(NOW, make).add(KeyLife("old", NOW, "grace", grace_at=NOW))
    assert states(chain.end("old", NOW))["old"] == "retired"
    with pytest.raises(ValueError, match="k1 is active and cannot become retired"):
        chain.end("k1", NOW)


def test_an_imported_key_is_in_grace_as_long_as_a_demoted_one() -> None:
    key = KeyLife("old", NOW, "grace", grace_at=NOW)
    assert RULES.over_at(key) == NOW + timedelta(seconds=86400 + 30 + 2)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ((KeyLife("a", NOW, "active"), KeyLife("b", NOW, "active")), "at most one active"),
        ((KeyLife("a", NOW), KeyLife("b", NOW)), "one pending"),
        ((KeyLife("a", NOW), KeyLife("a", NOW, "grace")), "share a kid"),
    ],
    ids=["two active", "two pending", "same kid"],
)
def test_a_chain_that_cannot_be_is_refused(keys: tuple[KeyLife, ...], message: str) -> None:
    """Threat 32, threat 94."""
    with pytest.raises(ValueError, match=message):
        KeyChain(keys)


def test_a_pending_key_waits_for_all_readers_of_the_jwks() -> None:
    assert RULES.may_promote_at(KeyLife("k", NOW)) == NOW + HOUR


@pytest.mark.parametrize(
    ("age_s", "wait_s"), [(0, 2), (10, 2), (18, 0), (-86400, 2)], ids=["new", "young", "old", "odd"]
)
def test_in_an_emergency_one_bound_is_given_to_live_workers(age_s: int, wait_s: int) -> None:
    now = NOW + timedelta(seconds=age_s)
    assert RULES.emergency_wait_s(KeyLife("k", NOW), now) == wait_s


def test_a_raised_staleness_bound_is_waited_for_too() -> None:
    slow = RotationRules(Lifetimes(leeway_s=30, publish_ahead_s=45), staleness_s=60)
    assert slow.may_promote_at(KeyLife("k", NOW)) == NOW + timedelta(seconds=90)


def test_a_rotation_is_due_after_its_interval_of_signing() -> None:
    active = KeyLife("k", NOW - HOUR, "active", activated_at=NOW)
    assert not RULES.is_due(active, NOW + timedelta(days=90) - HOUR)
    assert RULES.is_due(active, NOW + timedelta(days=90))
