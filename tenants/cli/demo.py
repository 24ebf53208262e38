"""``demo``: two tenants, an API and a page for each, served until stopped."""

import logging
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from tenants.cli.boundary import Refused
from tenants.cli.init import initialise
from tenants.cli.output import show
from tenants.cli.session import Session, pass_session, program

if TYPE_CHECKING:
    import socket

    from tenants.demo.guide import Try
    from tenants.demo.place import Place
    from tenants.registry import Registry


@click.command(epilog="Example: demo --port 9000")
@click.option(
    "--port",
    type=click.IntRange(1, 65534),
    default=8000,
    show_default=True,
    help="The API's port; the pages take the one above it.",
)
@click.option(
    "--data",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default=".demo",
    show_default=True,
    help="Where its data are kept.",
)
@pass_session
def demo(session: Session, port: int, data: Path) -> None:
    """Serve two tenants, with a page for each, until stopped.

    It has its own database and master key and reads no settings; a second run finds the data of
    the first. The folder may be removed at any time.
    """
    from tenants.demo.place import Place
    from tenants.demo.servers import stop_signals_held

    place = Place(data, port)
    with ExitStack() as opened:
        sockets = [opened.enter_context(_listen(each)) for each in (port, place.pages_port)]
        registry = _prepare(place)
        opened.callback(registry.dispose)
        opened.enter_context(stop_signals_held())
        if not session.quiet:
            _show_guide(place)
            sys.stdout.flush()
        _serve(registry, place, sockets)
    session.say("")
    session.say(f"stopped; the data are kept in {place.folder}")


def _listen(port: int) -> "socket.socket":
    from tenants.demo.servers import listen

    try:
        return listen(port)
    except OSError as error:
        # `create_server` adds the address to the text, which the line says already.
        reason = os.strerror(error.errno) if error.errno else str(error)
        hint = "choose another with --port (it and the one above it are used)"
        raise Refused(f"cannot listen on port {port}: {reason}; {hint}") from None


def _prepare(place: "Place") -> "Registry":
    """Make what is missing of the data, and return their registry."""
    from tenants.demo.cast import ACME
    from tenants.demo.seed import seed
    from tenants.demo.tokens import issue, write_header_file
    from tenants.registry import Registry

    try:
        _make_folder(place)
        initialise(place.settings)
        registry = Registry.from_settings(place.settings, actor="demo")
        seed(registry, place)
        for person in ACME.people:
            write_header_file(place, person, issue(registry, ACME, person))
    except OSError as error:
        raise Refused(f"cannot use {place.folder}: {error.strerror or error}") from None
    return registry


def _make_folder(place: "Place") -> None:
    if not place.data.exists():
        place.data.mkdir(parents=True, mode=0o700)
        # Keys and tokens lie below: no `git add .` shall take them along.
        (place.data / ".gitignore").write_text("*\n")
    place.folder.mkdir(exist_ok=True, mode=0o700)


def _serve(registry: "Registry", place: "Place", sockets: "list[socket.socket]") -> None:
    from tenants.demo.app import create_app
    from tenants.demo.pages import create_pages
    from tenants.demo.servers import serving, wait_for_stop

    api, pages = create_app(place.config), create_pages(registry, place)
    with _refusals_told(), serving(zip(sockets, (api, pages), strict=True)):
        wait_for_stop()
    state = api.extensions["tenantauth"]
    state.source.close()
    state.registry.dispose()


@contextmanager
def _refusals_told() -> Iterator[None]:
    """Let the terminal say what callers are not told: why a request was refused."""
    logger, handler = logging.getLogger("tenantauth"), logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s  %(message)s", "%H:%M:%S"))
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def _show_guide(place: "Place") -> None:
    from tenants.demo.guide import things_to_try

    show(Text("Two tenants, one API, and a page for each on another origin", "bold"), "")
    show(_tenants(place))
    show("", Text("To try with curl", "bold"))
    show(
        Text("each @file holds one line, Authorization: Bearer and a token good for an hour", "dim")
    )
    for thing in things_to_try(place):
        show("", _heading(thing))
        # As it is, not wrapped or styled: it is there to be copied.
        click.echo(f"  {thing.command}")
    show("", Text("Every other command on these data, in another terminal", "bold"), "")
    for name, value in place.environment.items():
        click.echo(f"  export {name}={shlex.quote(value)}")
    for command in ("tenant list", "token issue acme --subject ada --role analyst"):
        click.echo(f"  {_runner()} {command}")
    show("", Text("Ctrl-C stops. Each refusal is told below, with its reason.", "dim"))


def _tenants(place: "Place") -> Table:
    from tenants.demo.cast import TENANTS

    drawn = Table.grid(padding=(0, 3))
    for tenant in TENANTS:
        # Assembled, so that a style ends with the text and not with the column.
        page = Text.assemble((place.page(tenant.slug), "underline"))
        drawn.add_row(Text.assemble((tenant.name, "bold")), page)
        drawn.add_row("", Text(f"{tenant.quota}; keys are {tenant.algorithm}", "dim"))
        for person in tenant.people:
            drawn.add_row("", f"{person.name} ({', '.join(person.roles)}) {person.may}")
    return drawn


def _heading(thing: "Try") -> Text:
    colour = "green" if thing.status < 300 else "yellow" if thing.status == 429 else "red"
    return Text.assemble((str(thing.status), f"bold {colour}"), "  ", thing.shows)


def _runner() -> str:
    """Return how to call this command line from here, by the very Python that runs it now."""
    script = Path(sys.argv[0])
    if script.name != "manage.py":
        return program()
    python = Path(sys.executable)
    paths = [
        os.path.relpath(p) if p.is_relative_to(Path.cwd()) else str(p) for p in (python, script)
    ]
    return shlex.join(paths)
