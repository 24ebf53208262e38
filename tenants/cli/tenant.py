"""``tenant``: the customers; one command makes one that serves."""

from itertools import islice
from typing import cast

import click

from tenants.cli import complete
from tenants.cli.changes import bound_of
from tenants.cli.complete import tenant_argument
from tenants.cli.confirm import confirm, yes_option
from tenants.cli.output import Form, show_facts, show_rows
from tenants.cli.session import Session, pass_session, program, quiet_option
from tenants.cli.tenant_create import create
from tenants.cli.tenant_facts import COLUMNS, DELETED_COLUMNS, facts_of
from tenants.cli.tenant_update import update
from tenants.cli.values import format_option
from tenants.values import RESTORABLE_FOR, Status


@click.group()
def tenant() -> None:
    """Look after the customers of the platform."""


tenant.add_command(create)


tenant.add_command(update)


@tenant.command("list", epilog="Example: tenant list --tier gold --format json")
@click.option("--text", help="Only those with this in slug, name or host.")
@click.option("--status", type=click.Choice(["active", "suspended"]), help="Only these.")
@click.option("--tier", help="Only those of this tier.", shell_complete=complete.tiers)
@click.option("--deleted", is_flag=True, help="Only deleted ones that can still be restored.")
@click.option("--limit", type=click.IntRange(1), help="At most so many.")
@click.option("--after", metavar="SLUG", help="From behind this one on; for the next page.")
@format_option
@pass_session
def list_tenants(
    session: Session,
    *,
    text: str | None,
    status: str | None,
    tier: str | None,
    deleted: bool,
    limit: int | None,
    after: str | None,
    form: Form,
) -> None:
    """List tenants by slug."""
    if deleted and status:
        raise click.UsageError("give --deleted or --status")
    wanted = cast(Status | None, "deleted" if deleted else status)
    records = islice(
        session.registry.tenants.each(text=text, status=wanted, tier=tier, after=after), limit
    )
    narrowed = text or status or tier or deleted or after
    columns = DELETED_COLUMNS if deleted else COLUMNS
    show_rows(records, columns, form, empty="no such tenants" if narrowed else "no tenants yet")


@tenant.command("show", epilog="Example: tenant show acme")
@tenant_argument("slug")
@format_option
@pass_session
def show_tenant(session: Session, slug: str, form: Form) -> None:
    """Show one tenant: addresses, tokens, limits, roles."""
    record = session.registry.tenants.get(slug)
    show_facts(record, facts_of(record), form)


@tenant.command(epilog="Example: tenant suspend acme")
@tenant_argument("slug")
@yes_option
@quiet_option
@pass_session
def suspend(session: Session, slug: str, *, yes: bool) -> None:
    """Refuse every request of a tenant; asks first."""
    record = session.registry.tenants.get(slug)
    if record.status != "suspended":
        confirm(f"every request to {slug} will be refused until it is resumed", yes=yes)
    session.registry.tenants.suspend(slug)
    session.say(f"tenant {slug} is suspended; every worker refuses it within {bound_of(session)}")


@tenant.command(epilog="Example: tenant resume acme")
@tenant_argument("slug")
@quiet_option
@pass_session
def resume(session: Session, slug: str) -> None:
    """Serve a suspended tenant again."""
    session.registry.tenants.resume(slug)
    session.say(f"tenant {slug} is active; every worker serves it within {bound_of(session)}")


@tenant.command(epilog="Example: tenant delete acme --yes")
@tenant_argument("slug")
@yes_option
@quiet_option
@pass_session
def delete(session: Session, slug: str, *, yes: bool) -> None:
    """Stop serving a tenant, and destroy it after 30 days; asks first.

    Until then it can be restored, and its slug, hosts and issuer are nobody else's.
    """
    session.registry.tenants.get(slug)
    days = RESTORABLE_FOR.days
    confirm(f"every request to {slug} will be refused, and in {days} days it is destroyed", yes=yes)
    deleted = session.registry.tenants.delete(slug)
    session.say(f"tenant {slug} is deleted; no worker knows it any more within {bound_of(session)}")
    if deleted.deleted_at is not None:
        until = deleted.deleted_at + RESTORABLE_FOR
        session.say(f"until {until:%Y-%m-%d}: {program()} tenant restore {slug}")


@tenant.command(epilog="Example: tenant restore acme")
@tenant_argument("slug")
@quiet_option
@pass_session
def restore(session: Session, slug: str) -> None:
    """Bring a deleted tenant back as it was."""
    record = session.registry.tenants.restore(slug)
    session.say(
        f"tenant {slug} is {record.status}; every worker knows it within {bound_of(session)}"
    )
