"""Where a claim stands: a dotted path, as operators write it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_MAX_CHARS = 255
_MAX_DEPTH = 20

_NAME = r"(?:[^.\\]|\\[.\\])+"
_PATH = re.compile(rf"{_NAME}(?:\.{_NAME})*")
_EACH_NAME = re.compile(_NAME)
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class ClaimPath:
    """Names of members, from the outside in."""

    names: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "ClaimPath":
        r"""Read ``realm_access.roles``; a dot within a name is ``\.`` and a backslash ``\\``.

        One spelling has one meaning: a name with a dot in it is never tried by itself.

        Raises:
            ValueError: when a name is empty, not printable or ends in half an escape, or the path
                has more than 255 characters or 20 names.
        """
        if len(text) > _MAX_CHARS or not text.isprintable() or not _PATH.fullmatch(text):
            raise ValueError(f"{text[:_MAX_CHARS]!r} is not a dotted path to a claim")
        names = tuple(_ESCAPED.sub(r"\1", name) for name in _EACH_NAME.findall(text))
        if len(names) > _MAX_DEPTH:
            raise ValueError(f"a path to a claim has at most {_MAX_DEPTH} names")
        return cls(names)

    def find(self, claims: Mapping[str, object]) -> object:
        """Return what stands there; ``None`` for nothing, and for a JSON null.

        Only objects are gone into: no name is the index of a list.
        """
        found: object = claims
        for name in self.names:
            if not isinstance(found, Mapping):
                return None
            found = found.get(name)
        return found
