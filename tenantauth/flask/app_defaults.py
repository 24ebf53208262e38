"""The limits and the CORS rules of tenants without their own, as an app's code writes them."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from tenantauth.limit import Limit
from tenantauth.names import Names, each_name
from tenantauth.origins import OriginSet
from tenantauth.policy import (
    DEFAULT_ALLOW_HEADERS,
    DEFAULT_MAX_AGE_S,
    DEFAULT_METHODS,
    CorsRule,
    arrange_rules,
)
from tenantauth.units import parse_duration

MaxAge = timedelta | int | str

_CORS_FIELDS = (
    *("path", "origins", "methods", "allow_headers", "expose_headers"),
    *("credentials", "max_age", "private_network"),
)
CorsFields = Mapping[str, object]


def read_limits(declared: Iterable[Limit | str]) -> tuple[Limit, ...]:
    """Return limits; a text is ``NAME=RATE[:BY]``, as on the command line.

    Raises:
        ValueError: when one cannot be read, or two share a name.
    """
    listed = [declared] if isinstance(declared, str) else declared
    limits = tuple(Limit.parse(each) if isinstance(each, str) else each for each in listed)
    if len({limit.name for limit in limits}) < len(limits):
        raise ValueError("two limits share a name")
    return limits


def read_cors(declared: CorsFields | Iterable[CorsFields]) -> tuple[CorsRule, ...]:
    """Return rules; the fields are those of a rule in the tenants file.

    Raises:
        ValueError: when a field is unknown or cannot work, or two rules are for one path.
    """
    listed = [declared] if isinstance(declared, Mapping) else declared
    return arrange_rules(_read_rule(each) for each in listed)


def _read_rule(declared: CorsFields) -> CorsRule:
    if unknown := [name for name in declared if name not in _CORS_FIELDS]:
        raise ValueError(f"cors has no {', '.join(unknown)}; it has {', '.join(_CORS_FIELDS)}")
    path = declared.get("path", "/")
    if not isinstance(path, str):
        raise ValueError(f"path is a text, not {path!r}")
    return CorsRule(
        OriginSet.parse(_names(declared, "origins", ())),
        path=path,
        methods=read_methods(_names(declared, "methods", DEFAULT_METHODS)),
        allow_headers=_names(declared, "allow_headers", DEFAULT_ALLOW_HEADERS),
        expose_headers=_names(declared, "expose_headers", ()),
        credentials=_flag(declared, "credentials"),
        max_age_s=read_max_age(_max_age(declared.get("max_age", DEFAULT_MAX_AGE_S))),
        private_network=_flag(declared, "private_network"),
    )


def read_methods(given: Names) -> tuple[str, ...]:
    """Return methods in capitals, as Flask routes them."""
    return tuple(name.upper() for name in each_name(given))


def read_max_age(given: MaxAge) -> int:
    """Return whole seconds.

    Raises:
        ValueError: when it is no time, or finer than a second.
    """
    if isinstance(given, timedelta):
        seconds = given.total_seconds()
    elif isinstance(given, str):
        seconds = parse_duration(given)
    else:
        seconds = given
    if seconds != int(seconds):
        raise ValueError(f"max_age is whole seconds, not {seconds}")
    return int(seconds)


def _flag(declared: CorsFields, field: str) -> bool:
    given = declared.get(field, False)
    if not isinstance(given, bool):
        raise ValueError(f"{field} is True or False, not {given!r}")
    return given


def _max_age(given: object) -> MaxAge:
    if isinstance(given, bool) or not isinstance(given, timedelta | int | str):
        raise ValueError(f"max_age is a timedelta, seconds or a text as 10m, not {given!r}")
    return given


def _names(declared: CorsFields, field: str, default: Names) -> tuple[str, ...]:
    given = declared.get(field, default)
    # Read once, and then looked at: an iterator would be at its end.
    names: tuple[Any, ...] = each_name(given) if isinstance(given, Iterable) else (given,)
    if not all(isinstance(name, str) for name in names):
        raise ValueError(f"{field} is a list of names, not {given!r}")
    return names
