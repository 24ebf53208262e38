"""Keys of others, in the forms in which they come."""

import base64
import json
from typing import Any

from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

Pair = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

RSA = rsa.generate_private_key(65537, 2048)
P256 = ec.generate_private_key(ec.SECP256R1())
P384 = ec.generate_private_key(ec.SECP384R1())
ED25519 = ed25519.Ed25519PrivateKey.generate()


def private_pem(
    pair: Pair,
    layout: form.PrivateFormat = form.PrivateFormat.PKCS8,
    password: bytes | None = None,
) -> bytes:
    cipher: form.KeySerializationEncryption = form.NoEncryption()
    if password is not None:
        cipher = form.BestAvailableEncryption(password)
    return pair.private_bytes(form.Encoding.PEM, layout, cipher)


def public_pem(
    pair: Pair, layout: form.PublicFormat = form.PublicFormat.SubjectPublicKeyInfo
) -> bytes:
    return pair.public_key().public_bytes(form.Encoding.PEM, layout)


def secret_jwk(secret: bytes, **members: Any) -> bytes:
    k = base64.urlsafe_b64encode(secret).rstrip(b"=").decode()
    return json.dumps({"kty": "oct", "k": k, **members}).encode()
