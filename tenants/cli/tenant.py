"""``tenant``: the customers; one command makes one that serves."""

import click

from tenantauth.units import format_duration
from tenants.cli.confirm import confirm, yes_option
from tenants.cli.output import Form, show_facts, show_rows
from tenants.cli.session import Session, pass_session, quiet_option
from tenants.cli.tenant_create import create
from tenants.cli.tenant_facts import COLUMNS, facts_of
from tenants.cli.values import format_option


@click.group()
def tenant() -> None:
    """Look after the customers of the platform."""


tenant.add_command(create)


def _bound(session: Session) -> str:
    return format_duration(session.settings.staleness_s)


@tenant.command("list", epilog="Example: tenant list --format json")
@format_option
@pass_session
def list_tenants(session: Session, form: Form) -> None:
    """List all tenants."""
    show_rows(session.registry.tenants.list(), COLUMNS, form, empty="no tenants yet")


@tenant.command("show", epilog="Example: tenant show acme")
@click.argument("slug")
@format_option
@pass_session
def show_tenant(session: Session, slug: str, form: Form) -> None:
    """Show one tenant: addresses, tokens, limits, roles."""
    record = session.registry.tenants.get(slug)
    show_facts(record, facts_of(record), form)


@tenant.command(epilog="Example: tenant suspend acme")
@click.argument("slug")
@yes_option
@quiet_option
@pass_session
def suspend(session: Session, slug: str, *, yes: bool) -> None:
    """Refuse every request of a tenant; asks first."""
    record = session.registry.tenants.get(slug)
    if record.status != "suspended":
        confirm(f"every request to {slug} is refused until it is resumed", yes=yes)
    session.registry.tenants.suspend(slug)
    session.say(f"tenant {slug} is suspended; every worker refuses it within {_bound(session)}")


@tenant.command(epilog="Example: tenant resume acme")
@click.argument("slug")
@quiet_option
@pass_session
def resume(session: Session, slug: str) -> None:
    """Serve a suspended tenant again."""
    session.registry.tenants.resume(slug)
    session.say(f"tenant {slug} is active; every worker serves it within {_bound(session)}")
