"""Texts of the command line to values, with every problem at once rather than the first."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import click

from tenantauth.roles import RoleDefinition
from tenantauth.units import parse_duration

Command = TypeVar("Command", bound=Callable[..., Any])
T = TypeVar("T")


def format_option(command: Command) -> Command:
    """Give a reading command ``--format``."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["table", "json", "yaml"]),
        default="table",
        show_default=True,
        help="How to print it.",
    )(command)


def app_option(command: Command) -> Command:
    """Give a command that looks at an app ``--app``."""
    return click.option(
        "--app",
        "spec",
        metavar="MODULE:NAME",
        callback=read_app,
        help="A WSGI app, or a call that makes one.",
    )(command)


def read_app(_context: click.Context, _parameter: click.Parameter, spec: str | None) -> str | None:
    """Return the name of an app; the callback of a Click option.

    Raises:
        BadParameter: when it names no module and name.
    """
    if spec is not None and ":" not in spec:
        raise click.BadParameter(f"{spec!r} is not MODULE:NAME (write shop:app)")
    return spec


def read_role(text: str) -> RoleDefinition:
    """Read ``NAME[=PERMISSION,PERMISSION]``, as ``viewer=reports:read``.

    Raises:
        ValueError: when a name or permission is missing.
    """
    name, equals, listed = text.partition("=")
    permissions = listed.split(",") if equals else []
    if not name or not all(permissions):
        raise ValueError(f"{text!r} is not a role (write viewer=reports:read,reports:list)")
    return RoleDefinition(name, permissions=frozenset(permissions))


def read_all(
    option: str, texts: Iterable[str], read: Callable[[str], T], problems: list[str]
) -> tuple[T, ...]:
    """Read each text of an option that may be repeated; what cannot be read joins the problems."""
    values = []
    for text in texts:
        try:
            values.append(read(text))
        except ValueError as error:
            problems.append(f"{option}: {error}")
    return tuple(values)


def read_duration(
    context: click.Context, parameter: click.Parameter, text: str | None
) -> float | None:
    """Read an option such as ``15m`` into seconds; the callback of a Click option.

    Raises:
        BadParameter: when it is no duration.
    """
    try:
        return None if text is None else parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from None


def read_seconds(
    context: click.Context, parameter: click.Parameter, text: str | None
) -> int | None:
    """Read an option such as ``15m`` into whole seconds; the callback of a Click option.

    Raises:
        BadParameter: when it is no duration, or no whole number of seconds.
    """
    seconds = read_duration(context, parameter, text)
    if seconds is not None and seconds != int(seconds):
        raise click.BadParameter(f"{text!r} is not whole seconds", context, parameter)
    return None if seconds is None else int(seconds)


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were given: those that were not are ``None``, or empty lists."""
    return {name: value for name, value in options.items() if value not in (None, ())}


def read_pairs(option: str, texts: Iterable[str], problems: list[str]) -> dict[str, str]:
    """Read ``NAME=VALUE`` texts; what cannot be read, or is named twice, joins the problems."""
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            problems.append(f"{option}: {text!r} is not NAME=VALUE")
        elif name in pairs:
            problems.append(f"{option}: {name!r} is given twice")
        pairs[name] = value
    return pairs
