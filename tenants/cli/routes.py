"""``routes``: every route of an app, who may call it, and a lock against opening one by mistake."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tenants.cli.boundary import Refused
from tenants.cli.output import Form, clean, show_rows
from tenants.cli.session import Session, pass_session
from tenants.cli.values import app_option, format_option
from tenants.errors import InvalidError

if TYPE_CHECKING:
    from tenantauth.flask.access import RouteAccess

_COLUMNS: Mapping[str, Callable[["RouteAccess"], object]] = {
    "path": lambda route: route.host + route.path,
    "methods": lambda route: _in_short(route.methods),
    "who may call": lambda route: route.who,
    "limits of its own": lambda route: (
        *(["exempt from the tenant's"] if route.limit_exempt else []),
        *map(str, route.limits),
    ),
    "endpoint": lambda route: route.endpoint,
}


@click.command(epilog="Example: routes --app shop:create_app() --lock routes.lock")
@app_option
@click.option(
    "--lock",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Compare with this file; it is written when it is missing.",
)
@click.option("--update", is_flag=True, help="Write the lock file anew.")
@format_option
@pass_session
def routes(
    session: Session, spec: str | None, lock: Path | None, *, update: bool, form: Form
) -> None:
    """Show every route of an app and who may call it; no request is served.

    With --lock the exit status is 1 when a route became more open than the file says, or is new
    and open. Without --app it is the app of the flask command, else the token service alone.
    """
    from tenantauth.flask.access import accesses
    from tenantauth.flask.survey import survey
    from tenants.cli.loading import load_flask_app

    if update and lock is None:
        raise click.UsageError("--update rewrites a lock file: give --lock FILE")
    app = load_flask_app(spec, session.settings)
    state = app.extensions["tenantauth"]
    found = accesses(state.routes.routes, state.stack.tenantless)
    broken = [each for each in survey(state.routes.routes) if each.problem]
    # Most often the methods of a route have the same problem.
    problems = dict.fromkeys(f"{each.rule.rule}: {each.problem}" for each in broken)
    if lock is None:
        for problem in problems:
            click.echo(f"warning: {clean(problem)}", err=True)
        show_rows(found, _COLUMNS, form, empty="the app has no routes")
    elif problems:
        raise Refused(*problems)
    else:
        _compare(session, found, lock, update=update)


def _in_short(methods: Sequence[str]) -> list[str]:
    """Leave out what comes by itself with another method of the same answer."""
    alone = [name for name in methods if name != "OPTIONS"] or methods
    return [name for name in alone if name != "HEAD" or "GET" not in alone]


def _compare(session: Session, found: "Sequence[RouteAccess]", lock: Path, *, update: bool) -> None:
    from tenants import route_lock

    text = route_lock.dump(found)
    before = None if update else _read(lock)
    if before is None:
        _write(lock, text)
        session.say(f"{lock}: wrote {len(found)} routes")
        return
    try:
        opened = route_lock.opened(route_lock.load(before), found)
    except InvalidError as error:
        raise Refused(f"{lock}: {error}") from None
    if opened:
        raise Refused(*opened)
    if before == text:
        session.say(f"{lock}: {len(found)} routes, as agreed")
    else:
        session.say(f"{lock}: nothing is more open, but it is out of date; --update rewrites it")


def _read(lock: Path) -> str | None:
    try:
        return lock.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{lock}: {error}") from None


def _write(lock: Path, text: str) -> None:
    try:
        lock.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused(f"{lock}: {error.strerror}") from None
