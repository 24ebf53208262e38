"""Telling what became of a tenant: what is different, and from when on."""

from collections.abc import Callable

from tenantauth.units import format_duration
from tenants.cli.difference import difference_lines
from tenants.cli.hanging import hanging
from tenants.cli.output import clean
from tenants.cli.session import Session
from tenants.document import to_document
from tenants.spec import to_spec
from tenants.values import TenantRecord


def bound_of(session: Session) -> str:
    """Return within which time every worker knows of a change."""
    return format_duration(session.settings.staleness_s)


def make_change(session: Session, tenant: str, change: Callable[[], TenantRecord]) -> TenantRecord:
    """Make a change of one tenant and say what it has changed."""
    before = session.registry.tenants.get(tenant)
    after = change()
    tell_change(session, before, after)
    return after


def tell_change(session: Session, before: TenantRecord, after: TenantRecord) -> None:
    """Say what is different, a line each."""
    lines = [*difference_lines(to_document(to_spec(before)), to_document(to_spec(after)))]
    if not lines:
        session.say(f"tenant {after.slug} is so already; nothing was changed")
        return
    session.say(f"tenant {after.slug} is changed; every worker knows within {bound_of(session)}")
    for line in lines:
        for piece in hanging(f"  {clean(line)}"):
            session.say(piece)
