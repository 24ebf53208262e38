"""Keys that others made, judged."""

import base64
import json
import os
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa, x25519
from joserfc.jwk import ECKey, OKPKey, RSAKey

from tenants.key_import import read_key
from tenants.keys import import_private
from tests.tenants.key_forms import (
    ED25519,
    P256,
    P384,
    RSA,
    Pair,
    bare_forms,
    private_der,
    private_pem,
    public_jwk,
    public_pem,
    secret_jwk,
)

OPENSSL = form.PrivateFormat.TraditionalOpenSSL
PKCS1 = form.PublicFormat.PKCS1
EC_JWK = ECKey.generate_key("P-256").as_dict(private=True)
SECRET = os.urandom(64)
TEXT = os.urandom(32).hex().encode()


@pytest.mark.parametrize(
    ("data", "algorithm"),
    [
        pytest.param(private_pem(RSA), "RS256", id="RSA PKCS8"),
        pytest.param(private_pem(RSA, OPENSSL), "RS256", id="RSA PKCS1"),
        pytest.param(private_pem(P256), "ES256", id="P-256 PKCS8"),
        pytest.param(private_pem(P256, OPENSSL), "ES256", id="P-256 SEC1"),
        pytest.param(private_pem(P384), "ES384", id="P-384"),
        pytest.param(private_pem(ED25519), "EdDSA", id="Ed25519"),
        pytest.param(private_pem(P256).replace(b"\n", b"\r\n"), "ES256", id="CRLF"),
        pytest.param(private_pem(P256).replace(b"\n", b"\r"), "ES256", id="CR"),
        pytest.param(b"\xef\xbb\xbf" + private_pem(P256), "ES256", id="BOM"),
        pytest.param(b"Bag: x\n\n" + private_pem(P256) + b"\nbye", "ES256", id="text around"),
        pytest.param(json.dumps(EC_JWK).encode(), "ES256", id="EC JWK"),
        *(
            pytest.param(json.dumps(jwk.as_dict(private=True)).encode(), name, id=f"{name} JWK")
            for jwk, name in (
                (OKPKey.generate_key("Ed25519"), "EdDSA"),
                (RSAKey.generate_key(2048), "RS256"),
            )
        ),
    ],
)
def test_a_private_key_in_any_form_can_sign(data: bytes, algorithm: str) -> None:
    key = read_key(data, kid="old", state="active")
    assert (key.kid, key.algorithm, key.public_jwk["alg"]) == ("old", algorithm, algorithm)
    assert key.private_jwk_bytes is not None
    assert import_private(key.private_jwk_bytes).is_private
    assert {"d", "p", "k"}.isdisjoint(key.public_jwk)
    assert json.loads(key.private_jwk_bytes)["d"] not in repr(key)


@pytest.mark.parametrize(
    "data",
    [public_pem(RSA), public_pem(RSA, PKCS1), public_pem(P256), public_pem(ED25519)],
    ids=["RSA", "RSA PKCS1", "P-256", "Ed25519"],
)
def test_a_public_key_verifies_and_cannot_sign(data: bytes) -> None:
    assert read_key(data, kid="old").private_jwk_bytes is None
    for state in ("pending", "active"):
        with pytest.raises(ValueError, match="private half is needed"):
            read_key(data, kid="old", state=state)


def test_an_algorithm_that_is_given_wins_over_what_is_usual() -> None:
    assert read_key(private_pem(RSA), kid="old", algorithm="PS256").algorithm == "PS256"


def test_a_key_is_picked_from_a_set_by_its_kid() -> None:
    jwks = json.dumps({"keys": [{**EC_JWK, "kid": kid} for kid in ("a", "b")]}).encode()
    assert read_key(jwks, kid="b").kid == "b"
    with pytest.raises(
        ValueError, match="0 of the 2 keys in it have the kid 'c'; there are: 'a', 'b'"
    ):
        read_key(jwks, kid="c")


def test_an_encrypted_key_needs_its_password() -> None:
    data = private_pem(P256, password=b"right")
    assert read_key(data, kid="old", password=b"right").algorithm == "ES256"
    with pytest.raises(ValueError, match="with this password"):
        read_key(data, kid="old", password=b"wrong")
    with pytest.raises(ValueError, match="there is no password"):
        read_key(data, kid="old")


