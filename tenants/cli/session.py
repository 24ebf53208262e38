"""One run of the command line: who runs it, with which settings, and the registry, when asked."""

import os
import pwd
import shlex
import shutil
import sys
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tenantauth.settings import Settings
from tenants.cli.output import clean
from tenants.errors import INIT_COMMAND

if TYPE_CHECKING:
    from flask import Flask

    from tenants.registry import Registry

Command = TypeVar("Command", bound=Callable[..., Any])


class Session:
    """What every command gets with ``@pass_session``. Nothing is read or opened before its use."""

    def __init__(self, *, quiet: bool = False, debug: bool = False) -> None:
        self.quiet = quiet
        self.debug = debug
        self.warns = True

    @cached_property
    def settings(self) -> Settings:
        """The settings; under ``flask tenantauth`` those of the app, as it would read them.

        Raises:
            SettingsError: when some cannot work.
        """
        settings = Settings.from_environ(_app_config())
        for problem in settings.unknown if self.warns else ():
            click.echo(f"warning: {clean(str(problem))}", err=True)
        return settings

    @cached_property
    def registry(self) -> "Registry":
        """The registry of these settings; its audit events name the operator as the actor."""
        from tenants.registry import Registry

        return Registry(settings=self.settings, actor=f"cli:{operator()}")

    def say(self, line: str) -> None:
        """Print one line of what was done, unless ``--quiet``."""
        if not self.quiet:
            click.echo(clean(line))


pass_session = click.make_pass_decorator(Session, ensure=True)


def operator() -> str:
    """Return the login name of the process's user, not the one that the environment claims."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def program() -> str:
    """Return how this command line was called, for hints that can be pasted."""
    context = click.get_current_context(silent=True)
    if context is None:
        return "tenantauth"
    while context.parent is not None and isinstance(context.parent.obj, Session):
        context = context.parent
    path = context.command_path
    if path.startswith("python ") and shutil.which("python") != sys.executable:
        # The environment is not activated: its Python has to be named.
        path = _from_here(Path(sys.executable)) + path.removeprefix("python")
    return path


def pasteable(text: str) -> str:
    """Return a text in which what to run is named as this command line was."""
    return text.replace(INIT_COMMAND, f"{program()} init")


def _from_here(path: Path) -> str:
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))


def quiet_option(command: Command) -> Command:
    """Give a writing command ``--quiet``, for those who put it last."""
    return click.option(
        "--quiet",
        "-q",
        is_flag=True,
        expose_value=False,
        callback=_be_quiet,
        help="Print no account of what was changed.",
    )(command)


def _be_quiet(context: click.Context, _parameter: click.Parameter, given: bool) -> None:
    session = context.ensure_object(Session)
    session.quiet = session.quiet or given


def flask_app() -> "Flask | None":
    """Return the app of ``flask tenantauth …``, or ``None`` when this is another command line."""
    if "flask.cli" not in sys.modules:
        return None
    from flask.cli import ScriptInfo

    # A shell that asks for completions has no context.
    context = click.get_current_context(silent=True)
    info = None if context is None else context.find_object(ScriptInfo)
    return None if info is None else info.load_app()


def _app_config() -> dict[str, object] | None:
    app = flask_app()
    return None if app is None else dict(app.config)
