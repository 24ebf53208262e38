import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import pytest

from tenantauth.errors import FetchError, IssuerUnavailableError, RefusedAddressError
from tenantauth.fair_budget import FairBudget
from tenantauth.fair_shares import FairShares
from tenantauth.outbound.fetch import Fetched
from tenantauth.testing import ManualClock
from tenantauth.tokens.fetch_means import MAX_AT_ONCE, MAX_WAITING, Means
from tenantauth.tokens.published_keys import COOL_DOWN_S, PATIENCE_S, PublishedKeys
from tests.support import in_threads
from tests.tenantauth.tokens.key_documents import DOWN, URL, FakeDocuments, Later

ES256 = frozenset({"ES256"})
FRESH_S = 600.0
DAY_S = 86_400.0


class Setting(NamedTuple):
    keys: PublishedKeys
    documents: FakeDocuments
    clock: ManualClock
    means: Means
    later: Later

    def knows(self, kid: str) -> bool:
        return self.keys.find("acme", kid, ES256) is not None

    def knows_after(self, seconds: float, kid: str = "k1") -> bool:
        self.clock.advance(seconds)
        return self.knows(kid)

    @property
    def fetches(self) -> int:
        return len(self.documents.fetched)


def make(*kids: str, budget: int = 100, window_s: float = 1) -> Setting:
    """Return keys whose fetches are done at once, until `later` is told to keep them."""
    clock, documents, later = ManualClock(), FakeDocuments(*kids), Later()
    refetches = FairBudget(clock, count=budget, window_s=window_s)
    means = Means(documents, later, clock, refetches, jitter=lambda: 0.5)
    return Setting(PublishedKeys(URL, means, brought_by="acme"), documents, clock, means, later)


def make_then_keep(*kids: str) -> Setting:
    """Return keys that were fetched just now, and whose next fetch waits to be done."""
    setting = make(*kids)
    setting.knows("")
    setting.later.keeps = True
    return setting


FLOOD = ("globex", "initech", "umbrella", "hooli", "stark", "wayne")


def fill(shares: FairShares) -> int:
    """Take all that others can, and return how many that are."""
    return sum(shares.take(tenant) for tenant in FLOOD for _ in range(MAX_AT_ONCE))


def test_nothing_is_fetched_before_the_first_question() -> None:
    assert make("k1").fetches == 0


def test_keys_are_fetched_once_while_they_are_fresh() -> None:
    setting = make("k1")
    assert all(setting.knows_after(40) for _ in range(10))
    assert setting.documents.fetched == [URL]


def test_keys_are_fetched_again_before_they_are_outdated() -> None:
    setting = make("k1")
    setting.knows("k1")
    assert setting.knows_after(479)
    assert setting.fetches == 1
    assert setting.knows_after(1)
    assert setting.fetches == 2


def test_while_keys_are_fresh_nobody_waits_for_the_next() -> None:
    setting = make_then_keep("k1")
    assert setting.knows_after(FRESH_S * 0.9)
    assert len(setting.later.jobs) == 1


def test_however_many_ask_one_fetch_is_under_way() -> None:
    """Threat 115."""
    setting = make_then_keep("k1")
    setting.clock.advance(FRESH_S * 0.9)
    assert all(setting.knows("k1") for _ in range(100))
    assert len(setting.later.jobs) == 1


def test_a_withdrawn_key_is_refused_once_the_keys_are_outdated() -> None:
    """Threat 31: also when nobody has asked since."""
    setting = make("k1", "k2")
    assert setting.knows("k1")
    setting.documents.publish("k2")
    assert not setting.knows_after(FRESH_S)
    assert setting.knows("k2")


def test_a_withdrawn_key_is_refused_after_a_fetch_for_another() -> None:
    """Threat 31."""
    setting = make("k1")
    setting.knows("k1")
    setting.documents.publish("k2")
    assert setting.knows_after(COOL_DOWN_S, "k2")
    assert not setting.knows("k1")


def test_a_new_key_is_found_after_the_cool_down() -> None:
    setting = make("k1")
    setting.knows("k1")
    setting.documents.publish("k1", "k2")
    assert not setting.knows_after(COOL_DOWN_S - 1, "k2")
    assert setting.knows_after(1, "k2")


