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


_KEY_TYPES: Mapping[str, type[PublicKey]] = MappingProxyType(
    {"ES256": ECKey, "RS256": RSAKey, "HS256": OctKey, **dict.fromkeys(_ED25519, OKPKey)}
)


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """One key that verifies a tenant's tokens; ``algorithm`` is the key's own (RFC 8725 3.1).

    Raises:
        ValueError: when the algorithm is not supported, or not one for this type of key.
    """

    kid: str
    algorithm: str
    state: KeyState
    key: PublicKey = field(repr=False)

    def __post_init__(self) -> None:
        key_type = _KEY_TYPES.get(self.algorithm)
        if key_type is None or not isinstance(self.key, key_type):
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
