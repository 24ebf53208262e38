"""The contract of `tenantauth.ports.KeySource`."""

import pytest

from tenantauth.errors import IssuerUnavailableError
from tenantauth.keyring import KeyRing
from tenantauth.testing import FakeKeySource, SigningKey
from tests.partners import trust

A, B = "https://a.test", "https://b.test"


@pytest.fixture
def source() -> FakeKeySource:
    rings = {name: KeyRing([SigningKey("1", kind).verification_key()]) for name, kind in KINDS}
    return FakeKeySource(rings)


KINDS = ((A, "ES256"), (B, "EdDSA"))


def test_a_key_is_found_among_those_of_its_issuer(source: FakeKeySource) -> None:
    """Threat 32: two issuers may use one `kid`."""
    found = [source.find(trust(name, jwks_uri=f"{name}/jwks"), "1") for name, _ in KINDS]
    assert [key.algorithm for key in found if key is not None] == ["ES256", "EdDSA"]


@pytest.mark.parametrize("kid", ["", "2", "1 ", "\x00", "a" * 4096], ids=lambda kid: ascii(kid)[:9])
def test_an_unknown_key_is_none(source: FakeKeySource, kid: str) -> None:
    """Threat 29."""
    assert source.find(trust(A, jwks_uri=f"{A}/jwks"), kid) is None


def test_when_keys_cannot_be_known_it_says_so(source: FakeKeySource) -> None:
    source.down = True
    with pytest.raises(IssuerUnavailableError) as caught:
        source.find(trust(A, jwks_uri=f"{A}/jwks"), "1")
    assert caught.value.retry_after_s > 0
