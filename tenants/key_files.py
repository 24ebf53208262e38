"""Key files of other programs: PEM, JSON Web Keys and bare HMAC secrets become members of a JWK.

Nothing is judged here but the form; `tenants.key_import` says whether a key is good.
"""

import base64
import re
from collections.abc import Mapping

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from tenantauth.jwk import MAX_JWKS_BYTES, PRIVATE_MEMBERS, parse_members

MAX_FILE_BYTES = MAX_JWKS_BYTES

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\s.*?-----END \1-----", re.DOTALL)
# What `openssl ecparam -genkey` writes before the key, and what people keep beside it.
_BESIDE_KEYS = frozenset({"EC PARAMETERS", "CERTIFICATE", "TRUSTED CERTIFICATE"})
# A brace alone may begin a random secret.
_JWK = re.compile(r"\s*\{.*\"(?:kty|keys)\"", re.DOTALL)
_FORMS = "a PEM block, a JWK, or a JWK set"
_NAMED = 20  # So many keys of a set are named in an error.
_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384"}

_Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
_Public = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey


def needs_password(data: bytes) -> bool:
    """Tell whether the file holds a PEM block that a password encrypts."""
    text = _text(data)
    return "BEGIN ENCRYPTED PRIVATE KEY" in text or "Proc-Type: 4,ENCRYPTED" in text


def is_public(data: bytes) -> bool:
    """Tell whether a file holds public keys or certificates alone, for anybody to read."""
    text = _text(data)
    if not _JWK.match(text):
        return "-----BEGIN " in text and "PRIVATE KEY" not in text
    try:
        document = parse_members(data.removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        return False
    keys = document.get("keys", [document])
    return isinstance(keys, list) and all(
        isinstance(key, dict) and PRIVATE_MEMBERS.isdisjoint(key) for key in keys
    )


def read_members(
    data: bytes, *, kid: str, is_secret: bool, password: bytes | None = None
) -> Mapping[str, object]:
    """Return the members of the key that a file holds, or of the one with this ``kid`` in a set.

    Any file but a JWK is a bare HMAC secret where ``is_secret``: its bytes as they are, without
    the one line end that editors put behind a text.

    Raises:
        ValueError: when there is not exactly one such key in it, or the password is not its.
    """
    if len(data) > MAX_FILE_BYTES:
        raise ValueError(f"it is larger than {MAX_FILE_BYTES // 1024} KiB")
    text = _text(data)
    if _JWK.match(text):
        return _pick(parse_members(data.removeprefix(b"\xef\xbb\xbf")), kid)
    if is_secret:
        return _secret_members(data)
    if "-----BEGIN " in text:
        return _read_pem(_only_key_block(text), password)
    if text.lstrip().startswith(("ssh-", "ecdsa-sha2-", "---- BEGIN SSH2")):
        raise ValueError("it is an ssh key; convert it: ssh-keygen -e -m PKCS8 -f FILE")
    raise ValueError(f"it is not {_FORMS} (a bare HMAC secret needs an algorithm, as HS256)")


def _text(data: bytes) -> str:
    return data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _only_key_block(text: str) -> str:
    blocks = {found[0]: found[1] for found in _BLOCK.finditer(text)}
    keys = [block for block, label in blocks.items() if label not in _BESIDE_KEYS]
    if len(keys) == 1:
        return keys[0]
    if len(keys) > 1:
        raise ValueError("it holds several keys; write the one to import into a file of its own")
    if "CERTIFICATE" in " ".join(blocks.values()):
        hint = "openssl x509 -pubkey -noout -in FILE"
        raise ValueError(f"it is a certificate; give its public key: {hint}")
    raise ValueError("its PEM block has no end, or another end than beginning")


def _read_pem(block: str, password: bytes | None) -> Mapping[str, object]:
    data = block.encode()
    if "OPENSSH PRIVATE KEY" in block:
        raise ValueError("it is an ssh key; convert a copy: ssh-keygen -p -m PKCS8 -f COPY")
    try:
        if "PRIVATE KEY-----" in block:
            needed = password if needs_password(data) else None
            return _private_members(serialization.load_pem_private_key(data, needed))
        return _public_members(serialization.load_pem_public_key(data))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError(_pem_problem(error, password)) from None


def _pem_problem(error: Exception, password: bytes | None) -> str:
    # The library's own sentences may quote what is in the file.
    if isinstance(error, _NotOursError):
        return str(error)
    if password is not None:
        return "its PEM block cannot be read with this password"
    if isinstance(error, TypeError):
        return "its PEM block is encrypted, and there is no password"
    return "its PEM block cannot be read as a key"


class _NotOursError(ValueError):
    pass


def _private_members(key: object) -> Mapping[str, object]:
    if not isinstance(key, _Private):
        raise _NotOursError("it is no RSA, EC or Ed25519 key")
    members = _public_members(key.public_key())
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return {**members, "d": _encode(key.private_bytes_raw())}
    if isinstance(key, ec.EllipticCurvePrivateKey):
        size = (key.key_size + 7) // 8
        return {**members, "d": _encode(key.private_numbers().private_value.to_bytes(size, "big"))}
    numbers = key.private_numbers()
    private = {
        "d": numbers.d,
        "p": numbers.p,
        "q": numbers.q,
        "dp": numbers.dmp1,
        "dq": numbers.dmq1,
        "qi": numbers.iqmp,
    }
    return {**members, **{name: _encode(_minimal(number)) for name, number in private.items()}}


def _public_members(key: object) -> Mapping[str, object]:
    if not isinstance(key, _Public):
        raise _NotOursError("it is no RSA, EC or Ed25519 key")
    if isinstance(key, ed25519.Ed25519PublicKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": _encode(key.public_bytes_raw())}
    if isinstance(key, ec.EllipticCurvePublicKey):
        point, size = key.public_numbers(), (key.key_size + 7) // 8
        x, y = (_encode(number.to_bytes(size, "big")) for number in (point.x, point.y))
        return {"kty": "EC", "crv": _CURVES.get(key.curve.name, key.curve.name), "x": x, "y": y}
    numbers = key.public_numbers()
    return {"kty": "RSA", "n": _encode(_minimal(numbers.n)), "e": _encode(_minimal(numbers.e))}


def _pick(document: Mapping[str, object], kid: str) -> Mapping[str, object]:
    keys = document.get("keys")
    if not isinstance(keys, list):
        return document
    found = [key for key in keys if isinstance(key, dict) and key.get("kid") == kid]
    if len(found) != 1:
        text = f"{len(found)} of the {len(keys)} keys in it have the kid {kid!r}"
        raise ValueError(f"{text}; {_kids_of(keys)}")
    return dict(found[0])


def _kids_of(keys: list[object]) -> str:
    kids = [key.get("kid") for key in keys if isinstance(key, dict)]
    names = [repr(kid[:80]) for kid in kids if isinstance(kid, str)]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"there are: {', '.join(names[:_NAMED])}{more}" if names else "none of them has a kid"


def _secret_members(data: bytes) -> Mapping[str, object]:
    bare = data.removesuffix(b"\n").removesuffix(b"\r")
    # Only behind a text a line end is nobody's secret.
    secret = bare if all(32 <= byte < 127 for byte in bare) else data
    return {"kty": "oct", "k": _encode(secret)}


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _minimal(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
