"""``tier``: named sets of limits that tenants subscribe to."""

import click

from tenantauth.limit import Limit
from tenants.cli import complete
from tenants.cli.boundary import Refused
from tenants.cli.changes import bound_of
from tenants.cli.confirm import confirm, yes_option
from tenants.cli.limit import LIMIT_COLUMNS
from tenants.cli.output import Columns, Form, show_record, show_rows
from tenants.cli.session import Session, pass_session, quiet_option
from tenants.cli.values import format_option, read_all
from tenants.values import TierRecord

COLUMNS: Columns[TierRecord] = {
    "name": lambda tier: tier.name,
    "limits": lambda tier: [f"{limit.name} {limit.rate}" for limit in tier.limits],
    "tenants": lambda tier: tier.tenants,
    "changed": lambda tier: tier.updated_at,
}


@click.group()
def tier() -> None:
    """Look after the sets of limits that tenants subscribe to."""


@tier.command("set", epilog="Example: tier set gold --limit tenant=5000/minute")
@click.argument("name", shell_complete=complete.tiers)
@click.option("--limit", "limits", multiple=True, metavar="NAME=RATE[:BY]", help="One limit.")
@quiet_option
@pass_session
def set_tier(session: Session, name: str, limits: tuple[str, ...]) -> None:
    """Make a tier, or replace all limits of one: its tenants follow at once."""
    problems: list[str] = []
    wanted = read_all("--limit", limits, Limit.parse, problems)
    if problems:
        raise Refused(*problems)
    record = session.registry.tiers.set(name, wanted)
    has, used = _counted(len(record.limits), "limit"), _counted(record.tenants, "tenant")
    bound = bound_of(session)
    session.say(f"tier {name} has {has}; every worker knows within {bound} ({used})")


@tier.command(epilog="Example: tier remove gold --yes")
@click.argument("name", shell_complete=complete.tiers)
@yes_option
@quiet_option
@pass_session
def remove(session: Session, name: str, *, yes: bool) -> None:
    """Remove a tier that no tenant subscribes to; asks first."""
    session.registry.tiers.get(name)
    confirm(f"tier {name} and its limits will be gone", yes=yes)
    session.registry.tiers.remove(name)
    session.say(f"tier {name} is removed")


@tier.command("list", epilog="Example: tier list --format json")
@format_option
@pass_session
def list_tiers(session: Session, form: Form) -> None:
    """List all tiers."""
    show_rows(session.registry.tiers.list(), COLUMNS, form, empty="no tiers")


@tier.command("show", epilog="Example: tier show gold")
@click.argument("name", shell_complete=complete.tiers)
@format_option
@pass_session
def show_tier(session: Session, name: str, form: Form) -> None:
    """Show the limits of one tier."""
    record = session.registry.tiers.get(name)
    if form != "table":
        show_record(record, form)
        return
    show_rows(record.limits, LIMIT_COLUMNS, form, empty="no limits")
    session.say(f"{_counted(record.tenants, 'tenant')} of this tier")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")