def test_made_up_kids_cause_one_fetch_in_a_cool_down() -> None:
    """Threats 29 and 115."""
    setting = make("k1")
    setting.knows("k1")
    for number in range(10_000):
        setting.clock.advance(COOL_DOWN_S * 3 / 10_000)
        assert not setting.knows(f"{number:04096}" if number % 1000 == 0 else str(number))
    assert setting.fetches <= 1 + 3
    assert setting.knows("k1")


def test_made_up_kids_leave_nothing_behind() -> None:
    """Threat 29."""
    setting = make("k1")
    setting.knows("k1")
    before = {name: getattr(setting.keys, name) for name in vars(setting.keys)}
    for number in range(1000):
        setting.knows(str(number))
    assert {name: getattr(setting.keys, name) for name in vars(setting.keys)} == before


def test_a_spent_budget_stops_fetches_for_unknown_kids_alone() -> None:
    """Threat 115: what strangers spend is not what keeps keys fresh."""
    setting = make("k1", budget=1, window_s=DAY_S)
    setting.knows("k1")
    assert not setting.knows_after(COOL_DOWN_S, "made up")
    for _ in range(4):
        with pytest.raises(IssuerUnavailableError):
            setting.knows_after(COOL_DOWN_S, "it may be a new one")
    assert setting.fetches == 2
    assert setting.knows_after(FRESH_S)
    assert setting.fetches == 3


def test_without_any_keys_it_is_unavailable() -> None:
    setting = make("k1")
    setting.documents.down = DOWN
    with pytest.raises(IssuerUnavailableError, match="the fake is down") as caught:
        setting.knows("k1")
    assert caught.value.retry_after_s >= 1


def test_in_an_outage_the_last_good_keys_serve_for_a_day() -> None:
    """Threat 114."""
    setting = make("k1")
    setting.knows("k1")
    setting.documents.down = DOWN
    assert setting.knows_after(FRESH_S)
    assert setting.knows_after(DAY_S - FRESH_S - 1)
    with pytest.raises(IssuerUnavailableError):
        setting.knows_after(1)


def test_keys_that_are_a_day_old_are_replaced_once_the_outage_is_over() -> None:
    setting = make("k1")
    setting.knows("k1")
    setting.documents.down = DOWN
    setting.knows_after(FRESH_S)
    setting.documents.down = None
    assert setting.knows_after(DAY_S - FRESH_S)


def test_in_an_outage_an_unknown_kid_is_not_called_wrong() -> None:
    setting = make("k1")
    setting.knows("k1")
    setting.documents.down = DOWN
    with pytest.raises(IssuerUnavailableError):
        setting.knows_after(COOL_DOWN_S, "k2")
    assert setting.knows("k1")


def test_in_an_outage_fetches_become_rare() -> None:
    """Threat 115: a server that is down is left alone, and callers are told for how long."""
    setting = make("k1")
    setting.documents.down = DOWN
    rests_s = (0.75, 1.5, 3, 6, 12, 24, 48, 96, 192, 225, 225, 225)
    for number, rest_s in enumerate(rests_s):
        with pytest.raises(IssuerUnavailableError) as caught:
            setting.knows("k1")
        assert caught.value.retry_after_s == max(1, rest_s)
        setting.clock.advance(rest_s - 0.25)
        _unavailable(setting)
        assert setting.fetches == number + 1
        setting.clock.advance(0.25)


def test_an_outage_ends_by_itself() -> None:
    setting = make("k1")
    setting.documents.down = DOWN
    with pytest.raises(IssuerUnavailableError):
        setting.knows("k1")
    setting.documents.down = None
    assert setting.knows_after(0.75)
    assert not setting.knows("k2")


def test_a_broken_document_keeps_the_last_good_keys() -> None:
    """Threat 114."""
    setting = make("k1")
    setting.knows("k1")
    setting.documents.body = b'{"keys": ['
    assert setting.knows_after(FRESH_S)
    assert setting.fetches == 2


def test_a_server_that_changes_its_mind_is_believed_each_time() -> None:
    """Threat 114: two machines behind one name, say."""
    setting = make("k1")
    for kids in (("k1",), ("k2",), ("k1",), (), ("k1",)):
        setting.documents.publish(*kids)
        assert setting.knows_after(FRESH_S) is ("k1" in kids)


def test_a_bug_of_ours_is_an_outage(caplog: pytest.LogCaptureFixture) -> None:
    setting = make("k1")
    setting.documents.down = ZeroDivisionError("oops")
    with pytest.raises(IssuerUnavailableError, match="ZeroDivisionError"):
        setting.knows("k1")
    assert "Traceback" in caplog.text


