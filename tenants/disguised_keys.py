"""Keys of a pair that are given as HMAC secrets, in whatever clothing.

A public key as a secret lets everybody sign (RFC 8725 section 2.1). What random bytes can be is not
looked for: every second text of 32 bytes is an Ed25519 key, some of 33 are a compressed point.
"""

import re
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec

Half = Literal["public", "private"]

_TEXT = re.compile(
    rb"-----(?:BEGIN|END) |---- BEGIN SSH2 |"
    # Whatever stands between the two words, and for the dashes, after copying.
    rb"(?:PUBLIC|PRIVATE)\W{0,6}KEY|CERTIFICATE|(?:Public|Private)-Key: ?\(|RSAKeyValue|"
    rb"kty[\"'\\]*\s*[:=]\s*[\"'\\]*(?:RSA|EC|OKP|oct)\b|"
    rb"crv[\"'\\]*\s*[:=]\s*[\"'\\]*(?:P-|Ed|X|secp)|\be[\"'\\]*\s*[:=]\s*[\"'\\]*AQAB\b|"
    rb"\b(?:ssh|ecdsa)-[\w@.-]{1,80}\s+AAAA|"
    # The blob itself begins with the length of its type's name (RFC 4253 section 6.6).
    rb"\A\0\0\0[\x07-\x40](?:sk-)?(?:ssh|ecdsa)-|"
    rb"\Aopenssh-key-v1\0"
)
_PRIVATE_TEXT = re.compile(
    rb"PRIVATE\W{0,6}KEY|Private-Key|openssh-key-v1|[\"'{,&\s][dk][\"'\\]*\s*[:=]"
)
# How they begin in DER is enough: one that lost its end, or has a line end more, is no secret.
_LENGTH = rb"(?:[\x02-\x7f]|\x81.|\x82..)"
_INTEGER_OF_RSA = rb"\x02(?:\x81.|\x82..)\x00[\x80-\xff]"
_DER = re.compile(
    rb"\A\x30" + _LENGTH + rb"(?:"
    # An identifier of ISO's or NIST's in the US (RSA, X9.62, PKCS; ML-DSA), or of RFC 8410.
    rb".{0,40}?(?:\x06[\x05-\x0b][\x2a\x60]\x86\x48|\x30\x05\x06\x03\x2b\x65)|"
    rb"(?:\x02\x01\x00)?" + _INTEGER_OF_RSA + rb"|"  # PKCS#1
    rb"\x02\x01\x01\x04|"  # SEC 1
    rb"\x30" + _LENGTH + rb"\x02\x01[\x00-\x0f]\x30"  # A request, also of an odd version.
    rb")",
    re.DOTALL,
)
# A version comes first in all of them, or the cipher of a password (PKCS#5, PKCS#12).
_PRIVATE_DER = re.compile(
    rb"\A\x30" + _LENGTH + rb"(?:\x02\x01[\x00-\x03]|"
    rb"\x30" + _LENGTH + rb"\x06.\x2a\x86\x48\x86\xf7\x0d\x01[\x05\x0c])",
    re.DOTALL,
)
_CURVES = (ec.SECP256R1(), ec.SECP256K1(), ec.SECP384R1(), ec.SECP521R1())


def half_of_pair(data: bytes) -> Half | None:
    """Tell which half of a key pair the bytes are, a certificate being public; or that of none.

    Of random bytes it is none, but for one in 2^38 or fewer.
    """
    for key, private in ((_TEXT, _PRIVATE_TEXT), (_DER, _PRIVATE_DER)):
        if key.search(data):
            return "private" if private.search(data) else "public"
    return "public" if any(_is_point(data, curve) for curve in _CURVES) else None


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
