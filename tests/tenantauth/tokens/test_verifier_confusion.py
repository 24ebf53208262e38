"""One kind of thing taken for another: a public key for a secret, an encrypted token for ours."""

import datetime as dt
import hmac
import json
import zlib
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwe
from joserfc.jwk import OctKey
from joserfc.jws import JWSRegistry

from tenantauth.errors import TokenError
from tenantauth.keyring import KeyRing, VerificationKey
from tenantauth.testing import SigningKey, make_policy, make_token
from tenantauth.testing.tokens import encode_bytes, encode_segment
from tenantauth.tokens.verifier import verify
from tests.support import NOW

ES, ED, RS = (SigningKey(kid, kid) for kid in ("ES256", "EdDSA", "RS256"))
ACME = make_policy(keys=[ES, ED, RS])
CLAIMS = {"iss": ACME.tokens.issuer, "sub": "alice", "tenant": "acme"}


def refused(token: str) -> str:
    with pytest.raises(TokenError) as caught:
        verify(token, ACME, NOW)
    return caught.value.reason


def certificate(key: SigningKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "acme")])
    begins = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    builder = x509.CertificateBuilder(name, name, key.public.public_key, 1, begins, begins)
    private = key.private.private_key
    assert isinstance(private, EllipticCurvePrivateKey | Ed25519PrivateKey | RSAPrivateKey)
    return builder.sign(private, None if key is ED else hashes.SHA256())


def point_forms(key: SigningKey) -> dict[str, bytes]:
    """Return the forms that only this kind of key has."""
    public = key.public.public_key
    if isinstance(public, RSAPublicKey):
        pkcs1 = [
            public.public_bytes(kind, PublicFormat.PKCS1) for kind in (Encoding.PEM, Encoding.DER)
        ]
        modulus = public.public_numbers().n.to_bytes(256, "big")
        return {"PKCS1": pkcs1[0], "PKCS1 in DER": pkcs1[1], "modulus": modulus}
    if isinstance(public, EllipticCurvePublicKey):
        point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        compressed = public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        return {"point": point, "compressed": compressed, "x": point[1:33]}
    return {"raw": public.public_bytes(Encoding.Raw, PublicFormat.Raw)}


def text_forms(key: SigningKey) -> dict[str, bytes]:
    """Return what a server might have in hand where a public key is published."""
    public = key.public
    pem, jwk = public.as_pem(private=False), public.as_dict(private=False)
    cert = certificate(key)
    body = b"".join(pem.splitlines()[1:-1])
    return {
        "PEM": pem,
        "PEM stripped": pem.strip(),
        "PEM with a line more": pem + b"\n",
        "PEM of CR LF": pem.replace(b"\n", b"\r\n"),
        "PEM of CR": pem.replace(b"\n", b"\r"),
        "PEM on one line": pem.replace(b"\n", b""),
        "PEM with escapes": pem.replace(b"\n", b"\\n"),
        "PEM with a mark": b"\xef\xbb\xbf" + pem,
        "PEM in UTF-16": pem.decode().encode("utf-16"),
        "base64": body,
        "DER": public.as_der(private=False),
        "JWK": json.dumps(jwk).encode(),
        "JWK compact": json.dumps(jwk, separators=(",", ":"), sort_keys=True).encode(),
        "JWKS": json.dumps({"keys": [jwk]}).encode(),
        "ssh": public.public_key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
        "certificate": cert.public_bytes(serialization.Encoding.PEM),
        "certificate in DER": cert.public_bytes(serialization.Encoding.DER),
        "kid": key.kid.encode(),
        "nothing": b"",
        **point_forms(key),
    }


@pytest.mark.parametrize("key", [ES, ED, RS], ids=lambda key: key.kid)
@pytest.mark.parametrize("name", ["HS256", "HS384", "HS512"])
def test_no_form_of_a_public_key_is_an_hmac_secret(key: SigningKey, name: str) -> None:
    """Threat 2, threat 6: every text and binary form; no secret, a guessable one."""
    signing_input, _, _ = make_token(ACME, key=key, header={"alg": name}).rpartition(".")
    for form, secret in text_forms(key).items():
        mac = hmac.digest(secret, signing_input.encode(), name.replace("HS", "sha"))
        token = f"{signing_input}.{encode_bytes(mac)}"
        assert (form, refused(token)) == (form, "wrong_algorithm")


