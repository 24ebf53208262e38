"""The issuer that was probably meant by a text which is nobody's, and what makes it another."""

import re
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from tenantauth.names import nearest

_MAX_CHARS = 300
_DEFAULT_PORT = re.compile(r"^(https://[^/]*):443(?=/|$)|^(http://[^/]*):80(?=/|$)")

# What copies of one address differ by, though the text is compared letter by letter. White space
# first: it hides what begins and ends the text.
_SPELLINGS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "white space": str.strip,
        "upper or lower case": str.lower,
        "the port": lambda text: _DEFAULT_PORT.sub(r"\1\2", text),
        "http or https": lambda text: re.sub(r"^https?://", "https://", text),
        "a slash at the end": lambda text: text.removesuffix("/"),
    }
)


def nearest_issuer(untrusted_issuer: str, known: Collection[str]) -> str | None:
    """Return the nearest of the known names, quoted, with what differs where that can be told."""
    wanted = untrusted_issuer[:_MAX_CHARS]
    for name in known:
        if name != wanted and _bare(name) == _bare(wanted):
            differing = [what for what, bare in _SPELLINGS.items() if _matters(bare, name, wanted)]
            verb = "differ" if differing[1:] else "differs"
            return f"{name!r} ({' and '.join(differing)} {verb})"
    near = nearest(wanted, known)
    return None if near is None else repr(near)


def _bare(text: str) -> str:
    for bare in _SPELLINGS.values():
        text = bare(text)
    return text


def _matters(bare: Callable[[str], str], name: str, wanted: str) -> bool:
    """Tell whether the two differ where all else has been made the same."""
    for other in _SPELLINGS.values():
        if other is not bare:
            name, wanted = other(name), other(wanted)
    return name != wanted
