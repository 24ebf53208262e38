"""``key``: a tenant's signing keys, their rotation, and what to do after a leak."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from tenantauth.units import format_duration
from tenants.cli.boundary import Refused
from tenants.cli.confirm import confirm, yes_option
from tenants.cli.key_facts import columns_at, tell_grace
from tenants.cli.key_import import import_key
from tenants.cli.output import Form, show_json, show_rows
from tenants.cli.progress import tracked
from tenants.cli.session import Session, pass_session, quiet_option
from tenants.cli.values import format_option
from tenants.errors import RegistryError, TooEarlyError

if TYPE_CHECKING:
    from tenants.key_outcomes import Compromise, Rotation


@click.group()
def key() -> None:
    """Look after the keys that sign a tenant's tokens."""


key.add_command(import_key)


@key.command("list", epilog="Example: key list acme")
@click.argument("tenant")
@format_option
@pass_session
def list_keys(session: Session, tenant: str, form: Form) -> None:
    """List a tenant's keys: states, since when, what is next."""
    registry = session.registry
    show_rows(registry.keys.list(tenant), columns_at(registry.now()), form, empty="no keys")


@contextmanager
def _telling_of_now() -> Iterator[None]:
    try:
        yield
    except TooEarlyError as error:
        raise Refused(f"{error.message}; --now does not wait for readers outside") from None


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
    --due also destroys tenants that were deleted 30 days ago.
    """
    if (tenant is None) is not due or (due and now):
        raise click.UsageError("give a TENANT (with or without --now), or --due")
    keys = session.registry.keys
    if tenant is None:
        for slug in session.registry.tenants.purge_due():
            session.say(f"tenant {slug} was deleted 30 days ago; nothing is left of it")
        rotations = keys.rotate_due(watch=lambda slugs: tracked("rotating", slugs))
    else:
        with _telling_of_now():
            rotations = (keys.rotate(tenant, now=now),)
    for rotation in rotations:
        _tell_rotation(session, rotation)
    if now:
        _tell_haste(session)
    if not rotations:
        session.say("no key is due")


@key.command(epilog="Example: key promote acme 5f0c2b7e91d44a6f8e21b3aa")
@click.argument("tenant")
@click.argument("kid")
@click.option("--now", is_flag=True, help="Do not wait until readers outside hold the key.")
@quiet_option
@pass_session
def promote(session: Session, *, tenant: str, kid: str, now: bool) -> None:
    """Let exactly this pending key sign, as rotate does; done twice, it changes nothing."""
    with _telling_of_now():
        done = session.registry.keys.promote(tenant, kid, now=now)
    if done.demoted is None:
        session.say(f"{kid} signs already; nothing was changed")
        return
    _tell_rotation(session, done)
    if now:
        _tell_haste(session)


@key.command(epilog="Example: key retire acme 5f0c2b7e91d44a6f8e21b3aa")
@click.argument("tenant")
@click.argument("kid")
@click.option("--force", is_flag=True, help="Also while a token of it can be alive; asks first.")
@yes_option
@quiet_option
@pass_session
def retire(session: Session, *, tenant: str, kid: str, force: bool, yes: bool) -> None:
    """End a key in grace before its time; refused while a token of it can be alive."""
    if force:
        confirm(f"tokens of {kid} that are alive will end at once", yes=yes)
    done = session.registry.keys.retire(tenant, kid, force=force)
    session.say(f"{done.kid} is retired and verifies nothing any more")


def _tell_haste(session: Session) -> None:
    session.say("  readers outside were not waited for: until they read the keys again,")
    session.say("  they may refuse new tokens")


def _tell_rotation(session: Session, done: "Rotation") -> None:
    session.say(f"tenant {done.tenant}")
    session.say(f"  {done.promoted.kid} signs from now on")
    if done.waited_s:
        session.say(f"  live workers were given {done.waited_s:.1f} s to hold it")
    if done.demoted is not None:
        tell_grace(session, done.demoted, done.demoted.kid)
    session.say(f"  {done.pending.kid} is published and signs next")


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
    slugs = [tenant] if tenant else tenants.slugs()
    signer = kid or (f"tenant {tenant}" if tenant else f"any of all {len(slugs)} tenants")
    confirm(f"every token that {signer} has signed will be refused for good", yes=yes)
    outcomes, problems = [], []
    try:
        for slug in tracked("refusing", slugs):
            try:
                outcomes.append(keys.compromise(slug, kid) if kid else keys.compromise_all(slug))
            except RegistryError as error:
                # After a leak as much as can be refused is refused; the rest is told at the end.
                problems.append(error.message if tenant else f"tenant {slug}: {error.message}")
    finally:
        # Also when it was interrupted: what is done is done.
        for outcome in outcomes:
            _tell_compromise(session, outcome)
    if problems:
        raise Refused(*problems)


def _tell_compromise(session: Session, done: "Compromise") -> None:
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
