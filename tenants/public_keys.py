"""The public half of a stored signing key, read strictly: the library reads too much."""

import base64
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from joserfc.jwk import ECKey, OKPKey, RSAKey

from tenantauth.keyring import PublicKey

_SECRET_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_MIN_RSA_BITS = 2048  # RFC 7518 3.3


def import_public_key(public_jwk: Mapping[str, Any], algorithm: str) -> PublicKey:
    """Return the key of a JWK (RFC 7517) that is to be used with this algorithm only.

    Raises:
        ValueError: when the algorithm is not supported, the key is of another kind or too short,
            or the JWK holds a secret.
        JoseError, KeyError: when its members cannot be read.
    """
    if algorithm not in _IMPORTERS:
        raise ValueError(f"{algorithm!r} is not one of: {', '.join(_IMPORTERS)}")
    if not _SECRET_MEMBERS.isdisjoint(public_jwk):
        raise ValueError("a public key holds no private members")
    return _IMPORTERS[algorithm](dict(public_jwk))


def _import_ec(jwk: dict[str, Any]) -> ECKey:
    _expect(jwk, kty="EC", crv="P-256")
    return ECKey.import_key(jwk)


def _import_okp(jwk: dict[str, Any]) -> OKPKey:
    _expect(jwk, kty="OKP", crv="Ed25519")
    return OKPKey.import_key(jwk)


def _import_rsa(jwk: dict[str, Any]) -> RSAKey:
    _expect(jwk, kty="RSA")
    # Looked at before the import, which only warns of a short key.
    bits = int.from_bytes(base64.urlsafe_b64decode(f"{jwk['n']}=="), "big").bit_length()
    if bits < _MIN_RSA_BITS:
        raise ValueError(f"an RSA key has {_MIN_RSA_BITS} bits or more, not {bits}")
    return RSAKey.import_key(jwk)


def _expect(jwk: Mapping[str, Any], **members: str) -> None:
    for name, value in members.items():
        if jwk.get(name) != value:
            raise ValueError(f"the key's {name} is not {value}")


_IMPORTERS: Mapping[str, Callable[[dict[str, Any]], PublicKey]] = MappingProxyType(
    {"ES256": _import_ec, "EdDSA": _import_okp, "RS256": _import_rsa}
)
