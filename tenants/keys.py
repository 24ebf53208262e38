"""Signing keys as JSON Web Keys (RFC 7517): made, read back, and shown without their secrets."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from joserfc.jwk import ECKey, OKPKey, RSAKey

from tenantauth.keyring import VerificationKey

PrivateKey = ECKey | OKPKey | RSAKey

DEFAULT_ALGORITHM: Final = "ES256"

_MAKERS: Mapping[str, Callable[[], PrivateKey]] = MappingProxyType(
    {
        "ES256": lambda: ECKey.generate_key("P-256"),
        "EdDSA": lambda: OKPKey.generate_key("Ed25519"),
        "RS256": lambda: RSAKey.generate_key(3072),
    }
)
ALGORITHMS = tuple(_MAKERS)

# Members to show are listed, not those to hide: a member unknown here stays inside.
_PUBLIC_MEMBERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"EC": ("crv", "x", "y"), "OKP": ("crv", "x"), "RSA": ("n", "e")}
)
_TYPES: Mapping[str, type[PrivateKey]] = MappingProxyType(
    {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey}
)


@dataclass(frozen=True, slots=True)
class GeneratedKey:
    """A new key pair; ``private_jwk_bytes`` is for the vault and for nothing else."""

    kid: str
    algorithm: str
    public_jwk: dict[str, str]
    private_jwk_bytes: bytes = field(repr=False)


def generate(algorithm: str = DEFAULT_ALGORITHM) -> GeneratedKey:
    """Make a key pair; one for RS256 takes some hundred milliseconds.

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
    private_jwk = json.dumps(key.as_dict(private=True)).encode()
    return GeneratedKey(kid, algorithm, _shown(key, kid, algorithm), private_jwk)


def import_private(private_jwk_bytes: bytes) -> PrivateKey:
    """Read a private key back; one for RS256 takes tens of milliseconds."""
    private_jwk = json.loads(private_jwk_bytes)
    return _TYPES[private_jwk["kty"]].import_key(private_jwk)


def published_jwk(key: VerificationKey) -> dict[str, str] | None:
    """Return what anybody may know of a key; ``None`` for a symmetric one, which is secret."""
    if isinstance(key.key, ECKey | OKPKey | RSAKey):
        return _shown(key.key, key.kid, key.algorithm)
    return None


def _shown(key: PrivateKey, kid: str, algorithm: str) -> dict[str, str]:
    members = key.as_dict(private=False)
    shown = {name: str(members[name]) for name in _PUBLIC_MEMBERS[key.key_type]}
    return {"kty": key.key_type, "kid": kid, "use": "sig", "alg": algorithm, **shown}
