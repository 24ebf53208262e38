"""``audit``: who changed what, and when."""

from datetime import UTC, datetime, timedelta

import click

from tenants.cli.output import Form, show_rows
from tenants.cli.session import Session, pass_session
from tenants.cli.values import format_option, read_duration


@click.group()
def audit() -> None:
    """See what was changed, and by whom."""


@audit.command("list", epilog="Example: audit list --tenant acme --since 7d")
@click.option("--tenant", metavar="SLUG", help="Only what was done to this tenant.")
@click.option("--since", metavar="DURATION", callback=read_duration, help="The last 12h, 7d, …")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@format_option
@pass_session
def list_events(
    session: Session, *, tenant: str | None, since: float | None, limit: int, form: Form
) -> None:
    """List changes, the newest first."""
    after = None if since is None else datetime.now(UTC) - timedelta(seconds=since)
    events = session.registry.audit.list(tenant=tenant, since=after, limit=limit)
    columns = {
        "at": lambda event: event.at,
        "actor": lambda event: event.actor,
        "action": lambda event: event.action,
        "tenant": lambda event: event.tenant,
    }
    show_rows(events, columns, form, empty="no changes")
