"""Asking before something is ended: on a terminal; elsewhere ``--yes`` is needed."""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from tenants.cli.boundary import Refused
from tenants.cli.output import clean

Command = TypeVar("Command", bound=Callable[..., Any])


def yes_option(command: Command) -> Command:
    """Give a command ``--yes``, which answers the question of `confirm` beforehand."""
    return click.option("--yes", "-y", is_flag=True, help="Do not ask.")(command)


def confirm(consequence: str, *, yes: bool) -> None:
    """Go on when the person agrees to the consequence, a sentence without its capital and its stop.

    Raises:
        Refused: when nobody is there to ask, or the answer is no (exit status 1).
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise Refused(f"{consequence}. Nobody can be asked here: add --yes to agree")
    try:
        question = f"{consequence[:1].upper()}{consequence[1:]}. Go on?"
        agreed = click.confirm(clean(question), err=True)
    except click.Abort:
        click.echo(err=True)  # The prompt's line is still open.
        raise
    if not agreed:
        raise Refused("stopped; nothing was changed")
