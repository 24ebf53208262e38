"""The master keys: where they are read, who else may read them, and which one is current.

One ``id:base64(32 bytes)`` a line, the first is current, in a file or in a setting.
"""

import base64
import binascii
import logging
import os
import re
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tenantauth.settings import Settings
from tenants.errors import INIT_COMMAND, MasterKeyError

_log = logging.getLogger(__name__)

KEY_BYTES = 32
_LINE = re.compile(r"([A-Za-z0-9._-]{1,64}):([A-Za-z0-9+/]+={0,2})", re.ASCII)
# Promised names. Any other word before `://` may be the id of a key that begins with two slashes.
_PROVIDER = re.compile(r"(vault|awskms|awssm|azurekv)://")


@dataclass(frozen=True, slots=True, repr=False)
class MasterKeys:
    """The keys that wrap data keys; the first is current, the others still open what they wrapped.

    ``findings`` are sentences about a file that more people can read than should.
    """

    keys: Mapping[str, bytes]
    findings: tuple[str, ...] = ()

    @classmethod
    def load(cls, settings: Settings) -> "MasterKeys":
        """Read the inline keys, else the file.

        Raises:
            MasterKeyError: when there is none, others can write the file, or a line is malformed.
        """
        if settings.master_key is not None:
            return cls(_parse(settings.master_key, "TENANTAUTH_MASTER_KEY"))
        path = Path(settings.master_key_file).absolute()
        text, mode = _read(path)
        return cls(_parse(text, str(path)), _check_mode(path, mode))

    @classmethod
    def create_file(cls, path: str | Path) -> str:
        """Make a file with one new key, mode 0600, and return the key's id.

        Raises:
            FileExistsError: when there is a file already; it is never overwritten.
            MasterKeyError: when the file cannot be made.
        """
        key_id = f"mk-{secrets.token_hex(4)}"
        line = f"{key_id}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}\n"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise
        except OSError as error:
            place = Path(path).absolute()
            raise MasterKeyError(f"{place} cannot be made: {error.strerror}") from error
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(line)
        return key_id

    @property
    def current_id(self) -> str:
        """The id of the key that wraps new data keys."""
        return next(iter(self.keys))

    def get(self, key_id: str) -> bytes:
        """Return one key.

        Raises:
            MasterKeyError: naming the id, when it is not here.
        """
        if key_id not in self.keys:
            raise MasterKeyError(f"the master key {key_id!r} is needed and not configured", key_id)
        return self.keys[key_id]

    def __repr__(self) -> str:
        return f"<MasterKeys {' '.join(self.keys)}>"


def _read(path: Path) -> tuple[str, int]:
    try:
        # The mode of what is read is asked, not of what the path named a moment before.
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            return file.read(65_536).decode("ascii", "replace"), mode
    except FileNotFoundError:
        raise MasterKeyError(
            f"there is no master key file at {path}; make one with: {INIT_COMMAND}"
        ) from None
    except OSError as error:
        raise MasterKeyError(f"{path} cannot be read: {error.strerror}") from error


def _check_mode(path: Path, mode: int) -> tuple[str, ...]:
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise MasterKeyError(f"{path} can be written by others; run: chmod 600 {path}")
    if not mode & (stat.S_IRGRP | stat.S_IROTH):
        return ()
    finding = f"{path} can be read by others; run: chmod 600 {path}"
    _log.warning("%s", finding)
    return (finding,)


def _parse(text: str, place: str) -> Mapping[str, bytes]:
    provider = _PROVIDER.match(text)
    if provider:
        raise MasterKeyError(f"{place}: {provider[0]} is not supported by this version")
    keys: dict[str, bytes] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        key = _decode(match[2]) if match else b""
        # The line itself is never repeated: it may be a key with a slip in it.
        if match is None or len(key) != KEY_BYTES:
            raise MasterKeyError(f"{place}, line {number}: write id:base64, of 32 random bytes")
        if len(set(key)) < 8:
            raise MasterKeyError(f"{place}, line {number}: key {match[1]!r} is not random")
        if match[1] in keys:
            raise MasterKeyError(f"{place}, line {number}: the id {match[1]!r} is used twice")
        keys[match[1]] = key
    if not keys:
        raise MasterKeyError(f"{place} holds no key")
    return MappingProxyType(keys)


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
