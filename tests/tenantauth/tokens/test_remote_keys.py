import sys
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tenantauth.errors import IssuerUnavailableError, TokenError
from tenantauth.outbound.fetch import Fetched
from tenantauth.outbound.networks import NamedNetwork
from tenantauth.testing import ManualClock, SigningKey, make_policy
from tenantauth.tokens.fetch_means import MAX_AT_ONCE
from tenantauth.tokens.remote_keys import RemoteKeys, make_remote_keys
from tenantauth.tokens.verifier import verify
from tenantauth.trusted_issuer import TrustedIssuer
from tests.partners import ISSUER, partner_token, trust
from tests.servers.documents import DocumentServer, document, saying, serving
from tests.support import in_threads
from tests.tenantauth.forks import in_child
from tests.tenantauth.tokens.key_documents import DOWN, KEYS, FakeDocuments, Later, jwk, key_set

NOW_S = ManualClock().now()


def issuer_at(url: str, name: str = ISSUER) -> TrustedIssuer:
    return trust(name, jwks_uri=url, algorithms=frozenset({"ES256"}))


A, B = issuer_at("https://a.test/jwks"), issuer_at("https://b.test/jwks")


def remote(
    documents: FakeDocuments, clock: ManualClock | None = None, size: int = 10
) -> RemoteKeys:
    return RemoteKeys(documents, clock=clock or ManualClock(), size=size, begin=Later())


class Recorder:
    """Every connection and look-up of this process while it is on."""

    def __init__(self) -> None:
        self.on = False
        self.seen: list[object] = []

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.on and event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
            self.seen.append(arguments[1] if event == "socket.connect" else arguments[0])


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    recorder = Recorder()
    sys.addaudithook(recorder)
    return recorder


@pytest.fixture
def recorded(recorder: Recorder) -> Iterator[list[object]]:
    recorder.seen, recorder.on = [], True
    yield recorder.seen
    recorder.on = False


@pytest.fixture
def server() -> Iterator[DocumentServer]:
    with serving(saying(document(key_set(jwk("k1"))))) as server:
        yield server


def test_two_tenants_share_what_one_address_says() -> None:
    documents = FakeDocuments("k1")
    keys = remote(documents)
    names = {"acme": "https://one.test", "globex": "https://two.test"}
    for tenant, name in names.items():
        assert keys.find(tenant, issuer_at("https://a.test/jwks", name), "k1") is not None
    assert documents.fetched == ["https://a.test/jwks"]


def test_one_kid_at_two_addresses_is_two_keys() -> None:
    """Threat 32: a key is looked for where its issuer publishes, and nowhere else."""
    documents = FakeDocuments("k1")
    keys = remote(documents)
    assert keys.find("acme", A, "k1") is not None
    documents.publish("k2")
    assert keys.find("acme", B, "k1") is None
    assert keys.find("acme", A, "k1") is not None


def test_an_issuer_with_keys_of_its_own_is_not_asked_for_them() -> None:
    documents = FakeDocuments("k1")
    assert remote(documents).find("acme", trust(), "k1") is None
    assert documents.fetched == []


def test_addresses_in_memory_are_bounded() -> None:
    """Threat 114: the one not asked for longest is forgotten."""
    keys = remote(FakeDocuments("k1"), size=2)
    for url in ("https://a.test/", "https://b.test/", "https://a.test/", "https://c.test/"):
        keys.find("acme", issuer_at(url), "k1")
    assert set(keys.ages_s()) == {"https://a.test/", "https://c.test/"}


def test_a_tenant_of_many_issuers_pushes_out_no_others_keys() -> None:
    """Threat 114: an outage of a provider whose keys are gone would be one of the tenant."""
    documents = FakeDocuments("k1")
    keys = remote(documents, size=10)
    keys.find("globex", A, "k1")
    for number in range(50):
        keys.find("acme", issuer_at(f"https://{number}.test/"), "k1")
    documents.down = DOWN
    assert keys.find("globex", A, "k1") is not None
    assert len(keys.ages_s()) == 10


