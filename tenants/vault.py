"""Envelope encryption: a master key wraps each tenant's data key, which seals private keys.

Everything is AES-256-GCM (NIST SP 800-38D). The first byte of a ciphertext is its version; tenant,
purpose and ``kid`` are authenticated with it, so that nothing can be moved to another place.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenants.errors import MasterKeyError
from tenants.master_keys import KEY_BYTES, MasterKeys

_VERSION = b"\x01"
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as it is stored: a ciphertext, and which master key opens it."""

    master_key_id: str
    ciphertext: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class DataKey:
    """One tenant's data key, in memory for as long as it is used."""

    tenant_id: str
    secret: bytes

    def seal(self, kid: str, private: bytes) -> bytes:
        """Encrypt the private half of one signing key."""
        return _encrypt(self.secret, private, _context("private-key", self.tenant_id, kid))

    def open(self, kid: str, sealed: bytes) -> bytes:
        """Decrypt the private half of one signing key.

        Raises:
            MasterKeyError: when it was changed, or sealed for another tenant or ``kid``.
        """
        try:
            return _decrypt(self.secret, sealed, _context("private-key", self.tenant_id, kid))
        except ValueError:
            raise MasterKeyError(f"the private half of key {kid!r} cannot be opened") from None

    def fingerprint(self, secret: bytes) -> str:
        """Return what tells two secrets apart, and tells nobody without this key anything."""
        text = _context("fingerprint", self.tenant_id) + b"\0" + secret
        return hmac.new(self.secret, text, hashlib.sha256).hexdigest()

    def __repr__(self) -> str:
        return "<DataKey>"


class Vault:
    """Makes and opens data keys with the master keys."""

    __slots__ = ("master_keys",)

    def __init__(self, master_keys: MasterKeys) -> None:
        self.master_keys = master_keys

    def new_data_key(self, tenant_id: str) -> tuple[DataKey, WrappedKey]:
        """Return a fresh data key, and the same wrapped by the current master key."""
        data_key = DataKey(tenant_id, secrets.token_bytes(KEY_BYTES))
        key_id = self.master_keys.current_id
        context = _context("data-key", tenant_id)
        ciphertext = _encrypt(self.master_keys.get(key_id), data_key.secret, context)
        return data_key, WrappedKey(key_id, ciphertext)

    def unwrap(self, tenant_id: str, wrapped: WrappedKey) -> DataKey:
        """Open a tenant's data key.

        Raises:
            MasterKeyError: naming the master key needed, when it is missing or another one.
        """
        key_id = wrapped.master_key_id
        master_key = self.master_keys.get(key_id)
        try:
            secret = _decrypt(master_key, wrapped.ciphertext, _context("data-key", tenant_id))
        except ValueError:
            raise MasterKeyError(
                f"the configured master key {key_id!r} is not the one that was used", key_id
            ) from None
        return DataKey(tenant_id, secret)

    def __repr__(self) -> str:
        return "<Vault>"


def _context(*parts: str) -> bytes:
    return b"tenantauth\0" + "\0".join(parts).encode()


def _encrypt(key: bytes, plain: bytes, context: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, plain, _VERSION + context)


def _decrypt(key: bytes, sealed: bytes, context: bytes) -> bytes:
    nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    if sealed[:1] != _VERSION or len(ciphertext) < 16:
        raise ValueError("not a ciphertext of this version")
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, _VERSION + context)
    except InvalidTag:
        raise ValueError("the ciphertext does not fit the key or the place") from None
