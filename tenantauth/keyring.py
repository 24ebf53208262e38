"""A tenant's verification keys, compiled: found by ``kid``, each bound to its own algorithm."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

KeyState = Literal["pending", "active", "grace"]
PublicKey = ECKey | RSAKey | OKPKey | OctKey

# RFC 9864 gave Ed25519 its own name; many peers know only the older, polymorphic one.
_ED25519 = frozenset({"EdDSA", "Ed25519"})
_HEADER_NAMES = dict.fromkeys(_ED25519, _ED25519)


@dataclass(frozen=True, slots=True)
class KeyKind:
    """Which keys an algorithm works with: ``curve`` where it has one, ``secret_bytes`` for HMAC.

    A shorter secret than the hash weakens it, and is not allowed (RFC 7518 section 3.2).
    """

    key_type: type[PublicKey]
    curve: str | None = None
    secret_bytes: int = 0

    def fits(self, key: PublicKey) -> bool:
        """Tell whether the key is of this kind."""
        if not isinstance(key, self.key_type):
            return False
        if isinstance(key, OctKey):
            return len(key.raw_value) >= self.secret_bytes
        return self.curve is None or getattr(key, "curve_name", None) == self.curve


KINDS: Mapping[str, KeyKind] = MappingProxyType(
    {
        "ES256": KeyKind(ECKey, curve="P-256"),
        "ES384": KeyKind(ECKey, curve="P-384"),
        "RS256": KeyKind(RSAKey),
        "PS256": KeyKind(RSAKey),
        "HS256": KeyKind(OctKey, secret_bytes=32),
        "HS512": KeyKind(OctKey, secret_bytes=64),
        **dict.fromkeys(_ED25519, KeyKind(OKPKey, curve="Ed25519")),
    }
)
SYMMETRIC = frozenset(name for name, kind in KINDS.items() if kind.secret_bytes)


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """One key that verifies a tenant's tokens; ``algorithm`` is the key's own (RFC 8725 3.1).

    Raises:
        ValueError: when the algorithm is not supported, or not one for this kind of key.
    """

    kid: str
    algorithm: str
    state: KeyState
    key: PublicKey = field(repr=False)

    def __post_init__(self) -> None:
        kind = KINDS.get(self.algorithm)
        if kind is None or not kind.fits(self.key):
            raise ValueError(f"key {self.kid!r} cannot be used with algorithm {self.algorithm!r}")

    @property
    def header_algorithms(self) -> frozenset[str]:
        """The ``alg`` header values that mean this key's algorithm."""
        return _HEADER_NAMES.get(self.algorithm, frozenset({self.algorithm}))


class KeyRing:
    """An immutable mapping from ``kid`` to verification key.

    Raises:
        ValueError: when two keys share a ``kid``.
    """

    __slots__ = ("_keys",)

    def __init__(self, keys: Iterable[VerificationKey] = ()) -> None:
        by_kid: dict[str, VerificationKey] = {}
        for key in keys:
            if key.kid in by_kid:
                raise ValueError(f"two keys share the kid {key.kid!r}")
            by_kid[key.kid] = key
        self._keys: Mapping[str, VerificationKey] = MappingProxyType(by_kid)

    def get(self, kid: str) -> VerificationKey | None:
        """Return the key of this ``kid``, or ``None``."""
        return self._keys.get(kid)

    def __iter__(self) -> Iterator[VerificationKey]:
        return iter(self._keys.values())

    def __len__(self) -> int:
        return len(self._keys)

    def __repr__(self) -> str:
        return f"<KeyRing {' '.join(sorted(self._keys))}>"
