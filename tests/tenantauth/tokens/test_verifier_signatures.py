"""Signatures that other verifiers have taken for good ones; each beside one that is good."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import NoReturn

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry

from tenantauth.errors import TokenError
from tenantauth.keyring import KeyRing, VerificationKey
from tenantauth.policy import TenantPolicy
from tenantauth.testing import SigningKey, make_policy, make_token
from tenantauth.testing.tokens import encode_bytes
from tenantauth.tokens.strict import decode_segment
from tenantauth.tokens.verifier import verify
from tests.support import NOW
from tests.tenantauth.tokens.twins import P256_ORDER, ecdsa_twin

ES, ED, RS = (SigningKey(kid, kid) for kid in ("ES256", "EdDSA", "RS256"))
ACME = make_policy(keys=[ES, ED, RS])
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493


def parts(key: SigningKey) -> tuple[bytes, bytes]:
    """Return the signing input of a good token, and its signature."""
    signing_input, _, signature = make_token(ACME, key=key).rpartition(".")
    return signing_input.encode(), decode_segment(signature)


def passes(signing_input: bytes, signature: bytes, policy: TenantPolicy = ACME) -> bool:
    try:
        verify(f"{signing_input.decode()}.{encode_bytes(signature)}", policy, NOW)
    except TokenError as error:
        if error.reason != "bad_signature":
            raise
        return False
    return True


@pytest.mark.parametrize("key", [ES, ED, RS], ids=lambda key: key.kid)
def test_a_good_signature_passes_and_constant_bytes_of_its_length_do_not(key: SigningKey) -> None:
    """Threat 7: all zeros, all ones."""
    signing_input, good = parts(key)
    assert passes(signing_input, good)
    for byte in (b"\x00", b"\x01", b"\xff"):
        assert not passes(signing_input, byte * len(good))


EDGES = {"0": 0, "1": 1, "n-1": P256_ORDER - 1, "n": P256_ORDER, "n+1": P256_ORDER + 1}
EDGES["largest"] = 2**256 - 1


@pytest.mark.parametrize(("r", "s"), [*product(EDGES, EDGES)])
def test_an_ecdsa_signature_of_edge_values_is_refused(r: str, s: str) -> None:
    """Threat 7: psychic signatures."""
    signature = EDGES[r].to_bytes(32, "big") + EDGES[s].to_bytes(32, "big")
    assert not passes(parts(ES)[0], signature)


@pytest.mark.parametrize("edge", EDGES.values(), ids=EDGES)
def test_an_edge_value_beside_a_good_half_is_refused(edge: int) -> None:
    """Threat 7."""
    signing_input, good = parts(ES)
    assert not passes(signing_input, edge.to_bytes(32, "big") + good[32:])
    assert not passes(signing_input, good[:32] + edge.to_bytes(32, "big"))


def halves(signature: bytes) -> tuple[int, int]:
    return int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")


ENCODINGS: dict[str, Callable[[int, int], bytes]] = {
    "DER": utils.encode_dss_signature,
    "halves swapped": lambda r, s: s.to_bytes(32, "big") + r.to_bytes(32, "big"),
    "little-endian": lambda r, s: r.to_bytes(32, "little") + s.to_bytes(32, "little"),
    "as P-384 writes it": lambda r, s: r.to_bytes(48, "big") + s.to_bytes(48, "big"),
    "a zero before": lambda r, s: b"\0" + r.to_bytes(32, "big") + s.to_bytes(32, "big"),
    "a zero behind": lambda r, s: r.to_bytes(32, "big") + s.to_bytes(32, "big") + b"\0",
    "r alone": lambda r, s: r.to_bytes(32, "big"),
    "twice": lambda r, s: (r.to_bytes(32, "big") + s.to_bytes(32, "big")) * 2,
    "the sum with n": lambda r, s: r.to_bytes(32, "big") + (s + P256_ORDER).to_bytes(33, "big"),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_another_encoding_of_a_good_ecdsa_signature_is_refused(name: str) -> None:
    """Threat 8: DER in place of r and s, other lengths, swapped halves."""
    signing_input, good = parts(ES)
    assert not passes(signing_input, ENCODINGS[name](*halves(good)))


def test_a_zero_at_the_beginning_of_a_number_is_not_left_out() -> None:
    """Threat 8: some libraries write r and s as short as they are."""
    signing_input = parts(ES)[0]
    signed = (JWSRegistry.algorithms["ES256"].sign(signing_input, ES.private) for _ in range(9999))
    good = next(each for each in signed if not each[0])
    assert passes(signing_input, good)
    assert not passes(signing_input, good[1:])


class RaisingKey(ECKey):
    """A key in whose hands the library stumbles."""

    def get_op_key(self, operation: str) -> NoReturn:
        raise ArithmeticError(operation)


def test_whatever_the_library_raises_is_a_refusal() -> None:
    """Threat 7."""
    key = RaisingKey.import_key(ES.public.as_dict(private=False))
    ring = KeyRing([VerificationKey("ES256", "ES256", "active", key)])
    assert not passes(*parts(ES), replace(ACME, keyring=ring))


@pytest.mark.parametrize("hash_", [hashes.SHA1(), hashes.SHA384(), hashes.SHA512()])  # noqa: S303  # refused
def test_an_ecdsa_signature_over_another_hash_is_refused(hash_: hashes.HashAlgorithm) -> None:
    """Threat 8."""
    private = ES.private.private_key
    assert isinstance(private, EllipticCurvePrivateKey)
    signing_input, _ = parts(ES)

    def signed(chosen: hashes.HashAlgorithm) -> bytes:
        r, s = utils.decode_dss_signature(private.sign(signing_input, ec.ECDSA(chosen)))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    assert passes(signing_input, signed(hashes.SHA256()))
    assert not passes(signing_input, signed(hash_))


def test_the_twin_of_an_ecdsa_token_is_the_same_token() -> None:
    """Threat 9: (r, n - s) is legal; what is kept of a token is its id and never its text."""
    token = make_token(ACME, key=ES)
    twin = verify(ecdsa_twin(token), ACME, NOW)
    assert twin == verify(token, ACME, NOW)
    assert twin.token_id == "token-of-alice"


def test_an_ed25519_signature_has_no_twin() -> None:
    """Threat 10: S + L."""
    signing_input, good = parts(ED)
    scalar = int.from_bytes(good[32:], "little")
    assert not passes(signing_input, good[:32] + (scalar + ED25519_ORDER).to_bytes(32, "little"))


# The points of small order in every encoding that decoders have let pass (RFC 8032 5.1.7).
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_an_ed25519_signature_over_a_point_of_small_order_is_refused(point: str) -> None:
    """Threat 10: such an R with S of zero, and with the good S."""
    signing_input, good = parts(ED)
    assert not passes(signing_input, bytes.fromhex(point) + bytes(32))
    assert not passes(signing_input, bytes.fromhex(point) + good[32:])


# DigestInfo (RFC 8017 9.2): of SHA-256, the same without NULL, and those of other hashes.
SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
SHA256_WITHOUT_NULL = bytes.fromhex("302f300b0609608648016503040201" + "0420")
SHA512 = bytes.fromhex("3051300d060960864801650304020305000440")
SHA1 = bytes.fromhex("3021300906052b0e03021a05000414")


def rsa_signature(encoded: bytes) -> bytes:
    """Return what the private key makes of an encoded message, whatever it holds."""
    numbers = rsa_private().private_numbers()
    modulus = numbers.public_numbers.n
    return pow(int.from_bytes(encoded, "big"), numbers.d, modulus).to_bytes(256, "big")


def rsa_private() -> RSAPrivateKey:
    private = RS.private.private_key
    assert isinstance(private, RSAPrivateKey)
    return private


def padded(info: bytes, *, ones: int | None = None, kind: bytes = b"\x01") -> bytes:
    """Return an encoded message (RFC 8017 9.2), filled with zeros behind when it is short."""
    ones = 253 - len(info) if ones is None else ones
    return (b"\0" + kind + b"\xff" * ones + b"\0" + info).ljust(256, b"\0")[:256]


def paddings(digest: bytes, message: bytes) -> dict[str, bytes]:
    info = SHA256 + digest
    return {
        "no DigestInfo": padded(digest),
        "no NULL": padded(SHA256_WITHOUT_NULL + digest),
        "another hash": padded(SHA512 + hashlib.sha512(message).digest()),
        "SHA-1": padded(SHA1 + hashlib.sha1(message).digest()),  # noqa: S324  # to be refused
        "the name of another hash": padded(SHA512[:-1] + b"\x20" + digest),
        "eight ones and garbage": padded(info, ones=8),
        "no ones": padded(info, ones=0),
        "garbage behind": padded(info + b"\xaa", ones=253 - len(info) - 1),
        "kind 0": padded(info, kind=b"\0"),
        "kind 2": padded(info, kind=b"\x02"),
        "one that is none": padded(info)[:10] + b"\xfe" + padded(info)[11:],
        "long length": padded(b"\x30\x81" + info[1:]),
        "nothing": bytes(256),
        "one": bytes(255) + b"\x01",
    }


NAMES = sorted(paddings(b"", b""))


@pytest.mark.parametrize("name", NAMES)
def test_sloppy_rsa_padding_is_refused(name: str) -> None:
    """Threat 11: though the tenant's key has signed it."""
    signing_input, good = parts(RS)
    digest = hashlib.sha256(signing_input).digest()
    assert rsa_signature(padded(SHA256 + digest)) == good
    assert not passes(signing_input, rsa_signature(paddings(digest, signing_input)[name]))


