"""``audit``: who changed what, and when."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import click

from tenants.cli import complete
from tenants.cli.difference import difference_lines
from tenants.cli.output import Columns, Form, show_rows
from tenants.cli.session import Session, pass_session
from tenants.cli.values import format_option, read_duration
from tenants.values import APPLY, AuditRecord

_COUNTS = ("created", "changed", "deleted")


@click.group()
def audit() -> None:
    """See what was changed, and by whom."""


@audit.command("list", epilog="Example: audit list --tenant acme --since 7d")
@click.option(
    "--tenant",
    metavar="SLUG",
    help="Only what was done to this tenant.",
    shell_complete=complete.tenants,
)
@click.option("--since", metavar="DURATION", callback=read_duration, help="The last 12h, 7d, …")
@click.option("--actor", help="Only what this one did, as cli:alice.")
@click.option("--action", help="Only this, as limit.set, or all of a noun, as limit.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@format_option
@pass_session
def list_events(
    session: Session,
    *,
    tenant: str | None,
    since: float | None,
    actor: str | None,
    action: str | None,
    limit: int,
    form: Form,
) -> None:
    """List changes, the newest first, each with what it has changed."""
    after = None if since is None else datetime.now(UTC) - timedelta(seconds=since)
    events = session.registry.audit.list(tenant, after, limit, actor=actor, action=action)
    show_rows(events, _COLUMNS, form, empty="no changes")


def _changes(event: AuditRecord) -> object:
    if event.action == APPLY:
        return _applied(event.after or {})
    # The table has a column for tenants; a tier is named here.
    tier = (event.before or event.after or {}).get("tier") if event.tenant is None else None
    about = "" if tier is None else f"{tier}: "
    if event.before is None or event.after is None:
        return about + ("made" if event.before is None else "removed")
    return about + "; ".join(difference_lines(event.before, event.after))


def _applied(after: Mapping[str, object]) -> str:
    counts = [f"{after[name]} {name}" for name in _COUNTS if after.get(name)]
    if tiers := after.get("tiers"):
        counts.append("1 tier" if tiers == 1 else f"{tiers} tiers")
    return ", ".join(counts) or "nothing changed"


_COLUMNS: Columns[AuditRecord] = {
    "at": lambda event: event.at,
    "actor": lambda event: event.actor,
    "action": lambda event: event.action,
    "tenant": lambda event: event.tenant,
    "what": _changes,
}
