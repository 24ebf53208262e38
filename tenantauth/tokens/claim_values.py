"""Single claims, each read by its exact type; whatever is of another is a refusal."""

from collections.abc import Mapping

from tenantauth.errors import TokenError

# The last second of the year 9999: later times cannot be written as a date.
_MAX_TIME_S = 253_402_300_799
MAX_TEXT_CHARS = 255
MAX_LIST_ITEMS = 200
# As long as a stored issuer can be: no stranger fills a cache of unknown ones with longer texts.
MAX_ISSUER_CHARS = 512


def check_audience(audience: object, allowed: frozenset[str]) -> None:
    """Check that one of the audiences, a text or a list of texts, is an allowed one."""
    members = [audience] if isinstance(audience, str) else audience
    if not isinstance(members, list) or not 1 <= len(members) <= MAX_LIST_ITEMS:
        raise TokenError("wrong_audience")
    if not all(isinstance(member, str) for member in members) or allowed.isdisjoint(members):
        raise TokenError("wrong_audience")


def check_text(value: object, name: str) -> str:
    """Return a value that is 1 to 255 printable characters; ``name`` is for the reason."""
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_TEXT_CHARS:
        raise TokenError(f"bad_{name}")
    if not value.isprintable():
        raise TokenError(f"bad_{name}")
    return value


def text(claims: Mapping[str, object], name: str) -> str:
    """Return a claim that must be there."""
    return check_text(claims.get(name), name)


def text_if_any(claims: Mapping[str, object], name: str) -> str | None:
    """Return a claim that may be missing."""
    return text(claims, name) if name in claims else None


def texts(claims: Mapping[str, object], name: str) -> tuple[str, ...]:
    """Return a list of texts; none when the claim is missing."""
    values = claims.get(name, [])
    if not isinstance(values, list) or len(values) > MAX_LIST_ITEMS:
        raise TokenError(f"bad_{name}")
    return tuple(check_text(value, name) for value in values)


def scopes(claims: Mapping[str, object], name: str = "scope") -> frozenset[str]:
    """Return a space-delimited list of scope tokens (RFC 6749 section 3.3)."""
    scope = claims.get(name, "")
    if not isinstance(scope, str) or not (scope.isascii() and scope.isprintable()):
        raise TokenError(f"bad_{name}")
    return frozenset(scope.split())


def time_s(claims: Mapping[str, object], name: str) -> float:
    """Return a time in seconds since the epoch."""
    value = claims.get(name)
    # bool is an int in Python; in JSON it is no number.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenError(f"bad_{name}")
    if not 0 <= value <= _MAX_TIME_S:
        raise TokenError(f"bad_{name}")
    return value


def time_s_if_any(claims: Mapping[str, object], name: str) -> float | None:
    """Return a time that may be missing."""
    return time_s(claims, name) if name in claims else None
