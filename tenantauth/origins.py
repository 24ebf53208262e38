"""Origins that a tenant allows: exact ones, and wildcards that stand for whole labels.

An origin is scheme, host and port (RFC 6454); ``null`` is not an origin that anybody can own.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tenantauth.hosts import normalise_host

_ORIGIN = re.compile(
    r"(https?)://(\[[0-9A-Fa-f:.]+\]|[^/?#@:\[\]\s\\]+)(?::([0-9]{1,5}))?", re.ASCII
)
# What stands for a dot in a host name (RFC 3490 3.1).
_DOTS = re.compile("[.\u3002\uff0e\uff61]")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class OriginPattern:
    """One allowed origin; ``*`` as a label of the host stands for exactly one label."""

    scheme: str
    labels: tuple[str, ...]
    port: int

    @classmethod
    def parse(cls, text: str) -> "OriginPattern":
        """Read ``https://app.acme.test`` or ``https://*.apps.acme.test:8443``.

        Raises:
            ValueError: when it has a path, a partial wildcard, no fixed domain, another scheme.
        """
        match = _ORIGIN.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not an origin ({_way_out(text)})")
        scheme, host, port = match.groups()
        number = int(port) if port else _DEFAULT_PORTS[scheme]
        if not 1 <= number <= 65535:
            raise ValueError(f"{text!r} is not an origin: there is no port {number}")
        return cls(scheme, _parse_labels(text, host), number)

    @property
    def is_exact(self) -> bool:
        """Tell whether the pattern has no wildcard."""
        return "*" not in self.labels

    def __str__(self) -> str:
        port = "" if _DEFAULT_PORTS[self.scheme] == self.port else f":{self.port}"
        return f"{self.scheme}://{'.'.join(self.labels)}{port}"

    def matches(self, origin: "OriginPattern") -> bool:
        """Tell whether an exact origin is this one or one that the wildcard stands for."""
        return (
            self.scheme == origin.scheme
            and self.port == origin.port
            and len(self.labels) == len(origin.labels)
            and all(
                own in ("*", other) for own, other in zip(self.labels, origin.labels, strict=True)
            )
        )


def _way_out(text: str) -> str:
    bare = text.rstrip("/")
    # Most often it is copied from the address bar.
    if bare != text and _ORIGIN.fullmatch(bare):
        return f"write it without the slash: {bare}"
    return "write https://app.example.com"


def _parse_labels(text: str, host: str) -> tuple[str, ...]:
    try:
        labels = tuple(normalise_host(host.replace("*", "x")).split("."))
    except ValueError as error:
        raise ValueError(f"{text!r} is not an origin: {error}") from None
    return _put_back_wildcards(text, host, labels) if "*" in host else labels


def _put_back_wildcards(text: str, host: str, labels: tuple[str, ...]) -> tuple[str, ...]:
    written = _DOTS.split(host)
    if not written[-1]:
        written.pop()
    # IDNA reads more signs as dots, but only after it has told the labels apart.
    if len(written) != len(labels):
        raise ValueError(f"{text!r}: a host with a wildcard is written with plain dots")
    if any("*" in label and label != "*" for label in written):
        raise ValueError(f"{text!r}: * stands for a whole label, as in https://*.example.com")
    # One registrable name at the least: `https://*.com` would be everybody.
    fixed = written[-1:] if labels[-1] == "localhost" else written[-2:]
    if "*" in fixed:
        raise ValueError(f"{text!r}: a wildcard needs a domain of its own behind it")
    return tuple(own if own == "*" else label for own, label in zip(written, labels, strict=True))


def _parse_canonical(untrusted_origin: str) -> OriginPattern | None:
    """Return an exact origin in the spelling that browsers send; any other is not theirs."""
    try:
        origin = OriginPattern.parse(untrusted_origin)
    except ValueError:
        return None
    return origin if origin.is_exact and str(origin) == untrusted_origin else None


@dataclass(frozen=True, slots=True)
class OriginSet:
    """The origins that one CORS rule allows; ``any_origin`` is ``["*"]``.

    Raises:
        ValueError: when an exact one is not in canonical form, or any origin has company.
    """

    exact: frozenset[str] = frozenset()
    wildcards: tuple[OriginPattern, ...] = ()
    any_origin: bool = False

    def __post_init__(self) -> None:
        if self.any_origin and (self.exact or self.wildcards):
            raise ValueError("the origin * stands alone")
        for text in self.exact:
            if _parse_canonical(text) is None:
                raise ValueError(f"{text!r} is not an exact origin in canonical form")

    @classmethod
    def parse(cls, texts: Iterable[str]) -> "OriginSet":
        """Read the ``origins`` of a rule; ``*`` stands alone.

        Raises:
            ValueError: when one is not an origin, or ``*`` has company.
        """
        texts = tuple(texts)
        if "*" in texts:
            if len(texts) > 1:
                raise ValueError("the origin * stands alone")
            return cls(any_origin=True)
        patterns = [OriginPattern.parse(text) for text in texts]
        exact = frozenset(str(pattern) for pattern in patterns if pattern.is_exact)
        return cls(exact, tuple(pattern for pattern in patterns if not pattern.is_exact))

    def __bool__(self) -> bool:
        return self.any_origin or bool(self.exact or self.wildcards)

    def allows(self, untrusted_origin: str) -> bool:
        """Tell whether the value of an ``Origin`` header is allowed, byte for byte."""
        if untrusted_origin in self.exact:
            return True
        if self.any_origin:
            return True
        return bool(self.wildcards) and self._allows_by_wildcard(untrusted_origin)

    def _allows_by_wildcard(self, untrusted_origin: str) -> bool:
        origin = _parse_canonical(untrusted_origin)
        return origin is not None and any(pattern.matches(origin) for pattern in self.wildcards)
