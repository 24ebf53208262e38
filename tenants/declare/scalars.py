"""Plain YAML scalars by the core schema of YAML 1.2, less what a tenants file has no use for.

``no``, ``12:30``, ``2027-01-15``, ``0o17`` and ``1e3`` are the texts that they look like.
"""

import re

Scalar = str | int | bool | None

_CONSTANTS: dict[str, Scalar] = {"": None, "~": None, "null": None, "true": True, "false": False}

# No number of a tenants file has more digits, and Python takes long over very many.
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})", re.ASCII)


def read_plain(text: str) -> Scalar:
    """Return what a scalar without quotes stands for."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    return int(text) if _NUMBER.fullmatch(text) else text
