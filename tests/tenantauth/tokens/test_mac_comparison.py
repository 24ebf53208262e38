"""The library compares MACs as its users must be able to rely on."""

import pytest
from joserfc.jwk import OctKey
from joserfc.jws import JWSRegistry


class Watched(bytes):
    """Bytes that nobody may compare one by one."""

    __hash__ = bytes.__hash__

    def __eq__(self, other: object) -> bool:
        raise AssertionError("compared with ==, whose time tells how much of it was right")


@pytest.mark.parametrize("algorithm", ["HS256", "HS512"])
def test_macs_are_compared_in_constant_time(algorithm: str) -> None:
    """Threat 16."""
    model, key = JWSRegistry.algorithms[algorithm], OctKey.generate_key(512)
    mac = model.sign(b"text", key)
    assert model.verify(b"text", Watched(mac), key)
    assert not model.verify(b"text", Watched(mac[:-1] + bytes([mac[-1] ^ 1])), key)