@pytest.mark.parametrize(
    ("data", "algorithm"),
    [
        (secret_jwk(SECRET, alg="HS512"), None),
        (secret_jwk(SECRET), "HS256"),
        (SECRET, "HS512"),
        (TEXT, "HS256"),
    ],
    ids=["JWK", "JWK without alg", "bytes", "text"],
)
def test_a_secret_is_never_in_the_public_part(data: bytes, algorithm: str | None) -> None:
    """Threat 33."""
    key = read_key(data, kid="old", algorithm=algorithm)
    assert set(key.public_jwk) == {"kty", "kid", "use", "alg"}
    assert key.private_jwk_bytes is not None
    assert json.loads(key.private_jwk_bytes)["k"] not in repr(key)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"key_ops": ["verify"]}, "key_ops do not hold sign"),
        ({"key_ops": ["sign"]}, "key_ops do not hold verify"),
        ({"key_ops": ["sign", "verify", "encrypt"]}, "other uses"),
        ({"key_ops": None}, "key_ops do not hold sign"),
        ({"key_ops": ["sign", "verify"]}, None),
        ({"use": "enc"}, "use is not sig"),
        ({"k": "not base64url!"}, "^its k is not canonical base64url"),
        ({"k": None}, "^its k is not canonical base64url|32 bytes"),
    ],
    ids=str,
)
def test_threat_35_a_secret_is_for_both_halves_of_a_signature(
    members: dict[str, Any], reason: str | None
) -> None:
    data = json.dumps({**json.loads(secret_jwk(SECRET, alg="HS256")), **members}).encode()
    if reason is None:
        assert read_key(data, kid="old").algorithm == "HS256"
        return
    with pytest.raises(ValueError, match=reason):
        read_key(data, kid="old")


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""], ids=repr)
def test_a_line_end_behind_a_text_is_not_its_secret(end: bytes) -> None:
    bare = read_key(TEXT, kid="old", algorithm="HS256")
    assert read_key(TEXT + end, kid="old", algorithm="HS256") == bare


def test_a_last_byte_of_a_binary_secret_is_kept() -> None:
    key = read_key(SECRET + b"\n", kid="old", algorithm="HS512")
    assert key != read_key(SECRET, kid="old", algorithm="HS512")


@pytest.mark.parametrize("secret", [b'{"' + TEXT, b"{" + SECRET[:63]], ids=["text", "bytes"])
def test_a_brace_may_begin_a_secret(secret: bytes) -> None:
    key = read_key(secret, kid="old", algorithm="HS256")
    assert import_private(key.private_jwk_bytes or b"").raw_value == secret


@pytest.mark.parametrize("pair", [RSA, P256, P384, ED25519], ids=["RSA", "P-256", "P-384", "Ed"])
def test_threat_2_a_public_key_is_an_hmac_secret_in_no_file_and_no_member(pair: Pair) -> None:
    forms = bare_forms(pair)
    files = [secret_jwk(data) for data in forms.values()]
    for data in [*files, *(data for name, data in forms.items() if name != "JWK")]:
        with pytest.raises(ValueError, match="a public key or a certificate: as an HMAC secret"):
            read_key(data, kid="old", algorithm="HS256")


@pytest.mark.parametrize("pair", [RSA, P256, ED25519], ids=["RSA", "P-256", "Ed25519"])
def test_a_private_key_as_an_hmac_secret_is_to_be_imported_for_what_it_is(pair: Pair) -> None:
    for data in (private_pem(pair), private_der(pair), base64.b64encode(private_der(pair))):
        for file in (data, secret_jwk(data)):
            with pytest.raises(ValueError, match="it is a private key and no HMAC secret"):
                read_key(file, kid="old", algorithm="HS256")