def test_an_rsa_signature_has_one_number_and_one_length() -> None:
    """Threat 11: s + n, and zeros taken away or added."""
    signing_input, good = parts(RS)
    modulus = rsa_private().public_key().public_numbers().n
    more = int.from_bytes(good, "big") + modulus
    assert not passes(signing_input, more.to_bytes(257, "big"))
    assert not passes(signing_input, b"\0" + good)
    assert not passes(signing_input, good + b"\0")
    assert not passes(signing_input, good[1:])


@pytest.mark.parametrize(
    "salt_length", [0, 20, 32, padding.PSS.MAX_LENGTH], ids=["0", "20", "32", "longest"]
)
def test_a_pss_signature_is_none_of_an_rs256_key(salt_length: int) -> None:
    """Threat 11, threat 3."""
    signing_input, _ = parts(RS)
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length)
    assert not passes(signing_input, rsa_private().sign(signing_input, pss, hashes.SHA256()))


PS = replace(ACME, keyring=KeyRing([VerificationKey("RS256", "PS256", "active", RS.public)]))
PSS = {
    "no salt": (hashes.SHA256(), hashes.SHA256(), 0),
    "a short salt": (hashes.SHA256(), hashes.SHA256(), 20),
    "a long salt": (hashes.SHA256(), hashes.SHA256(), 64),
    "SHA-1 in MGF1": (hashes.SHA1(), hashes.SHA256(), 32),  # noqa: S303  # refused
    "another hash in MGF1": (hashes.SHA512(), hashes.SHA256(), 32),
    "another hash": (hashes.SHA256(), hashes.SHA512(), 32),
}


@pytest.mark.parametrize(("mask", "hash_", "salt_length"), PSS.values(), ids=PSS)
def test_pss_has_one_hash_and_one_length_of_salt(
    mask: hashes.HashAlgorithm, hash_: hashes.HashAlgorithm, salt_length: int
) -> None:
    """Threat 11: RFC 7518 section 3.5."""
    header = {"alg": "PS256"}
    signing_input = make_token(ACME, key=RS, header=header).rpartition(".")[0].encode()
    good = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    odd = padding.PSS(padding.MGF1(mask), salt_length)
    assert passes(signing_input, rsa_private().sign(signing_input, good, hashes.SHA256()), PS)
    assert not passes(signing_input, rsa_private().sign(signing_input, odd, hash_), PS)


def test_the_signature_of_another_token_is_refused() -> None:
    for key in (ES, ED, RS):
        signing_input, _ = parts(key)
        _, _, other = make_token(ACME, "bob", key=key).rpartition(".")
        assert not passes(signing_input, decode_segment(other))
