"""The contract of `tenantauth.ports.KeySource`."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from tenantauth.errors import IssuerUnavailableError
from tenantauth.keyring import KeyRing, VerificationKey
from tenantauth.outbound.fetch import Fetched
from tenantauth.ports import KeySource
from tenantauth.testing import FakeKeySource, ManualClock, SigningKey
from tenantauth.tokens.remote_keys import RemoteKeys
from tests.partners import trust
from tests.tenantauth.tokens.key_documents import DOWN, Later, key_set

A, B = "https://a.test", "https://b.test"
KINDS = ((A, "ES256"), (B, "EdDSA"))
KEYS = {name: SigningKey("1", kind).verification_key() for name, kind in KINDS}


class Source(NamedTuple):
    """An implementation, and what takes the issuers' keys away from it."""

    keys: KeySource
    take_down: Callable[[], object]

    def find(self, name: str, kid: str) -> VerificationKey | None:
        algorithms = frozenset(kind for _, kind in KINDS)
        issuer = trust(name, jwks_uri=f"{name}/jwks", algorithms=algorithms)
        return self.keys.find("acme", issuer, kid)


class Documents:
    """What the issuers publish, by address."""

    def __init__(self) -> None:
        self.down = False

    def fetch(self, url: str) -> Fetched:
        if self.down:
            raise DOWN
        public = KEYS[url.removesuffix("/jwks")].key.as_dict(private=False)
        return Fetched(key_set({**public, "kid": "1"}))


def make_fake() -> Source:
    fake = FakeKeySource({name: KeyRing([key]) for name, key in KEYS.items()})
    return Source(fake, lambda: setattr(fake, "down", True))


def make_remote() -> Source:
    documents = Documents()
    remote = RemoteKeys(documents, clock=ManualClock(), begin=Later())
    return Source(remote, lambda: setattr(documents, "down", True))


@pytest.fixture(params=[make_fake, make_remote], ids=["fake", "remote"])
def source(request: pytest.FixtureRequest) -> Source:
    made: Source = request.param()
    return made


def test_a_key_is_found_among_those_of_its_issuer(source: Source) -> None:
    """Threat 32: two issuers may use one `kid`."""
    found = [source.find(name, "1") for name, _ in KINDS]
    assert [key.algorithm for key in found if key is not None] == ["ES256", "EdDSA"]


@pytest.mark.parametrize("kid", ["", "2", "1 ", "\x00", "a" * 4096], ids=lambda kid: ascii(kid)[:9])
def test_an_unknown_key_is_none(source: Source, kid: str) -> None:
    """Threat 29."""
    assert source.find(A, kid) is None


def test_when_keys_cannot_be_known_it_says_so(source: Source) -> None:
    source.take_down()
    with pytest.raises(IssuerUnavailableError) as caught:
        source.find(A, "1")
    assert caught.value.retry_after_s > 0