X25519 = x25519.X25519PrivateKey.generate()
X25519_PEM = X25519.public_key().public_bytes(
    form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo
)
SSH = P256.public_key().public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH)
DER = RSA.public_key().public_bytes(form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo)
CERTIFICATE = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("data", "options", "reason"),
    [
        pytest.param(b"", {}, "is not a PEM", id="empty"),
        pytest.param(b"x" * 300_000, {}, "larger than 256 KiB", id="huge"),
        pytest.param(CERTIFICATE, {}, "certificate; give its public key", id="certificate"),
        pytest.param(SSH, {}, "ssh key", id="ssh public key"),
        pytest.param(DER, {}, "is not a PEM", id="DER"),
        pytest.param(b"{}", {}, "is not a PEM", id="JSON without a key"),
        pytest.param(b'{"kty": "RSA"', {}, "no strict JSON", id="JSON without an end"),
        pytest.param(
            json.dumps(public_jwk(RSA)).encode(), {"algorithm": "HS256"}, "HS256", id="RSA as HMAC"
        ),
        pytest.param(public_pem(RSA), {"algorithm": "ES256"}, "ES256", id="other family"),
        pytest.param(private_pem(P256) + private_pem(RSA), {}, "several keys", id="two keys"),
        pytest.param(private_pem(P256)[:-30], {}, "no end", id="cut off"),
        pytest.param(X25519_PEM, {}, "no RSA, EC or Ed25519", id="X25519"),
        pytest.param(public_pem(RSA), {"kid": "a b"}, "a kid is", id="space in the kid"),
        pytest.param(public_pem(RSA), {"kid": ""}, "a kid is", id="no kid"),
        pytest.param(public_pem(RSA), {"algorithm": "none"}, "'none' is not", id="alg none"),
        pytest.param(secret_jwk(SECRET), {}, "HS256 or HS512", id="secret without alg"),
        pytest.param(
            secret_jwk(SECRET, alg="HS256"), {"algorithm": "HS512"}, "HS256 or", id="algs disagree"
        ),
        pytest.param(secret_jwk(SECRET, alg="ES256"), {}, "HS256 or", id="secret for ES256"),
        pytest.param(b"changeme" * 8, {"algorithm": "HS256"}, "guessed", id="guessable"),
        pytest.param(b"short", {"algorithm": "HS256"}, "32 bytes or more", id="short secret"),
    ],
)
def test_what_cannot_be_taken_over_says_why(
    data: bytes, options: dict[str, Any], reason: str
) -> None:
    """Threats 2, 6, 35."""
    with pytest.raises(ValueError, match=reason):
        read_key(data, **{"kid": "old", **options})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"use": "enc"}, "use is not sig"),
        ({"key_ops": ["verify"]}, "do not hold sign"),
        ({"alg": "none"}, "alg is none"),
        ({"alg": "RS256"}, "alg is none"),
        ({"k": "AAAA"}, "symmetric"),
        ({"oth": []}, "multi-prime"),
        ({"kid": "other"}, "another kid"),
        ({"d": "AAAA"}, "private half"),
        ({"d": ECKey.generate_key("P-256").as_dict(private=True)["d"]}, "another public key"),
        ({"crv": "P-384"}, "length"),
        ({"x": EC_JWK["y"]}, "its point is not on the curve P-256"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_a_private_jwk_that_is_not_good_says_why(changes: dict[str, Any], reason: str) -> None:
    """Threats 13, 33, 35."""
    with pytest.raises(ValueError, match=reason) as caught:
        read_key(json.dumps({**EC_JWK, **changes}).encode(), kid="old")
    assert str(EC_JWK["d"]) not in str(caught.value)


def test_a_private_jwk_may_be_for_signing_alone() -> None:
    data = json.dumps({**EC_JWK, "key_ops": ["sign"]}).encode()
    assert read_key(data, kid="old", state="active").private_jwk_bytes is not None


def test_threat_33_a_key_with_a_part_of_its_private_half_is_refused() -> None:
    data = json.dumps({**public_jwk(RSA), "p": "AAAA"}).encode()
    with pytest.raises(ValueError, match="parts of a private key, but not all of them"):
        read_key(data, kid="old")


def test_an_ed25519_half_of_another_pair_is_refused() -> None:
    one, other = (OKPKey.generate_key("Ed25519").as_dict(private=True) for _ in range(2))
    with pytest.raises(ValueError, match="belongs to another public key"):
        read_key(json.dumps({**one, "x": other["x"]}).encode(), kid="old")


@pytest.mark.parametrize(
    "pair",
    [
        rsa.generate_private_key(65537, 1024),  # noqa: S505  # weak is the point
        rsa.generate_private_key(3, 2048),
    ],
    ids=["1024 bits", "exponent 3"],
)
def test_threat_12_a_weak_rsa_key_is_refused(pair: rsa.RSAPrivateKey) -> None:
    for data in (private_pem(pair), public_pem(pair)):
        with pytest.raises(ValueError, match=r"bits or more|exponent"):
            read_key(data, kid="old")


def test_keys_of_other_kinds_are_refused() -> None:
    others = dsa.generate_private_key(2048), ec.generate_private_key(ec.SECP521R1())
    for pair in others:
        data = pair.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
        with pytest.raises(ValueError, match=r"no RSA, EC or Ed25519|kty and crv"):
            read_key(data, kid="old")