def test_a_machine_that_cannot_fetch_is_an_outage_without_a_rest() -> None:
    clock, documents = ManualClock(), FakeDocuments("k1")
    free = [True]
    means = Means(
        documents,
        lambda job: free[0] and Later()(job),
        clock,
        FairBudget(clock, count=1, window_s=1),
        jitter=lambda: 0.5,
    )
    keys = PublishedKeys(URL, means, brought_by="acme")
    for able in (False, True, False):
        free[:] = [able]
        clock.advance(FRESH_S)
        if able:
            assert keys.find("acme", "k1", ES256) is not None
        else:
            with pytest.raises(IssuerUnavailableError):
                keys.find("acme", "k1", ES256)
    assert fill(means.slots) == MAX_AT_ONCE


def test_a_fetch_that_cannot_begin_leaves_nothing_behind() -> None:
    """Threat 80: the machine has no memory for a thread, say."""
    clock, documents = ManualClock(), FakeDocuments("k1")
    refetches = FairBudget(clock, count=1, window_s=1)
    means = Means(documents, _fail_to_begin, clock, refetches, lambda: 0.5)
    keys = PublishedKeys(URL, means, brought_by="acme")
    with pytest.raises(MemoryError):
        keys.find("acme", "k1", ES256)
    keys._means = replace(means, begin=Later())
    assert keys.find("acme", "k1", ES256) is not None
    assert fill(means.slots) == MAX_AT_ONCE


def test_who_waits_for_a_fetch_that_cannot_begin_gets_no_outdated_key() -> None:
    """Threat 31."""
    setting = make("k1")
    setting.knows("k1")
    setting.clock.advance(FRESH_S)
    places, failing = WatchedPlaces(), threading.Event()

    def begin(_job: Callable[[], None]) -> bool:
        failing.set()
        assert places.taken.acquire(timeout=30)
        return False

    means = replace(setting.means, begin=begin, places=places)
    setting.keys._means = means
    asking = threading.Thread(target=_unavailable, args=(setting,))
    asking.start()
    assert failing.wait(30)
    _unavailable(setting)
    asking.join()


def test_where_too_many_fetches_are_under_way_fresh_keys_serve() -> None:
    """Threat 114."""
    setting = make("k1")
    setting.knows("k1")
    fill(setting.means.slots)
    assert setting.knows_after(FRESH_S - 1)
    assert setting.fetches == 1


def test_a_flood_of_fetches_keeps_no_withdrawn_key_alive() -> None:
    """Threats 31 and 114: what others take is no outage of this issuer."""
    setting = make("k1")
    setting.knows("k1")
    fill(setting.means.slots)
    setting.clock.advance(FRESH_S)
    _unavailable(setting)
    assert setting.fetches == 1
    for tenant in FLOOD:
        setting.means.slots.give_back(tenant)
    assert setting.knows("k1")


def test_a_flood_of_fetches_makes_no_new_key_wrong_nor_cools_down() -> None:
    setting = make("k1")
    setting.knows("k1")
    setting.documents.publish("k1", "k2")
    setting.clock.advance(COOL_DOWN_S)
    fill(setting.means.slots)
    with pytest.raises(IssuerUnavailableError):
        setting.knows("k2")
    for tenant in FLOOD:
        setting.means.slots.give_back(tenant)
    assert setting.knows("k2")


def test_a_request_does_not_wait_for_a_fetch_that_is_old() -> None:
    """Threat 114: a slow issuer takes each thread of a worker for a moment, once."""
    setting = make("k1")
    setting.later.keeps = True
    in_threads(lambda: _unavailable(setting), times=1)
    setting.clock.advance(2)
    began_at = time.monotonic()
    _unavailable(setting)
    assert time.monotonic() - began_at < PATIENCE_S / 2
    assert len(setting.later.jobs) == 1


def test_only_so_many_requests_wait_at_once() -> None:
    """Threat 114: slow issuers leave threads of the worker to other tenants."""
    setting = make("k1")
    setting.later.keeps = True
    fill(setting.means.places)
    began_at = time.monotonic()
    _unavailable(setting)
    assert time.monotonic() - began_at < PATIENCE_S / 2


def test_what_is_there_already_needs_no_place() -> None:
    setting = make("k1")
    fill(setting.means.places)
    assert setting.knows("k1")