def test_an_address_that_others_share_goes_only_when_nobody_asks() -> None:
    keys = remote(FakeDocuments("k1"), size=2)
    for tenant, issuer in [("acme", A), ("acme", B), ("globex", A)]:
        keys.find(tenant, issuer, "k1")
    keys.find("acme", issuer_at("https://c.test/jwks"), "k1")
    assert set(keys.ages_s()) == {"https://a.test/jwks", "https://c.test/jwks"}


def test_figures_tell_what_was_fetched() -> None:
    clock = ManualClock()
    keys = remote(FakeDocuments("k1"), clock)
    keys.find("acme", A, "k1")
    clock.advance(7)
    assert keys.counts() == {"fetches": 1}
    assert keys.ages_s() == {"https://a.test/jwks": 7}


def test_made_up_kids_at_many_addresses_stay_within_the_budget() -> None:
    """Threat 115: in a minute as many as addresses are kept, not all by one tenant's callers."""
    clock, documents = ManualClock(), FakeDocuments("k1")
    keys = remote(documents, clock, size=20)
    issuers = [issuer_at(f"https://a.test/{number}") for number in range(20)]
    for issuer in issuers:
        keys.find("acme", issuer, "k1")
    clock.advance(60)
    fetches = []
    for tenant in ("acme", "globex", "initech", "umbrella", "hooli", "stark"):
        for issuer in issuers:
            with suppress(IssuerUnavailableError):
                keys.find(tenant, issuer, "made up")
        fetches.append(len(documents.fetched) - len(issuers))
    assert fetches == [10, 15, 18, 19, 20, 20]


def test_made_up_kids_at_every_tenant_keep_no_new_key_out() -> None:
    """Threat 115: an anonymous caller may act as all of them."""
    clock, documents = ManualClock(), FakeDocuments("k1")
    keys = remote(documents, clock, size=100)
    issuers = {str(number): issuer_at(f"https://{number}.test/") for number in range(100)}
    for tenant, issuer in issuers.items():
        keys.find(tenant, issuer, "k1")
    clock.advance(60)
    for tenant, issuer in [*issuers.items()][:-1]:
        keys.find(tenant, issuer, "made up")
    documents.publish("k1", "k2")
    assert keys.find("99", issuers["99"], "k2") is not None


def test_an_address_that_is_forgotten_while_it_is_fetched_is_not_fetched_twice() -> None:
    """Threat 115."""
    later = Later()
    documents = FakeDocuments("k1")
    keys = RemoteKeys(documents, clock=ManualClock(), size=1, begin=later)
    later.keeps = True
    in_threads(lambda: _ask(keys, A.jwks_uri or ""), times=1, threads=1)
    assert len(later.jobs) == 1
    in_threads(lambda: _ask(keys, B.jwks_uri or ""), times=1, threads=1)
    in_threads(lambda: _ask(keys, A.jwks_uri or ""), times=1, threads=1)
    assert len(later.jobs) == 2


def test_a_forked_child_fetches_for_itself() -> None:
    """Threat 80."""
    documents = FakeDocuments("k1")
    keys = remote(documents)
    keys.find("acme", A, "k1")
    assert (
        in_child(lambda: f"{keys.ages_s()} {keys.find('acme', A, 'k1') is not None}") == "{} True"
    )


def test_keys_come_from_a_server_in_a_thread_of_their_own(server: DocumentServer) -> None:
    keys = make_remote_keys([NamedNetwork.parse("127.0.0.1")])
    issuer = issuer_at(f"http://127.0.0.1:{server.port}/jwks")
    assert keys.find("acme", issuer, "k1") is not None
    assert keys.find("acme", issuer, "k1") is not None
    assert len(server.requests) == 1


def test_many_threads_cause_one_fetch(server: DocumentServer) -> None:
    """Threats 80 and 115."""
    keys = make_remote_keys([NamedNetwork.parse("127.0.0.1")])
    issuer = issuer_at(f"http://127.0.0.1:{server.port}/jwks")
    found: list[object] = []
    in_threads(lambda: found.append(keys.find("acme", issuer, "k1")), times=1, threads=3)
    assert len(found) == 3
    assert None not in found
    assert len(server.requests) == 1


def test_what_is_not_named_inside_is_not_connected_to(
    server: DocumentServer, recorded: list[object]
) -> None:
    """Threat 112."""
    keys = make_remote_keys()
    with pytest.raises(IssuerUnavailableError):
        keys.find("acme", issuer_at(f"https://127.0.0.1:{server.port}/jwks"), "k1")
    assert recorded == []
    assert keys.counts() == {"fetches": 1, "failures": 1, "refused_addresses": 1}


