"""``serve``: an app behind the stack, on a production server."""

import os
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from tenantauth.errors import RegistryUnavailableError
from tenantauth.limiting.state_url import StateUrl
from tenants.cli.boundary import Refused, explain
from tenants.cli.output import clean
from tenants.cli.session import Session, pass_session, pasteable, quiet_option
from tenants.cli.values import app_option

if TYPE_CHECKING:
    from tenants.cli.server import Server, Serving

_NO_REGISTRY = 3  # What the child that loads an app ends with when it opens no database.

_BIND = re.compile(r"(\[[0-9A-Fa-f:]+\]|[^:\s]+):([0-9]{1,5})", re.ASCII)


def read_bind(context: click.Context, parameter: click.Parameter, text: str) -> tuple[str, int]:
    """Read ``0.0.0.0:8000`` or ``[::]:8000``; the callback of a Click option.

    Raises:
        BadParameter: when it is anything else.
    """
    match = _BIND.fullmatch(text)
    if match is None or not 0 < int(match[2]) <= 65535:
        message = f"{text!r} is not an address (write 127.0.0.1:8000)"
        raise click.BadParameter(message, context, parameter)
    return match[1], int(match[2])


@click.command(epilog="Example: serve --app shop:create_app() --workers 4 --bind 0.0.0.0:8000")
@app_option
@click.option(
    "--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes."
)
@click.option(
    "--bind",
    metavar="HOST:PORT",
    default="127.0.0.1:8000",
    show_default=True,
    callback=read_bind,
    help="Where to listen.",
)
@quiet_option
@pass_session
def serve(session: Session, spec: str | None, workers: int, bind: tuple[str, int]) -> None:
    """Run an app behind the stack, until stopped.

    The server is gunicorn. An app with TenantAuth is served as it is, another Flask app gets it,
    any other WSGI app is wrapped in the stack. Without --app the token service is served alone.
    The current folder is on the import path.
    """
    from tenants.cli.loading import load_app, uses_registry
    from tenants.cli.server import Server, Serving, why_not_bindable

    settings = session.settings
    serving = Serving(*bind, workers=workers, logs_json=settings.log_format == "json")
    if reason := why_not_bindable(serving):
        raise Refused(f"cannot listen on {bind[0]}:{bind[1]}: {reason}")
    if _try_to_load(lambda: uses_registry(load_app(spec, settings))):
        _warn_unready(session)
    if workers > 1 and StateUrl.parse(settings.state_url).is_memory:
        click.echo(f"warning: each of {workers} workers counts requests for itself", err=True)
    _run(Server(lambda: load_app(spec, settings), serving, lambda: _tell(session, spec, serving)))


def _tell(session: Session, spec: str | None, serving: "Serving") -> None:
    processes = f"{serving.workers} worker{'s' * (serving.workers > 1)}"
    session.say(f"serving {spec or 'the token service'} on http://{serving.host}:{serving.port}")
    session.say(f"{processes}; stop with Ctrl-C")
    sys.stdout.flush()


def _run(server: "Server") -> None:
    from tenants.cli.newborn import hear_signals_from_birth

    hear_signals_from_birth()
    try:
        server.run()
    except SystemExit as end:
        # Statuses above 1 have a meaning here that gunicorn's own do not share.
        raise click.exceptions.Exit(1 if end.code else 0) from None


def _try_to_load(load: Callable[[], bool]) -> bool:
    """Load the app in a child, so that what is wrong with it is one line before anything serves.

    Tells whether it serves out of a registry, as ``load`` says. Nothing that the app opens while it
    is imported may be shared with workers, so it is not loaded in this process.
    """
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = _outcome(load)
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, _NO_REGISTRY):
        raise click.exceptions.Exit(1)
    return status == 0


def _outcome(load: Callable[[], bool]) -> int:
    try:
        return 0 if load() else _NO_REGISTRY
    except Exception as error:  # noqa: BLE001  # the child has no boundary above it
        Refused(*explain(error)).show()
        return 1


def _warn_unready(session: Session) -> None:
    registry = session.registry
    try:
        reason = registry.ready()
    except RegistryUnavailableError as error:
        reason = str(error)  # Workers start all the same, and recover by themselves.
    if reason is not None:
        click.echo(f"warning: not ready to serve tenants: {clean(pasteable(reason))}", err=True)
    registry.dispose()
