"""``plan``, ``apply`` and ``export``: the registry against a tenants file."""

import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from tenantauth.units import format_duration
from tenants.cli.confirm import confirm, yes_option
from tenants.cli.hanging import hanging
from tenants.cli.output import Form, show, show_json, show_record
from tenants.cli.plan_text import plan_document, plan_lines, summary
from tenants.cli.progress import tracked
from tenants.cli.session import Session, pass_session, quiet_option
from tenants.cli.values import format_option
from tenants.declare.findings import FindingsError

if TYPE_CHECKING:
    from tenants.declare.exporting import FileForm
    from tenants.declare.plan import Plan, TenantChange

CHANGES = 3

_SPOOLED_BYTES = 8 * 1024 * 1024
_FIRST = 3  # So many consequences stand in a question; the plan above it has them all.


def prune_option(command: Any) -> Any:  # noqa: ANN401  (as Click's own decorators)
    """Give a command ``--prune``."""
    text = "Reset what the file leaves out, and delete tenants and unused tiers that it lacks."
    return click.option("--prune", is_flag=True, help=text)(command)


@click.command(epilog="Example: plan tenants.yaml")
@click.argument("file")
@prune_option
@format_option
@pass_session
def plan(session: Session, file: str, form: Form, *, prune: bool) -> None:
    """Show what apply would change: exit status 3 when there is something, 0 when not.

    FILE is YAML or JSON; - reads the standard input.
    """
    try:
        made = session.registry.tenants_file.plan(file, prune=prune)
    except FindingsError as error:
        if form == "table":
            raise
        show_record({"findings": error.findings}, form)
        raise click.exceptions.Exit(1) from None
    if form == "table":
        _show(made)
        show(Text(summary(made)))
    else:
        show_record(plan_document(made), form)
    if not made.is_empty:
        raise click.exceptions.Exit(CHANGES)


@click.command(epilog="Example: apply tenants.yaml")
@click.argument("file")
@prune_option
@yes_option
@quiet_option
@pass_session
def apply(session: Session, file: str, *, prune: bool, yes: bool) -> None:
    """Make the registry as a tenants file says, in one transaction; asks where that ends something.

    FILE is YAML or JSON; - reads the standard input.
    """
    shown: list[Plan] = []

    def agree(made: "Plan") -> None:
        if made.consequences and not yes:
            if sys.stdin.isatty():
                _show(made)
                shown.append(made)
            confirm(_question(made), yes=yes)

    done = session.registry.tenants_file.apply(file, prune=prune, agree=agree, watch=_watched)
    if session.quiet:
        return
    if done not in shown:
        _show(done)
    bound = format_duration(session.settings.staleness_s)
    ending = "" if done.is_empty else f"; every worker follows within {bound}"
    session.say(summary(done, done=True) + ending)


@click.command(epilog="Example: export > tenants.yaml")
@click.option(
    "--format",
    "form",
    type=click.Choice(["yaml", "json"]),
    default="yaml",
    show_default=True,
    help="How to write it.",
)
@click.option("--schema", is_flag=True, help="Write the JSON Schema of tenants files instead.")
@pass_session
def export(session: Session, form: "FileForm", *, schema: bool) -> None:
    """Write all tenants and tiers as a file that apply takes; no keys, no secrets."""
    if schema:
        from tenants.declare.schema import json_schema

        show_json(json_schema())
        return
    # Taken whole before anything is written: whoever reads slowly holds no transaction open, and
    # an error leaves no half file.
    with tempfile.SpooledTemporaryFile(_SPOOLED_BYTES, "w+", encoding="utf-8") as spool:
        for part in session.registry.tenants_file.export(form):
            spool.write(part)
        spool.seek(0)
        shutil.copyfileobj(spool, sys.stdout)


def _show(made: "Plan") -> None:
    if lines := list(plan_lines(made)):
        show(*(Text(piece, line.style) for line in lines for piece in hanging(line.plain)))


def _question(made: "Plan") -> str:
    first = made.consequences[:_FIRST]
    more = len(made.consequences) - len(first)
    return "; ".join(first) + (f"; and {more:,} more like this" if more else "")


def _watched(changes: Sequence["TenantChange"]) -> Iterable["TenantChange"]:
    return tracked("making keys", changes)
