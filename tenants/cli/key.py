"""``key``: a tenant's signing keys, their rotation, and what to do after a leak."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import click

from tenantauth.units import format_duration
from tenants.cli.boundary import Refused
from tenants.cli.confirm import confirm, yes_option
from tenants.cli.output import Form, distance, show_json, show_rows
from tenants.cli.session import Session, pass_session, quiet_option
from tenants.cli.values import format_option
from tenants.errors import RegistryError
from tenants.values import KeyRecord, TenantRecord

if TYPE_CHECKING:
    from tenants.services.keys import Compromise


@click.group()
def key() -> None:
    """Look after the keys that sign a tenant's tokens."""


def _since(key: KeyRecord) -> datetime:
    times = {
        "active": key.activated_at,
        "grace": key.grace_at,
        "retired": key.retired_at,
        "compromised": key.compromised_at,
    }
    return times.get(key.state) or key.created_at


def _next(key: KeyRecord, age_s: float, tenant: TenantRecord, staleness_s: float) -> str:
    if key.state == "pending" and key.may_promote_at is not None:
        ahead_s = (key.may_promote_at - key.created_at).total_seconds()
        return _when("may sign", ahead_s - age_s)
    if key.state == "active":
        return _when("rotates", tenant.rotate_every_s - age_s)
    if key.state == "grace":
        return _when("retires", tenant.max_ttl_s + tenant.leeway_s + staleness_s - age_s)
    return ""


def _when(event: str, ahead_s: float) -> str:
    return f"{event} in {distance(ahead_s)}" if ahead_s > 0 else f"{event} now"


def _columns(session: Session, slug: str) -> Mapping[str, Callable[[KeyRecord], object]]:
    tenant, staleness_s = session.registry.tenants.get(slug), session.settings.staleness_s
    now = session.registry.now()
    return {
        "kid": lambda key: key.kid,
        "algorithm": lambda key: key.algorithm,
        "state": lambda key: key.state,
        "since (UTC)": lambda key: f"{_since(key):%Y-%m-%d %H:%M}",
        "next": lambda key: _next(key, (now - _since(key)).total_seconds(), tenant, staleness_s),
    }


@key.command("list", epilog="Example: key list acme")
@click.argument("tenant")
@format_option
@pass_session
def list_keys(session: Session, tenant: str, form: Form) -> None:
    """List a tenant's keys: states, since when, what is next."""
    keys = session.registry.keys.list(tenant)
    show_rows(keys, _columns(session, tenant), form, empty="no keys")


@key.command(epilog="Example: key rotate acme")
@click.argument("tenant", required=False)
@click.option("--due", is_flag=True, help="Every tenant whose key has signed long enough.")
@click.option("--now", is_flag=True, help="Do not wait until readers outside hold the next key.")
@quiet_option
@pass_session
def rotate(session: Session, tenant: str | None, *, due: bool, now: bool) -> None:
    """Let the next key sign, and publish the one after it.

    The key before goes on verifying what it has signed. A pending key that was published too
    lately is refused (exit 1, with the time from which it may); --now skips that wait and says so.
    """
    if (tenant is None) is not due or (due and now):
        raise click.UsageError("give a TENANT (with or without --now), or --due")
    keys = session.registry.keys
    rotations = keys.rotate_due() if tenant is None else (keys.rotate(tenant, now=now),)
    for rotation in rotations:
        session.say(f"tenant {rotation.tenant}")
        session.say(f"  {rotation.promoted.kid} signs from now on")
        if rotation.waited_s:
            session.say(f"  live workers were given {rotation.waited_s:.1f} s to take it over")
        if rotation.demoted is not None:
            session.say(f"  {rotation.demoted.kid} verifies until its last token has ended")
        session.say(f"  {rotation.pending.kid} is published and signs next")
    if not rotations:
        session.say("no key is due")


@key.command(epilog="Example: key compromise acme 5f0c2b7e91d44a6f8e21b3aa")
@click.argument("tenant", required=False)
@click.argument("kid", required=False)
@click.option("--all", "every", is_flag=True, help="Every key of the tenant; without one, of all.")
@yes_option
@quiet_option
@pass_session
def compromise(
    session: Session, *, tenant: str | None, kid: str | None, every: bool, yes: bool
) -> None:
    """Refuse all that a leaked key has signed; asks first.

    Its successor signs at once.
    """
    if every is (kid is not None) or (tenant is None and not every):
        raise click.UsageError("give TENANT and KID, or --all (with or without TENANT)")
    keys, tenants = session.registry.keys, session.registry.tenants
    slugs = [tenant] if tenant else [record.slug for record in tenants.list()]
    if kid is not None:
        confirm(f"every token that {kid} has signed is refused for good", yes=yes)
    else:
        whose = tenant or f"all {len(slugs)} tenants"
        confirm(f"every token that {whose} has signed is refused for good", yes=yes)
    problems = []
    for slug in slugs:
        try:
            done = keys.compromise(slug, kid) if kid else keys.compromise_all(slug)
        except RegistryError as error:
            # After a leak as much as can be refused is refused; the rest is told at the end.
            problems.append(f"tenant {slug}: {error.message}")
        else:
            _tell(session, done)
    if problems:
        raise Refused(*problems)


def _tell(session: Session, done: "Compromise") -> None:
    bound = format_duration(session.settings.staleness_s)
    session.say(f"tenant {done.tenant}")
    for key in done.compromised:
        session.say(f"  {key.kid} is compromised; every worker refuses it within {bound}")
    session.say(f"  {done.active.kid} signs from now on")
    session.say(f"  {done.pending.kid} is published and signs next")


@key.command(epilog="Example: key jwks acme > jwks.json")
@click.argument("tenant")
@pass_session
def jwks(session: Session, tenant: str) -> None:
    """Print a tenant's public keys as a key set (RFC 7517)."""
    show_json(session.registry.keys.jwks(tenant))
