"""``limit``: how often a tenant may be called."""

from collections.abc import Callable
from dataclasses import replace

import click

from tenantauth.limit import Limit
from tenants.cli import complete
from tenants.cli.boundary import Refused
from tenants.cli.changes import make_change
from tenants.cli.complete import tenant_argument
from tenants.cli.output import Columns, Form, show_rows
from tenants.cli.session import Session, pass_session, quiet_option
from tenants.cli.values import format_option
from tenants.values import HeldLimit, LimitSpec

LIMIT_COLUMNS: Columns[LimitSpec] = {
    "name": lambda limit: limit.name,
    "rate": lambda limit: limit.rate,
    "by": lambda limit: limit.by,
    "paths": lambda limit: limit.paths,
    "methods": lambda limit: limit.methods,
    "cost": lambda limit: limit.cost,
    "burst": lambda limit: limit.burst,
    "mode": lambda limit: limit.mode,
    "on outage": lambda limit: limit.on_outage,
}


def _of_tenant(read: Callable[[LimitSpec], object]) -> Callable[[HeldLimit], object]:
    return lambda held: read(held.limit)


HELD_COLUMNS: Columns[HeldLimit] = {
    **{title: _of_tenant(read) for title, read in LIMIT_COLUMNS.items()},
    "of tier": lambda held: held.tier,
}


@click.group()
def limit() -> None:
    """Set how often a tenant may be called."""


@limit.command("set", epilog="Example: limit set acme login=5/minute:address --path /auth/login")
@tenant_argument()
@click.argument("declared", metavar="NAME=RATE[:BY]")
@click.option("--path", "paths", multiple=True, help="Only below this path; may be repeated.")
@click.option("--method", "methods", multiple=True, help="Only this method; may be repeated.")
@click.option("--cost", type=int, default=1, show_default=True, help="What a request counts.")
@click.option("--burst", type=int, help="At most so many at once.")
@click.option("--on-outage", type=click.Choice(["local", "open", "closed"]), default="local")
@click.option("--mode", type=click.Choice(["enforce", "shadow"]), default="enforce")
@quiet_option
@pass_session
def set_limit(session: Session, /, tenant: str, declared: str, **members: object) -> None:
    """Give a tenant a limit, or replace the whole of one.

    BY is tenant (as when left out), address, subject or client. What a tier says under the same
    name no longer counts for this tenant.
    """
    try:
        wanted = replace(LimitSpec.of(Limit.parse(declared)), **members)  # type: ignore[arg-type]  # Click's
    except ValueError as error:
        raise Refused(str(error)) from None
    make_change(session, tenant, lambda: session.registry.limits.set(tenant, wanted))


@limit.command(epilog="Example: limit remove acme login")
@tenant_argument()
@click.argument("name", shell_complete=complete.limits)
@quiet_option
@pass_session
def remove(session: Session, tenant: str, name: str) -> None:
    """Take a limit of its own from a tenant; its tier's of that name holds again."""
    make_change(session, tenant, lambda: session.registry.limits.remove(tenant, name))


@limit.command("list", epilog="Example: limit list acme")
@tenant_argument()
@format_option
@pass_session
def list_limits(session: Session, tenant: str, form: Form) -> None:
    """List the limits that hold for a tenant, its tier's marked as such."""
    held = session.registry.limits.list(tenant)
    show_rows(held, HELD_COLUMNS, form, empty="no limits")
