"""Signing keys kept open in memory."""

import threading

import pytest

from tenants.issue.mint import SigningKey
from tenants.issue.opened_keys import OpenedKeys
from tenants.keys import generate


class Opener:
    """Opens one key, and counts how often."""

    def __init__(self, kid: str) -> None:
        made = generate()
        self.key = SigningKey.open(kid, made.algorithm, made.private_jwk_bytes)
        self.calls = 0

    def __call__(self) -> SigningKey:
        self.calls += 1
        return self.key


def test_a_key_is_opened_once() -> None:
    keys, opener = OpenedKeys(), Opener("k1")
    assert {keys.get("t1", "k1", opener).kid for _ in range(3)} == {"k1"}
    assert opener.calls == 1


def test_a_successor_takes_its_place_and_the_old_key_leaves_the_memory() -> None:
    keys, old, new = OpenedKeys(), Opener("k1"), Opener("k2")
    keys.get("t1", "k1", old)
    assert keys.get("t1", "k2", new) is new.key
    keys.get("t1", "k1", old)
    assert old.calls == 2


def test_tenants_with_the_same_kid_do_not_meet() -> None:
    keys, one, other = OpenedKeys(), Opener("k"), Opener("k")
    assert keys.get("t1", "k", one) is one.key
    assert keys.get("t2", "k", other) is other.key


def test_threat_102_the_least_lately_used_key_leaves_first() -> None:
    keys = OpenedKeys(size=2)
    openers = {tenant: Opener("k") for tenant in ("t1", "t2", "t3")}
    for tenant in ("t1", "t2", "t1", "t3", "t1"):
        keys.get(tenant, "k", openers[tenant])
    assert openers["t1"].calls == 1
    keys.get("t2", "k", openers["t2"])
    assert openers["t2"].calls == 2


def test_a_key_that_cannot_be_opened_is_not_kept() -> None:
    def fail() -> SigningKey:
        raise LookupError("no master key")

    keys, opener = OpenedKeys(), Opener("k")
    with pytest.raises(LookupError):
        keys.get("t1", "k", fail)
    assert keys.get("t1", "k", opener) is opener.key


def test_no_thread_waits_for_another_tenants_key() -> None:
    keys, quick = OpenedKeys(), Opener("k")
    answered = threading.Event()

    def slow() -> SigningKey:
        assert answered.wait(timeout=10)
        return quick.key

    thread = threading.Thread(target=keys.get, args=("t1", "k", slow))
    thread.start()
    assert keys.get("t2", "k", quick) is quick.key
    answered.set()
    thread.join(timeout=10)
    assert not thread.is_alive()


def test_threat_106_its_repr_shows_how_many_and_nothing_more() -> None:
    keys = OpenedKeys()
    keys.get("t1", "k1", Opener("k1"))
    assert repr(keys) == "<OpenedKeys of 1 tenants>"
