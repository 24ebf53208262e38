"""Names that a package imports when they are first asked for.

A pytest plugin lives below this package, and every pytest in the environment loads it: the request
path with its cryptography must not be a part of that price.
"""

from collections.abc import Callable, Mapping
from importlib import import_module


def exports(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """Return a module's ``__getattr__`` (PEP 562) that finds each name in its home module."""

    def find(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(homes[name]), name)

    return find