def test_a_token_leads_to_no_other_address(server: DocumentServer, recorded: list[object]) -> None:
    """Threats 30 and 112: whatever it says, and however often."""
    issuer = issuer_at(f"http://127.0.0.1:{server.port}/jwks")
    policy = make_policy("acme", trusted_issuers=[issuer])
    keys = make_remote_keys([NamedNetwork.parse("127.0.0.0/8")])
    elsewhere = "http://127.0.0.9:9/jwks"
    said = dict.fromkeys(("jku", "x5u", "jwks_uri", "jwk", "url"), elsewhere)
    for name in (ISSUER, elsewhere, "https://other.test"):
        for kid in ("k2", elsewhere, "../../jwks", "k" * 4096):
            key = SigningKey(kid, "ES256")
            token = partner_token(key=key, header=said, iss=name, jwks_uri=elsewhere)
            with pytest.raises(TokenError):
                verify(token, policy, NOW_S, keys)
    assert set(recorded) == {"127.0.0.1", ("127.0.0.1", server.port)}
    assert len(server.requests) == 1


def test_a_token_of_a_published_key_is_verified(server: DocumentServer) -> None:
    issuer = issuer_at(f"http://127.0.0.1:{server.port}/jwks")
    policy = make_policy("acme", trusted_issuers=[issuer])
    keys = make_remote_keys([NamedNetwork.parse("127.0.0.1")])
    token = partner_token("bob", key=KEYS["k1"])
    assert verify(token, policy, NOW_S, keys).issuer == ISSUER


@pytest.fixture
def slow() -> Iterator["_Slow"]:
    slow = _Slow(FakeDocuments("k1"))
    yield slow
    slow.release.set()


def test_no_more_than_a_few_fetches_run_at_once(slow: "_Slow") -> None:
    """Threat 114: slow servers do not take all of a machine's threads."""
    _ask_for_many(slow, [str(number) for number in range(MAX_AT_ONCE + 8)])
    assert slow.begins(MAX_AT_ONCE)


def test_a_tenant_of_slow_issuers_leaves_others_to_fetch(slow: "_Slow") -> None:
    """Threat 114."""
    _ask_for_many(slow, ["acme"] * 50)
    assert slow.begins(MAX_AT_ONCE // 2)
    _ask_for_many(slow, ["globex"] * 2)
    assert slow.begins(2)


def test_a_machine_without_a_free_thread_is_an_outage_that_ends(
    server: DocumentServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threat 80."""
    keys = make_remote_keys([NamedNetwork.parse("127.0.0.1")])
    url = f"http://127.0.0.1:{server.port}/jwks"
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", _refuse_to_start)
        for _ in range(20):
            _ask(keys, url)
    assert keys.find("acme", issuer_at(url), "k1") is not None


def _refuse_to_start(_thread: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


class _Slow:
    """Keys at servers that answer when they are released."""

    def __init__(self, documents: FakeDocuments) -> None:
        self.release = threading.Event()
        self.keys = RemoteKeys(self, clock=ManualClock())
        self._documents = documents
        self._begun = threading.Semaphore(0)

    def fetch(self, url: str) -> Fetched:
        self._begun.release()
        self.release.wait(60)
        return self._documents.fetch(url)

    def begins(self, times: int) -> bool:
        """Tell whether fetches have begun so often since the last question, and not once more."""
        all_have = all(self._begun.acquire(timeout=30) for _ in range(times))
        return all_have and not self._begun.acquire(timeout=0.1)


def _ask(keys: RemoteKeys, url: str, tenant: str = "acme") -> None:
    with pytest.raises(IssuerUnavailableError):
        keys.find(tenant, issuer_at(url), "k1")


def _ask_for_many(slow: _Slow, tenants: list[str]) -> None:
    """Ask for an address of its own for each, at once."""
    asked = iter([(f"https://{tenant}.test/{n}", tenant) for n, tenant in enumerate(tenants)])
    in_threads(lambda: _ask(slow.keys, *next(asked)), times=1, threads=len(tenants))
