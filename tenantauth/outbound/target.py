"""Where a policy's URL leads, read once and in one spelling."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Literal
from urllib.parse import urlsplit

from tenantauth.hosts import address_of, normalise_host

_MAX_CHARS = 2048
# What RFC 3986 section 2 allows. Looked at before the parser, which drops tabs and line breaks.
_URL = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]+", re.ASCII)
_DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Target:
    """A URL in its parts; ``host`` is normalised, and an IPv6 literal has no brackets."""

    scheme: Literal["https", "http"]
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, url: str) -> "Target":
        """Read an ``https`` or ``http`` URL.

        Raises:
            ValueError: when it has another scheme, user information or a fragment, when its host
                is malformed or an address in an odd spelling.
        """
        if len(url) > _MAX_CHARS or not _URL.fullmatch(url):
            raise ValueError("not a URL, or one with a fragment")
        parts = urlsplit(url)
        if parts.scheme not in _DEFAULT_PORTS or not parts.netloc:
            raise ValueError("a URL here is https (or http), with a host")
        scheme: Literal["https", "http"] = "https" if parts.scheme == "https" else "http"
        port = _DEFAULT_PORTS[scheme] if parts.port is None else parts.port
        if port == 0:
            raise ValueError("0 is not a port")
        query = f"?{parts.query}" if parts.query else ""
        return cls(
            scheme, normalise_host(parts.netloc).strip("[]"), port, (parts.path or "/") + query
        )

    @property
    def encrypted(self) -> bool:
        """Whether it is to be reached by TLS."""
        return self.scheme == "https"

    @property
    def literal(self) -> IPv4Address | IPv6Address | None:
        """The address when the host is one and no name."""
        return address_of(self.host)

    @property
    def authority(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"
