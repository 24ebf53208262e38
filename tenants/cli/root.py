"""The command group: every noun, its place in the help, and the way in."""

import sys
from io import TextIOWrapper

import click

from tenants.cli.audit import audit
from tenants.cli.boundary import boundary
from tenants.cli.check import check
from tenants.cli.completion import completion
from tenants.cli.db import db
from tenants.cli.demo import demo
from tenants.cli.init import init
from tenants.cli.issuer import issuer
from tenants.cli.key import key
from tenants.cli.limit import limit
from tenants.cli.near import naming_near_tenants
from tenants.cli.origin import origin
from tenants.cli.role import role
from tenants.cli.routes import routes
from tenants.cli.serve import serve
from tenants.cli.session import Session
from tenants.cli.stack import stack
from tenants.cli.tenant import tenant
from tenants.cli.tenants_file import apply, export, plan
from tenants.cli.tier import tier
from tenants.cli.token import token

_SECTIONS: dict[str, tuple[click.Command, ...]] = {
    "Begin": (init, demo, serve),
    "Tenants": (tenant, tier, origin, limit, role, issuer),
    "Tenants as a file": (plan, apply, export),
    "Keys and tokens": (key, token),
    "Look": (check, routes, stack, audit),
    "Database": (db,),
    "Shell": (completion,),
}


class Root(click.Group):
    """The group of all nouns; its help shows every verb, its boundary every error as a line."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command named, behind the boundary."""
        with boundary(debug=bool(ctx.params.get("debug"))), naming_near_tenants(ctx):
            return super().invoke(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse what is no text before anything reads it."""
        if any(not arg.isprintable() and _is_broken(arg) for arg in args):
            raise click.UsageError("an argument is not valid UTF-8", ctx)
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write every verb below the heading of its noun."""
        sections = {title: _rows(commands) for title, commands in _SECTIONS.items()}
        width = max(len(name) for rows in sections.values() for name, _ in rows)
        for title, rows in sections.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), text) for name, text in rows])


def _rows(commands: tuple[click.Command, ...]) -> list[tuple[str, str]]:
    rows = []
    for command in commands:
        if isinstance(command, click.Group):
            rows += [(f"{command.name} {name}", verb) for name, verb in command.commands.items()]
        else:
            rows.append((str(command.name), command))
    return [(name, command.get_short_help_str(60)) for name, command in rows]


def _is_broken(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


@click.group(
    cls=Root,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Each command explains itself with --help.",
)
@click.option("--quiet", "-q", is_flag=True, help="Print no account of what was changed.")
@click.option("--debug", is_flag=True, help="Show the traceback of an unexpected error.")
@click.version_option(package_name="tenantauth", message="%(package)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, *, quiet: bool, debug: bool) -> None:
    """Tenants, their keys and their tokens, for an API that serves many customers."""
    ctx.obj = Session(quiet=quiet, debug=debug)
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


for _commands in _SECTIONS.values():
    for _command in _commands:
        cli.add_command(_command)


def main(prog_name: str | None = None) -> None:
    """Run the command line and exit; never with a traceback, but for ``--debug``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that the terminal's encoding lacks is shown escaped instead of failing.
            stream.reconfigure(errors="backslashreplace")
    cli(prog_name=prog_name)
