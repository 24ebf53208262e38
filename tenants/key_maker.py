"""New signing keys of a tenant, made or imported: sealed before anything else sees a secret."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from tenantauth.keyring import SYMMETRIC
from tenants.key_import import ImportedKey
from tenants.keys import GeneratedKey, generate
from tenants.lifecycle import HOLDING_SECRET, KeyLife
from tenants.models import KeyRow
from tenants.values import KeyState
from tenants.vault import DataKey

# A key, its secret where it is kept, and its fingerprint.
_Made = tuple[GeneratedKey | ImportedKey, bytes | None, str | None]


class KeyMaker:
    """Makes keys of one algorithm; a call makes one and answers with its ``kid``.

    ``open_data_key`` is asked only when a secret is sealed: what needs none, such as refusing a
    leaked key in grace, must work without the master key.
    """

    def __init__(self, algorithm: str, open_data_key: Callable[[], DataKey]) -> None:
        self.algorithm = algorithm
        self._open_data_key = open_data_key
        self._made: dict[str, _Made] = {}

    def __call__(self) -> str:
        data_key = self._open_data_key()
        key = generate(self.algorithm)
        self._keep(key, data_key.seal(key.kid, key.private_jwk_bytes))
        return key.kid

    def adopt(self, key: ImportedKey, state: KeyState) -> str:
        """Take a key that others made, with its secret where that state needs it."""
        sealed = None
        if key.private_jwk_bytes is not None and needs_secret(key.algorithm, state):
            sealed = self._open_data_key().seal(key.kid, key.private_jwk_bytes)
        self._keep(key, sealed)
        return key.kid

    def row(self, tenant_id: str, life: KeyLife) -> KeyRow:
        """Return the row, in its first state, of a key that was made here."""
        key, sealed_private, fingerprint = self._made[life.kid]
        return KeyRow(
            tenant_id=tenant_id,
            kid=key.kid,
            algorithm=key.algorithm,
            public_jwk=key.public_jwk,
            created_at=life.created_at,
            state=life.state,
            activated_at=life.activated_at,
            grace_at=life.grace_at,
            sealed_private=sealed_private,
            fingerprint=fingerprint,
        )

    def _keep(self, key: GeneratedKey | ImportedKey, sealed: bytes | None) -> None:
        fingerprint = public_fingerprint(key.public_jwk)
        if key.algorithm in SYMMETRIC and key.private_jwk_bytes is not None:
            secret = json.loads(key.private_jwk_bytes)["k"].encode()
            fingerprint = self._open_data_key().fingerprint(secret)
        self._made[key.kid] = key, sealed, fingerprint


def public_fingerprint(public_jwk: Mapping[str, Any]) -> str | None:
    """Return what tells two public keys apart, whatever they are called (as RFC 7638 does).

    A symmetric key shows nothing that could; its fingerprint is of the secret, under a key.
    """
    material = {name: public_jwk[name] for name in ("crv", "x", "y", "n") if name in public_jwk}
    return hashlib.sha256(json.dumps(material).encode()).hexdigest() if material else None


def needs_secret(algorithm: str, state: KeyState) -> bool:
    """Tell whether a key needs its secret: to sign, or, a symmetric one, to verify as well."""
    return state in HOLDING_SECRET or (algorithm in SYMMETRIC and state == "grace")
