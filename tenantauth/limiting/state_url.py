"""Where counters live: the setting ``TENANTAUTH_STATE_URL``, read without connecting."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal
from urllib.parse import unquote

Kind = Literal["memory", "single", "cluster", "sentinel"]

_KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "memory": "memory",
        "redis": "single",
        "rediss": "single",
        "valkey": "single",
        "redis+cluster": "cluster",
        "redis+sentinel": "sentinel",
    }
)
_EXAMPLES: Mapping[Kind, str] = MappingProxyType(
    {
        "single": "redis://:password@host:6379/0",
        "cluster": "redis+cluster://host:6379,host:6379",
        "sentinel": "redis+sentinel://host:26379,host:26379/service",
    }
)
_URL = re.compile(
    r"(?P<scheme>[a-z+]+)://"
    r"(?:(?P<username>[^:@/?#\s]*)(?::(?P<password>[^:@/?#\s]*))?@)?"
    r"(?P<hosts>[^@/?#\s]*)(?:/(?P<path>[^/?#\s]*))?",
    re.ASCII,
)
# Looking up a name with an empty or overlong label raises an error that no caller expects.
_HOST = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*))"
    r"(?::(?P<port>[0-9]{1,5}))?",
    re.ASCII,
)
_DATABASE = re.compile(r"[0-9]{0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class StateUrl:
    """One state store: how it is reached; the password is in no repr and no error."""

    kind: Kind
    hosts: tuple[tuple[str, int], ...] = ()
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    database: int = 0
    service: str = ""
    tls: bool = False

    @classmethod
    def parse(cls, text: str) -> "StateUrl":
        """Read a URL; user name and password are percent-encoded where they need to be.

        Raises:
            ValueError: when it cannot work; the text is never repeated, it may hold a password.
        """
        scheme, separator, _ = text.partition("://")
        kind = _KINDS.get(scheme)
        if kind is None or not separator:
            raise ValueError(f"not a state store (its scheme is one of: {', '.join(_KINDS)})")
        if kind == "memory":
            return cls(kind)
        match = _URL.fullmatch(text)
        if match is None:
            raise ValueError(f"cannot be read (write {_EXAMPLES[kind]})")
        default_port = 26379 if kind == "sentinel" else 6379
        hosts = tuple(_host(part, default_port) for part in match["hosts"].split(","))
        if kind == "single" and len(hosts) > 1:
            raise ValueError("names several hosts (for a cluster write redis+cluster://)")
        return cls(
            kind,
            hosts,
            username=unquote(match["username"] or "") or None,
            password=unquote(match["password"] or "") or None,
            database=_database(match["path"] or "") if kind == "single" else 0,
            service=_service(kind, match["path"] or ""),
            tls=scheme == "rediss",
        )

    @property
    def is_memory(self) -> bool:
        """Tell whether each process counts for itself."""
        return self.kind == "memory"


def _host(text: str, default_port: int) -> tuple[str, int]:
    match = _HOST.fullmatch(text)
    port = int(match["port"] or default_port) if match else 0
    if match is None or not 0 < port <= 65535:
        raise ValueError("names a host that cannot be (write host:6379)")
    return match["v6"] or match["name"], port


def _database(path: str) -> int:
    if not _DATABASE.fullmatch(path):
        raise ValueError("names a database that is no number (write redis://host:6379/0)")
    return int(path or 0)


def _service(kind: Kind, path: str) -> str:
    if kind == "sentinel" and not path:
        raise ValueError(f"names no service (write {_EXAMPLES[kind]})")
    if kind == "cluster" and path:
        raise ValueError("names a database, and a cluster has one only (end with the last host)")
    return path if kind == "sentinel" else ""