@pytest.mark.parametrize("key", [ES, ED, RS], ids=lambda key: key.kid)
def test_an_hmac_under_the_keys_own_algorithm_is_no_signature(key: SigningKey) -> None:
    """Threat 2: the header tells the truth, and the signature is a MAC."""
    signing_input, _, _ = make_token(ACME, key=key).rpartition(".")
    for secret in text_forms(key).values():
        mac = hmac.digest(secret, signing_input.encode(), "sha256")
        assert refused(f"{signing_input}.{encode_bytes(mac)}") == "bad_signature"


def encrypted(key: SigningKey | OctKey, **header: object) -> str:
    algorithms = [str(header["alg"]), str(header["enc"])]
    recipient = key.public if isinstance(key, SigningKey) else key
    plain = json.dumps(CLAIMS).encode()
    return jwe.encrypt_compact(header, plain, recipient, algorithms=algorithms)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (RS, "RSA-OAEP"),
        (ES, "ECDH-ES"),
        (OctKey.import_key(b"k" * 32), "dir"),
        (OctKey.import_key(b"k" * 32), "A256KW"),
    ],
    ids=lambda value: getattr(value, "kid", value) if isinstance(value, SigningKey | str) else "",
)
def test_an_encrypted_token_is_none(key: SigningKey | OctKey, algorithm: str) -> None:
    """Threat 14: encrypted to the very key that verifies, and with a secret that all know."""
    token = encrypted(key, alg=algorithm, enc="A256GCM", kid="RS256", typ="at+jwt")
    assert token.count(".") == 4
    assert refused(token) == "not_compact_jws"


def test_an_encrypted_token_is_none_of_a_tenant_with_secrets() -> None:
    """Threat 14: dir, with the very secret that verifies."""
    secret = OctKey.import_key(b"k" * 32)
    ring = KeyRing([VerificationKey("HS256", "HS256", "active", secret)])
    token = encrypted(secret, alg="dir", enc="A256GCM", kid="HS256", typ="at+jwt")
    with pytest.raises(TokenError) as caught:
        verify(token, replace(ACME, keyring=ring), NOW)
    assert caught.value.reason == "not_compact_jws"


def signed(header: dict[str, object], payload: bytes) -> str:
    named = {"typ": "at+jwt", "alg": "ES256", "kid": "ES256", **header}
    signing_input = f"{encode_segment(named)}.{encode_bytes(payload)}"
    signature = JWSRegistry.algorithms["ES256"].sign(signing_input.encode(), ES.private)
    return f"{signing_input}.{encode_bytes(signature)}"


def test_a_bomb_is_never_unpacked() -> None:
    """Threat 15: 4 MB in 4 KB, really signed, and announced or not."""
    bomb = zlib.compress(b" " * 4_000_000, 9)
    assert refused(signed({"zip": "DEF"}, bomb))
    assert refused(signed({}, bomb)) == "not_strict_json"


def test_no_key_is_derived() -> None:
    """Threat 15: PBES2 with 2^31 - 1 iterations, in three segments and in five."""
    header = {"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2s": "AA", "p2c": 2**31 - 1}
    assert refused(signed(header, json.dumps(CLAIMS).encode())) == "forbidden_header"
    assert refused(f"{encode_segment(header)}.AA.AA.AA.AA") == "not_compact_jws"


def test_no_json_form_of_a_token_is_one() -> None:
    """Threat 17: flattened and general serialisation, and a text that is two forms at once."""
    token = make_token(ACME, key=ES)
    header, payload, signature = token.split(".")
    single = {"protected": header, "signature": signature}
    for form in (
        {"payload": payload, **single},
        {"payload": payload, "signatures": [single]},
        {f"  {header}.{payload}.{signature}  ": "", "payload": payload, **single},
        {f"{header}.e30.{signature}": token},
    ):
        assert refused(json.dumps(form))
        assert refused(f"{json.dumps(form)}.{payload}.{signature}")
