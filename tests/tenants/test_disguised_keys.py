"""Keys of a pair in other clothing."""

import secrets
from random import Random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, x25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates
from hypothesis import given
from hypothesis import strategies as st

from tenants.disguised_keys import half_of_pair
from tests.tenants.key_forms import (
    ED25519,
    P256,
    PAIRS,
    RSA,
    bare_forms,
    certificate,
    point,
    private_pem,
)

DER, PKCS8 = form.Encoding.DER, form.PrivateFormat.PKCS8
OPENSSL = form.PrivateFormat.TraditionalOpenSSL
SPKI = form.PublicFormat.SubjectPublicKeyInfo
SEALED = form.BestAvailableEncryption(b"x")
PLAIN = form.NoEncryption()
X25519_DER = x25519.X25519PrivateKey.generate().public_key().public_bytes(DER, SPKI)
UNKNOWN_DER = X25519_DER.replace(b"\x2b\x65\x6e", b"\x2b\x65\x60")
NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a long name" * 5)])
CSR = x509.CertificateSigningRequestBuilder(NAME).sign(P256, SHA256())


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(data, id=f"{kind} {name}")
        for kind, pair in PAIRS.items()
        for name, data in bare_forms(pair).items()
    ],
)
def test_threat_2_a_public_key_of_our_algorithms_is_one_in_every_form(data: bytes) -> None:
    assert half_of_pair(data) == "public"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(X25519_DER, id="X25519"),
        pytest.param(UNKNOWN_DER, id="unknown kind"),
        pytest.param(dsa.generate_private_key(2048).public_key().public_bytes(DER, SPKI), id="DSA"),
        pytest.param(CSR.public_bytes(DER), id="certificate request"),
        *(
            pytest.param(point(ec.generate_private_key(curve).public_key()), id=curve.name)
            for curve in (ec.SECP256K1(), ec.SECP521R1())
        ),
        pytest.param(b"\x00\x00\x00\x1ask-ssh-ed25519@openssh.com\0", id="ssh blob of a token"),
        pytest.param(b"\x00\x00\x00\x22sk-ecdsa-sha2-nistp256@openssh.com\0", id="ecdsa token"),
        pytest.param(b"sk-ssh-ed25519@openssh.com AAAAGnNr", id="ssh line of a token"),
        pytest.param(b"no-pty ecdsa-sha2-nistp256\tAAAAE2Vj", id="line of authorized_keys"),
        pytest.param(b"---- BEGIN SSH2 PUBLIC KEY ----", id="SSH2"),
        pytest.param(rb"-----BEGIN PUBLIC KEY-----\nAAAA", id="PEM of one line"),
        pytest.param(rb'"{\"kty\": \"EC\", \"x\": \"AA\"}"', id="JWK as a JSON text"),
        pytest.param(b"{'kty': 'OKP', 'x': 'AA'}", id="JWK in Python"),
        pytest.param(b"kty: RSA\nn: AA\n", id="JWK in YAML"),
        pytest.param(b"kty=RSA&n=AA", id="JWK in a query"),
        pytest.param(b'{"n": "AA", "e": "AQAB"}', id="RSA JWK without kty"),
        pytest.param(b'{"crv":"Ed25519","x":"AA"}', id="OKP JWK without kty"),
        pytest.param(b"{'x': 'AA', 'crv': 'P-256'}", id="EC JWK without kty"),
        pytest.param(b"<RSAKeyValue><Modulus>", id="XML"),
        pytest.param(b"Public-Key: (256 bit)\npub:\n 04:", id="openssl -text"),
        pytest.param(b"AAAA\n-----END PUBLIC KEY-----", id="PEM without its first line"),
        pytest.param(b"AAAA\n-----END X", id="end of a PEM"),
        pytest.param(b"----BEGIN PUBLIC KEY----", id="PEM of four dashes"),
        pytest.param(b"-----BEGIN+PUBLIC+KEY-----", id="PEM of a form"),
        pytest.param(b"BEGIN\xc2\xa0PUBLIC\xc2\xa0KEY", id="PEM of a web page"),
        pytest.param(b"BEGINPUBLICKEY", id="PEM without spaces"),
        pytest.param(b"BEGINCERTIFICATEMIIB", id="certificate without spaces"),
    ],
)
def test_threat_2_what_others_publish_is_a_public_key(data: bytes) -> None:
    assert half_of_pair(data) == "public"


@pytest.mark.parametrize(
    "form",
    [
        *(
            pytest.param(data, id=f"{kind} {name}")
            for kind, pair in PAIRS.items()
            for name, data in bare_forms(pair).items()
            if name in ("SPKI", "PKCS1", "certificate")
        ),
        pytest.param(CSR.public_bytes(DER), id="certificate request"),
        pytest.param(
            serialize_certificates([x509.load_der_x509_certificate(certificate(P256))], DER),
            id="PKCS7",
        ),
    ],
)
def test_threat_2_a_cut_public_key_and_one_with_more_behind_it_are_none_the_less(
    form: bytes,
) -> None:
    for data in (form[:-1], form[:44], form + b"\0", form + b"\r\n"):
        assert half_of_pair(data) == "public"


