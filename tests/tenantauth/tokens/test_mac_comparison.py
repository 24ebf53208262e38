"""The library compares MACs as its users must be able to rely on, and nobody else does."""

from dataclasses import replace

import pytest
from joserfc.jwk import OctKey
from joserfc.jws import JWSRegistry

from tenantauth.keyring import KeyRing, VerificationKey
from tenantauth.testing import make_policy, make_token
from tenantauth.testing.tokens import encode_bytes
from tenantauth.tokens.verifier import verify
from tests.support import NOW


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


class AskedKey(OctKey):
    """A key that keeps what it was asked for."""

    def __init__(self, secret: bytes) -> None:
        super().__init__(secret, secret)
        self.asked: list[str] = []

    def get_op_key(self, operation: str) -> bytes:
        self.asked.append(operation)
        return bytes(self.raw_value)


def test_no_mac_is_made_to_compare_it_with_a_tokens() -> None:
    """Threat 16: the verifier asks the library to verify, and compares nothing itself."""
    key = AskedKey(bytes(range(32)))
    acme = make_policy()
    policy = replace(acme, keyring=KeyRing([VerificationKey("hs", "HS256", "active", key)]))
    header = {"alg": "HS256", "kid": "hs"}
    signing_input = make_token(acme, header=header).rpartition(".")[0]
    mac = JWSRegistry.algorithms["HS256"].sign(signing_input.encode(), key)
    key.asked.clear()
    verify(f"{signing_input}.{encode_bytes(mac)}", policy, NOW)
    assert key.asked == ["verify"]
