"""Keys of a pair that are given as HMAC secrets, in whatever clothing.

A public key as a secret lets everybody sign (RFC 8725 section 2.1). What random bytes can be is not
looked for: every second text of 32 bytes is an Ed25519 key, some of 33 are a compressed point.
"""

import re
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import load_der_x509_certificate, load_der_x509_csr

Half = Literal["public", "private"]

_DER_SEQUENCE = b"\x30"
_TEXT = re.compile(
    rb"-----BEGIN |---- BEGIN SSH2 |"
    rb"kty[\"'\\]*\s*:\s*[\"'\\]*(?:RSA|EC|OKP|oct)\b|"
    rb"\b(?:ssh|ecdsa)-[\w@.-]{1,80}\s+AAAA|"
    # The blob itself begins with the length of its type's name (RFC 4253 section 6.6).
    rb"\A\0\0\0[\x07-\x40](?:sk-)?(?:ssh|ecdsa)-|"
    rb"\Aopenssh-key-v1\0"
)
_PRIVATE_TEXT = re.compile(rb"PRIVATE KEY|openssh-key-v1|[\"'{,\s][dk][\"'\\]*\s*:")
_CURVES = (ec.SECP256R1(), ec.SECP256K1(), ec.SECP384R1(), ec.SECP521R1())
_PUBLIC_FORMS = (
    serialization.load_der_public_key,
    load_der_x509_certificate,
    load_der_x509_csr,
)


def half_of_pair(data: bytes) -> Half | None:
    """Tell which half of a key pair the bytes are, a certificate being public; or that of none.

    Of random bytes it is none, but for one in 2^40 or fewer.
    """
    if _TEXT.search(data):
        return "private" if _PRIVATE_TEXT.search(data) else "public"
    if any(_is_point(data, curve) for curve in _CURVES):
        return "public"
    return _half_in_der(data) if data.startswith(_DER_SEQUENCE) else None


def _half_in_der(data: bytes) -> Half | None:
    if _is_private_key(data):
        return "private"
    for load in _PUBLIC_FORMS:
        try:
            load(data)
        except ValueError:
            continue
        except UnsupportedAlgorithm:
            pass  # A key all the same, of a kind that the library does not know.
        return "public"
    return None


def _is_private_key(data: bytes) -> bool:
    try:
        serialization.load_der_private_key(data, None)
    except ValueError:
        return False
    except (TypeError, UnsupportedAlgorithm):
        return True  # One that a password encrypts, or of an unknown kind.
    return True


def _is_point(data: bytes, curve: ec.EllipticCurve) -> bool:
    # Both coordinates, behind the byte that tells their form (X9.62 section 4.3.6) or without it.
    both = (curve.key_size + 7) // 8 * 2
    return len(data) in (both, both + 1) and _is_on(curve, data[-both:])


def _is_on(curve: ec.EllipticCurve, coordinates: bytes) -> bool:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(curve, b"\x04" + coordinates)
    except ValueError:
        return False
    return True
