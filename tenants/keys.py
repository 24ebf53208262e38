"""Signing keys as JSON Web Keys (RFC 7517): made, read back, and shown without their secrets."""

import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from tenantauth.keyring import KINDS, VerificationKey

PrivateKey = ECKey | OKPKey | RSAKey | OctKey

# A JSON Web Key Set (RFC 7517 section 5).
Jwks = dict[str, list[dict[str, str]]]

DEFAULT_ALGORITHM: Final = "ES256"


def _make_secret(algorithm: str) -> OctKey:
    return OctKey.generate_key(KINDS[algorithm].secret_bytes * 8)


_MAKERS: Mapping[str, Callable[[], PrivateKey]] = MappingProxyType(
    {
        "ES256": lambda: ECKey.generate_key("P-256"),
        "ES384": lambda: ECKey.generate_key("P-384"),
        "EdDSA": lambda: OKPKey.generate_key("Ed25519"),
        "RS256": lambda: RSAKey.generate_key(3072),
        "PS256": lambda: RSAKey.generate_key(3072),
        "HS256": lambda: _make_secret("HS256"),
        "HS512": lambda: _make_secret("HS512"),
    }
)
ALGORITHMS = tuple(_MAKERS)

# Members to show are listed, not those to hide: a member unknown here stays inside.
_PUBLIC_MEMBERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"EC": ("crv", "x", "y"), "OKP": ("crv", "x"), "RSA": ("n", "e"), "oct": ()}
)
_TYPES: Mapping[str, type[PrivateKey]] = MappingProxyType(
    {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey, "oct": OctKey}
)


@dataclass(frozen=True, slots=True)
class GeneratedKey:
    """A new key; ``private_jwk_bytes`` is for the vault and for nothing else."""

    kid: str
    algorithm: str
    public_jwk: dict[str, str]
    private_jwk_bytes: bytes = field(repr=False)


def generate(algorithm: str = DEFAULT_ALGORITHM) -> GeneratedKey:
    """Make a key; one for RSA takes some hundred milliseconds.

    Raises:
        ValueError: when the algorithm is not one of ``ALGORITHMS``.
    """
    make = _MAKERS.get(algorithm)
    if make is None:
        raise ValueError(f"{algorithm!r} is not one of: {', '.join(ALGORITHMS)}")
    key = make()
    # Random, so that it tells neither the time nor anything of the secret; hexadecimal, so that
    # on a command line it can never look like an option.
    kid = secrets.token_hex(12)
    return GeneratedKey(kid, algorithm, shown_jwk(key, kid, algorithm), private_bytes(key))


def private_bytes(key: PrivateKey) -> bytes:
    """Return the whole key, for the vault."""
    return json.dumps(key.as_dict(private=True)).encode()


def import_private(private_jwk_bytes: bytes) -> PrivateKey:
    """Read a private key back; one for RSA takes tens of milliseconds."""
    return import_private_jwk(json.loads(private_jwk_bytes))


def import_private_jwk(private_jwk: Mapping[str, str | list[str]]) -> PrivateKey:
    """Read a key of these members, a private or a symmetric one."""
    return _TYPES[str(private_jwk["kty"])].import_key(dict(private_jwk))


def published(keys: Iterable[VerificationKey]) -> Jwks:
    """Return what anybody may know of keys that verify; of a symmetric one that is nothing."""
    return {
        "keys": [
            shown_jwk(each.key, each.kid, each.algorithm)
            for each in keys
            if isinstance(each.key, ECKey | OKPKey | RSAKey)
        ]
    }


def shown_jwk(key: PrivateKey, kid: str, algorithm: str) -> dict[str, str]:
    """Return a key without what is secret; of a symmetric key that leaves its name."""
    members = key.as_dict(private=False)
    shown = {name: str(members[name]) for name in _PUBLIC_MEMBERS[key.key_type]}
    return {"kty": key.key_type, "kid": kid, "use": "sig", "alg": algorithm, **shown}
