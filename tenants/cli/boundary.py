"""Where errors become one line each and an exit status: no traceback reaches a person."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

import click

from tenantauth.errors import SettingsError, TenantAuthError
from tenants.cli.output import clean
from tenants.cli.session import pasteable
from tenants.errors import RegistryError

INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it
READER_GONE = 141  # 128 + SIGPIPE: the command may have done its work all the same


class Refused(click.ClickException):
    """Refused or failed: exit status 1, and one line a problem on the error output."""

    exit_code = 1

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the lines; what operators or callers wrote in them cannot steer a terminal."""
        for problem in self.problems:
            click.echo(f"error: {clean(problem)}", file=file or sys.stderr)


@contextmanager
def boundary(*, debug: bool) -> Iterator[None]:
    """Translate everything that a command can raise; with ``debug`` the unexpected passes."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except (click.exceptions.Exit, SystemExit):
        raise
    except click.ClickException as error:
        raise _harmless(error) from None
    except BrokenPipeError:
        raise _reader_gone() from None
    except (KeyboardInterrupt, click.Abort) as stop:
        raise _stopped(stop) from None
    except Exception as error:
        # The last resort: a bug of ours must not show its traceback, which may hold secrets.
        if debug:
            raise
        raise Refused(*explain(error)) from None


def explain(error: Exception) -> Sequence[str]:
    """Return one line a problem; of an error nobody foresaw, its class only."""
    if isinstance(error, Refused | SettingsError):
        return error.problems
    if isinstance(error, RegistryError):
        return getattr(error, "problems", None) or (pasteable(error.message),)
    if isinstance(error, TenantAuthError):
        return (str(error),)
    return (f"unexpected {type(error).__name__}; put --debug before the command to see where",)


def _harmless(error: click.ClickException) -> click.ClickException:
    # What was typed is repeated in the message; a help text is ours, and has several lines.
    if isinstance(error, click.UsageError) and not isinstance(
        error, click.exceptions.NoArgsIsHelpError
    ):
        return click.UsageError(clean(error.format_message()), error.ctx)
    return error


def _reader_gone() -> click.exceptions.Exit:
    # The interpreter flushes once more as it ends, and must find somewhere to flush to.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return click.exceptions.Exit(READER_GONE)


def _stopped(stop: BaseException) -> click.exceptions.Exit | Refused:
    # Click raises Abort for Ctrl-C in a prompt, and for the end of the input, which is a "no".
    if isinstance(stop, KeyboardInterrupt) or isinstance(stop.__context__, KeyboardInterrupt):
        click.echo(err=True)
        return click.exceptions.Exit(INTERRUPTED)
    return Refused("stopped; nothing was changed")
