"""Keys of others, in the forms in which they come."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey, OKPKey, RSAKey

Pair = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

RSA = rsa.generate_private_key(65537, 2048)
P256 = ec.generate_private_key(ec.SECP256R1())
P384 = ec.generate_private_key(ec.SECP384R1())
ED25519 = ed25519.Ed25519PrivateKey.generate()
PAIRS: dict[str, Pair] = {"RSA": RSA, "P-256": P256, "P-384": P384, "Ed25519": ED25519}


def private_pem(
    pair: Pair,
    layout: form.PrivateFormat = form.PrivateFormat.PKCS8,
    password: bytes | None = None,
) -> bytes:
    cipher: form.KeySerializationEncryption = form.NoEncryption()
    if password is not None:
        cipher = form.BestAvailableEncryption(password)
    return pair.private_bytes(form.Encoding.PEM, layout, cipher)


def private_der(pair: Pair) -> bytes:
    return pair.private_bytes(form.Encoding.DER, form.PrivateFormat.PKCS8, form.NoEncryption())


def public_pem(
    pair: Pair, layout: form.PublicFormat = form.PublicFormat.SubjectPublicKeyInfo
) -> bytes:
    return pair.public_key().public_bytes(form.Encoding.PEM, layout)


def secret_jwk(secret: bytes, **members: Any) -> bytes:
    k = base64.urlsafe_b64encode(secret).rstrip(b"=").decode()
    return json.dumps({"kty": "oct", "k": k, **members}).encode()


def bare_forms(pair: Pair) -> dict[str, bytes]:
    """Return what a public key is without its PEM armour; no form that random bytes can have."""
    key, der = pair.public_key(), form.Encoding.DER
    forms = {
        "SPKI": key.public_bytes(der, form.PublicFormat.SubjectPublicKeyInfo),
        "ssh": key.public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH),
        "certificate": certificate(pair),
        "JWK": json.dumps(public_jwk(pair)).encode(),
        "PEM": public_pem(pair),
    }
    forms["ssh blob"] = base64.b64decode(forms["ssh"].split()[1])
    if isinstance(key, rsa.RSAPublicKey):
        forms["PKCS1"] = key.public_bytes(der, form.PublicFormat.PKCS1)
    if isinstance(key, ec.EllipticCurvePublicKey):
        forms["point"] = point(key)
        forms["coordinates"] = forms["point"][1:]
    return forms


CLOTHINGS: dict[str, Callable[[bytes], bytes]] = {
    "as it is": bytes,
    "line end": lambda data: data + b"\n",
    "CRLF": lambda data: data + b"\r\n",
    "base64": base64.b64encode,
    "base64 in lines": base64.encodebytes,
    "base64 in CRLF lines": lambda data: base64.encodebytes(data).replace(b"\n", b"\r\n"),
    "base64 in one line of .env": lambda d: b'"' + base64.encodebytes(d).replace(b"\n", rb"\n"),
    "base64url": lambda data: base64.urlsafe_b64encode(data).rstrip(b"="),
    "hex": lambda data: data.hex().encode(),
    "HEX:WITH:COLONS": lambda data: data.hex(":").upper().encode(),
    "0x": lambda data: b"0x" + data.hex().encode(),
    "base64 twice": lambda data: base64.b64encode(base64.b64encode(data)),
    "hex in base64 in base64": lambda d: base64.b64encode(base64.b64encode(d.hex().encode())),
    "base64 in UTF-16": lambda data: base64.b64encode(data).decode().encode("utf-16"),
    "base64 with a BOM": lambda data: b"\xef\xbb\xbf" + base64.b64encode(data),
}


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(form.Encoding.X962, form.PublicFormat.UncompressedPoint)


def public_jwk(pair: Pair) -> dict[str, Any]:
    jwk: type[ECKey | RSAKey | OKPKey] = OKPKey
    if isinstance(pair, rsa.RSAPrivateKey):
        jwk = RSAKey
    if isinstance(pair, ec.EllipticCurvePrivateKey):
        jwk = ECKey
    return jwk.import_key(public_pem(pair)).as_dict(private=False)


def certificate(pair: Pair) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tokens")])
    day = datetime(2024, 1, 1, tzinfo=UTC)
    unsigned = x509.CertificateBuilder(name, name, pair.public_key(), 1, day, day)
    digest = None if isinstance(pair, ed25519.Ed25519PrivateKey) else SHA256()
    return unsigned.sign(pair, digest).public_bytes(form.Encoding.DER)
