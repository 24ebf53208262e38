"""A request's path, and path prefixes by whole segments, as CORS rules and limits use them."""

import re

_SLASHES = re.compile("//+")
# Servers decode a path before it is compared: an escape, a dot segment or a pattern would cover
# nothing, silently.
_NEVER_COVERS = re.compile(r"[%*]|/\.{1,2}(?:/|$)")


def rooted(path: str) -> str:
    """Return a path with one slash in front, as Werkzeug's routing reads it."""
    return "/" + path.lstrip("/")


def routed_path(path_info: str) -> str:
    """Return the text of a WSGI ``PATH_INFO`` as Werkzeug's routing reads it.

    So no spelling of a path reaches a route past its limits.
    """
    return rooted(path_info).encode("latin-1").decode("utf-8", "replace")


def check_prefix(prefix: str) -> str:
    """Return a path prefix without its trailing slash (``/`` stays).

    Raises:
        ValueError: when it is not an absolute path, or has a query, a fragment, an escape, a
            wildcard, an empty or a dot segment.
    """
    if not prefix.startswith("/") or "//" in prefix or not prefix.isprintable():
        raise ValueError(f"{prefix!r} is not a path prefix (write /reports)")
    if "?" in prefix or "#" in prefix:
        raise ValueError(f"{prefix!r} is not a path prefix: it has a query or fragment")
    if _NEVER_COVERS.search(prefix):
        raise ValueError(f"{prefix!r} is not a path prefix: no escapes, no *, no . or .. segment")
    return prefix.rstrip("/") or "/"


def covers(prefix: str, path: str) -> bool:
    """Tell whether the path is the prefix or lies below it: ``/a`` covers ``/a/b``, not ``/ab``.

    Repeated slashes count as one, so that no spelling of a path escapes its rule.
    """
    if prefix == "/":
        return True
    if "//" in path:
        path = _SLASHES.sub("/", path)
    return path.startswith(prefix) and (len(path) == len(prefix) or path[len(prefix)] == "/")
