import sys
import threading
from collections.abc import Iterator

import pytest

from tenantauth.errors import IssuerUnavailableError, TokenError
from tenantauth.outbound.fetch import Fetched
from tenantauth.outbound.networks import NamedNetwork
from tenantauth.testing import ManualClock, SigningKey, make_policy
from tenantauth.tokens.fetch_means import MAX_WAITING
from tenantauth.tokens.remote_keys import RemoteKeys, make_remote_keys
from tenantauth.tokens.verifier import verify
from tenantauth.trusted_issuer import TrustedIssuer
from tests.partners import ISSUER, partner_token, trust
from tests.servers.documents import DocumentServer, document, saying, serving
from tests.support import in_threads
from tests.tenantauth.forks import in_child
from tests.tenantauth.tokens.key_documents import KEYS, FakeDocuments, Later, jwk, key_set

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
    names = ("https://one.test", "https://two.test")
    assert all(keys.find(issuer_at("https://a.test/jwks", name), "k1") for name in names)
    assert documents.fetched == ["https://a.test/jwks"]


def test_one_kid_at_two_addresses_is_two_keys() -> None:
    """Threat 32: a key is looked for where its issuer publishes, and nowhere else."""
    documents = FakeDocuments("k1")
    keys = remote(documents)
    assert keys.find(A, "k1") is not None
    documents.publish("k2")
    assert keys.find(B, "k1") is None
    assert keys.find(A, "k1") is not None


def test_an_issuer_with_keys_of_its_own_is_not_asked_for_them() -> None:
    documents = FakeDocuments("k1")
    assert remote(documents).find(trust(), "k1") is None
    assert documents.fetched == []


def test_addresses_in_memory_are_bounded() -> None:
    """Threat 114: the one not asked for longest is forgotten."""
    clock, documents = ManualClock(), FakeDocuments("k1")
    keys = remote(documents, clock, size=2)
    for url in ("https://a.test/", "https://b.test/", "https://a.test/", "https://c.test/"):
        clock.advance(1)
        keys.find(issuer_at(url), "k1")
    assert set(keys.ages_s()) == {"https://a.test/", "https://c.test/"}


def test_figures_tell_what_was_fetched() -> None:
    clock = ManualClock()
    keys = remote(FakeDocuments("k1"), clock)
    keys.find(A, "k1")
    clock.advance(7)
    assert keys.counts() == {"fetches": 1}
    assert keys.ages_s() == {"https://a.test/jwks": 7}


def test_made_up_kids_at_many_addresses_stay_within_the_budget() -> None:
    """Threat 115."""
    clock, documents = ManualClock(), FakeDocuments("k1")
    keys = remote(documents, clock, size=1000)
    issuers = [issuer_at(f"https://a.test/{number}") for number in range(300)]
    for issuer in issuers:
        keys.find(issuer, "k1")
    clock.advance(60)
    for issuer in issuers:
        keys.find(issuer, "made up")
    assert len(documents.fetched) == 300 + 20


def test_a_forked_child_fetches_for_itself() -> None:
    """Threat 80."""
    documents = FakeDocuments("k1")
    keys = remote(documents)
    keys.find(A, "k1")
    assert in_child(lambda: f"{keys.ages_s()} {keys.find(A, 'k1') is not None}") == "{} True"


def test_keys_come_from_a_server_in_a_thread_of_their_own(server: DocumentServer) -> None:
    keys = make_remote_keys([NamedNetwork.parse("127.0.0.1")])
    issuer = issuer_at(f"http://127.0.0.1:{server.port}/jwks")
    assert keys.find(issuer, "k1") is not None
    assert keys.find(issuer, "k1") is not None
    assert len(server.requests) == 1


def test_many_threads_cause_one_fetch(server: DocumentServer) -> None:
    """Threats 80 and 115."""
    keys = make_remote_keys([NamedNetwork.parse("127.0.0.1")])
    issuer = issuer_at(f"http://127.0.0.1:{server.port}/jwks")
    found: list[object] = []
    in_threads(lambda: found.append(keys.find(issuer, "k1")), times=1, threads=MAX_WAITING)
    assert len(found) == MAX_WAITING
    assert None not in found
    assert len(server.requests) == 1


def test_what_is_not_named_inside_is_not_connected_to(
    server: DocumentServer, recorded: list[object]
) -> None:
    """Threat 112."""
    keys = make_remote_keys()
    with pytest.raises(IssuerUnavailableError):
        keys.find(issuer_at(f"https://127.0.0.1:{server.port}/jwks"), "k1")
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


def test_no_more_than_a_few_fetches_run_at_once() -> None:
    """Threat 114: slow servers do not take all of a machine's threads."""
    release, documents = threading.Event(), FakeDocuments("k1")
    keys = RemoteKeys(_Slow(documents, release), clock=ManualClock())
    urls = iter([f"https://{number}.test/" for number in range(20)])
    in_threads(lambda: _ask(keys, next(urls)), times=1, threads=20)
    release.set()
    assert keys.counts()["fetches"] == 8


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
    assert keys.find(issuer_at(url), "k1") is not None


def _refuse_to_start(_thread: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


class _Slow:
    def __init__(self, documents: FakeDocuments, release: threading.Event) -> None:
        self._documents = documents
        self._release = release

    def fetch(self, url: str) -> Fetched:
        self._release.wait(30)
        return self._documents.fetch(url)


def _ask(keys: RemoteKeys, url: str) -> None:
    with pytest.raises(IssuerUnavailableError):
        keys.find(issuer_at(url), "k1")