def test_all_who_wait_are_told_by_one_fetch() -> None:
    """Threat 115."""
    clock, places = ManualClock(), WatchedPlaces()
    documents = FakeDocuments("k1")
    source = AnsweringWhenWaitedFor(documents, places.taken, 2)
    means = Means(
        source,
        _in_thread,
        clock,
        FairBudget(clock, count=1, window_s=1),
        lambda: 0.5,
        places=places,
    )
    keys, found = PublishedKeys(URL, means, brought_by="acme"), list[object]()
    in_threads(lambda: found.append(keys.find("acme", "k1", ES256)), times=1, threads=2)
    assert None not in found
    assert len(found) == 2
    assert documents.fetched == [URL]


def test_places_are_given_back() -> None:
    setting = make("k1")
    setting.later.keeps = True
    for _ in range(MAX_WAITING + 1):
        setting.clock.advance(PATIENCE_S)
        _unavailable(setting)
    assert fill(setting.means.places) == MAX_WAITING == 6


def test_a_kid_is_not_said_to_be_unknown_while_newer_keys_are_on_their_way() -> None:
    setting = make_then_keep("k1")
    setting.clock.advance(COOL_DOWN_S)
    fill(setting.means.places)
    with pytest.raises(IssuerUnavailableError):
        setting.knows("k2")


def test_nor_once_it_is_no_longer_waited_for() -> None:
    setting = make_then_keep("k1")
    setting.clock.advance(COOL_DOWN_S)
    fill(setting.means.places)
    for _ in range(2):
        with pytest.raises(IssuerUnavailableError):
            setting.knows("k2")
        for tenant in FLOOD[:3]:
            setting.means.places.give_back(tenant)
        setting.clock.advance(2)


def _unavailable(setting: Setting) -> None:
    with pytest.raises(IssuerUnavailableError):
        setting.knows("k1")


def test_what_happens_is_counted() -> None:
    setting = make("k1")
    setting.knows("k1")
    for _ in range(2):
        setting.knows("made up")
    setting.knows_after(COOL_DOWN_S, "made up")
    setting.documents.down = RefusedAddressError("inside")
    setting.knows_after(FRESH_S)
    assert setting.means.counters.counts() == {
        "fetches": 3,
        "failures": 1,
        "refused_addresses": 1,
        "unknown_kid_refetches": 1,
        "unknown_kid_refusals": 2,
    }
    assert setting.keys.age_s == FRESH_S


def test_an_outage_is_told_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture) -> None:
    setting = make("k1")
    setting.knows("k1")
    setting.documents.down = FetchError("it answers 500")
    for _ in range(5):
        setting.knows_after(FRESH_S)
    setting.documents.down = None
    setting.knows_after(FRESH_S)
    assert [record.getMessage() for record in caplog.records] == [
        "the keys at idp.test/jwks cannot be fetched: it answers 500",
        "the keys at idp.test/jwks can be fetched again",
    ]


def test_keys_that_are_not_used_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    setting = make("k1")
    good = setting.documents.body
    with caplog.at_level(logging.WARNING, logger="tenantauth"):
        for body in (BROKEN, BROKEN, good, BROKEN):
            setting.documents.body = body
            setting.knows_after(FRESH_S)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert said[0] == said[1]
    first, second = said[0].removeprefix("keys at idp.test/jwks are not used: ").split("; ")
    assert first.startswith("one: a key is a JSON object")
    assert "\x1b" not in second


def _fail_to_begin(_job: Callable[[], None]) -> bool:
    raise MemoryError


BROKEN = b'{"keys": [{"kid": "x\\u001b"}, 7]}'


class WatchedPlaces(FairShares):
    """Places of which one can wait until they are taken."""

    def __init__(self) -> None:
        super().__init__(8)
        self.taken = threading.Semaphore(0)

    def take(self, tenant: str) -> bool:
        taken = super().take(tenant)
        self.taken.release()
        return taken


class AnsweringWhenWaitedFor(NamedTuple):
    """A server that is as slow as it takes until so many requests wait for it."""

    documents: FakeDocuments
    waiting: threading.Semaphore
    number: int

    def fetch(self, url: str) -> Fetched:
        assert all(self.waiting.acquire(timeout=30) for _ in range(self.number))
        return self.documents.fetch(url)


def _in_thread(job: Callable[[], None]) -> bool:
    threading.Thread(target=job, daemon=True).start()
    return True