@pytest.mark.parametrize("version", [0, 1, 3, 5, 15])
def test_threat_2_a_certificate_of_an_odd_version_is_one(version: int) -> None:
    """The library raises what is no ValueError for them."""
    whole, request = certificate(P256), CSR.public_bytes(DER)
    assert half_of_pair(whole.replace(b"\xa0\x03\x02\x01\x02", bytes((160, 3, 2, 1, version))))
    odd = request.replace(b"\x02\x01\x00", bytes((2, 1, version)), 1)
    assert half_of_pair(odd) == "public"


@pytest.mark.parametrize(
    "data",
    [
        *(
            pytest.param(pair.private_bytes(DER, PKCS8, PLAIN), id=f"{kind} PKCS8")
            for kind, pair in PAIRS.items()
        ),
        pytest.param(RSA.private_bytes(DER, OPENSSL, PLAIN), id="PKCS1"),
        pytest.param(P256.private_bytes(DER, OPENSSL, PLAIN), id="SEC1"),
        pytest.param(P256.private_bytes(DER, PKCS8, SEALED), id="encrypted"),
        pytest.param(RSA.private_bytes(DER, PKCS8, PLAIN)[:40], id="cut"),
        pytest.param(private_pem(P256), id="PEM"),
        pytest.param(b"AAAA\n-----END EC PRIVATE KEY-----", id="PEM without its first line"),
        pytest.param(b"Private-Key: (2048 bit, 2 primes)", id="openssl -text"),
        pytest.param(b"kty=EC&d=AA", id="JWK in a query"),
        pytest.param(private_pem(P256, form.PrivateFormat.OpenSSH), id="ssh"),
        pytest.param(b"openssh-key-v1\0\0\0\0\x04none", id="ssh without its armour"),
        pytest.param(b'{"kty": "EC", "d": "AA"}', id="EC JWK"),
        pytest.param(b'{"d":"AA","kty":"EC"}', id="EC JWK without spaces"),
        pytest.param(b'{"kty": "oct", "k": "AA"}', id="oct JWK"),
        pytest.param(rb"{\"kty\":\"EC\",\"d\":\"AA\"}", id="JWK as a JSON text"),
    ],
)
def test_a_private_key_is_told_from_a_public_one(data: bytes) -> None:
    assert half_of_pair(data) == "private"


def test_a_private_key_of_an_unknown_kind_is_one() -> None:
    der = x25519.X25519PrivateKey.generate().private_bytes(DER, PKCS8, PLAIN)
    assert half_of_pair(der.replace(b"\x2b\x65\x6e", b"\x2b\x65\x60")) == "private"


@pytest.mark.parametrize("first", [0x30, 0x02, 0x04], ids=hex)
def test_threat_2_coordinates_are_a_point_whatever_they_begin_with(first: int) -> None:
    pairs = (ec.derive_private_key(number, ec.SECP256R1()) for number in range(1, 5000))
    bare = (point(pair.public_key())[1:] for pair in pairs)
    assert half_of_pair(next(each for each in bare if each[0] == first)) == "public"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(ED25519.public_key().public_bytes_raw(), id="Ed25519"),
        pytest.param(bytes.fromhex("02" + f"{P256.public_key().public_numbers().x:064x}"), id="x"),
        pytest.param(b"\x30" + secrets.token_bytes(63), id="first byte of DER"),
        pytest.param(b"\x30\x2a" + secrets.token_bytes(42), id="DER in length"),
        pytest.param(b"\x04" + secrets.token_bytes(64), id="first byte of a point"),
        pytest.param(b"your public key: certificate of the e: AQABs", id="words about keys"),
        pytest.param(b"and" + point(P256.public_key()), id="a point behind something"),
        pytest.param(b"the kty: is nothing in a text, nor a ssh-key", id="a text"),
    ],
)
def test_what_random_bytes_can_be_is_no_key(data: bytes) -> None:
    assert half_of_pair(data) is None


@given(st.integers(1, 2**250), st.sampled_from([ec.SECP256R1(), ec.SECP384R1()]))
def test_threat_2_any_point_of_our_curves_is_found(number: int, curve: ec.EllipticCurve) -> None:
    forms = bare_forms(ec.derive_private_key(number, curve))
    assert {half_of_pair(data) for data in forms.values()} == {"public"}


@given(st.binary(min_size=32, max_size=32))
def test_threat_2_any_ed25519_key_is_found_unless_it_is_bare(seed: bytes) -> None:
    pair = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    assert {half_of_pair(data) for data in bare_forms(pair).values()} == {"public"}


@given(st.integers(), st.integers(16, 160))
def test_any_random_secret_is_no_key(seed: int, size: int) -> None:
    assert half_of_pair(Random(seed).randbytes(size)) is None
