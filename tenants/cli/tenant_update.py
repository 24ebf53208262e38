"""``tenant update``: what a tenant is, its origins, limits, roles and issuers aside."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import click

from tenants.cli import complete
from tenants.cli.boundary import Refused
from tenants.cli.changes import tell_change
from tenants.cli.complete import tenant_argument
from tenants.cli.confirm import confirm, yes_option
from tenants.cli.session import Session, pass_session, quiet_option
from tenants.cli.values import given, read_pairs, read_seconds
from tenants.endings import ended_by
from tenants.keys import ALGORITHMS
from tenants.spec import to_spec
from tenants.spec_check import checked
from tenants.updates import TenantMembers, updated
from tenants.values import TenantRecord

Command = TypeVar("Command", bound=Callable[..., Any])


def _time(option: str, name: str, text: str) -> Callable[[Command], Command]:
    return click.option(option, name, metavar="DURATION", callback=read_seconds, help=text)


@click.command(epilog="Example: tenant update acme --add-host api.acme.test --tier gold")
@tenant_argument("slug")
@click.option("--name", help="The name for people.")
@click.option("--host", "hosts", multiple=True, help="A host; all given replace all there are.")
@click.option("--add-host", "add_hosts", multiple=True, metavar="HOST", help="One more host.")
@click.option("--remove-host", "remove_hosts", multiple=True, metavar="HOST", help="One host less.")
@click.option("--tier", help="The tier that it subscribes to.", shell_complete=complete.tiers)
@click.option("--no-tier", is_flag=True, help="No tier any more.")
@click.option("--issuer", help="The iss of its tokens; ends those that live, and asks.")
@click.option("--audience", multiple=True, help="The aud of its tokens; all given replace all.")
@click.option("--algorithm", type=click.Choice(ALGORITHMS), help="Of its next signing key.")
@click.option("--metadata", "metadata", multiple=True, metavar="NAME=VALUE", help="For the app.")
@click.option("--remove-metadata", multiple=True, metavar="NAME")
@click.option("--guard", metavar="RATE", help="Failures per address, as 60/minute.")
@_time("--access-ttl", "access_ttl_s", "How long its tokens live.")
@_time("--max-ttl", "max_ttl_s", "How long any token may live; shorter asks.")
@_time("--leeway", "leeway_s", "By how much clocks may differ.")
@_time("--rotate-every", "rotate_every_s", "How long a key signs.")
@_time("--publish-ahead", "publish_ahead_s", "How long a key is published before it signs.")
@yes_option
@quiet_option
@pass_session
def update(session: Session, /, slug: str, *, yes: bool, **options: Any) -> None:  # noqa: ANN401  # Click's
    """Change a tenant; what is not given stays.

    Asks before an address stops answering (that of a tenant without hosts does with its first one)
    and before live tokens are refused. Origins, limits, roles and issuers have commands of their
    own. --algorithm stands alone: it makes the key that signs from the next rotation on.
    """
    algorithm = options.pop("algorithm")
    if algorithm is not None:
        _change_algorithm(session, slug, algorithm, options)
        return
    members = _members(options)
    before = session.registry.tenants.get(slug)
    consequences = _consequences(session, before, members)
    if consequences:
        confirm("; ".join(consequences), yes=yes)
    tell_change(session, before, session.registry.tenants.update(slug, **members))


def _change_algorithm(session: Session, slug: str, algorithm: str, others: dict[str, Any]) -> None:
    if any(others.values()):
        raise click.UsageError("--algorithm stands alone: it is a change of keys")
    key = session.registry.keys.change_algorithm(slug, algorithm)
    session.say(f"tenant {slug} signs with {algorithm} from its next rotation on")
    session.say(f"  {key.kid} is published and signs next")


def _members(options: dict[str, Any]) -> TenantMembers:
    problems: list[str] = []
    no_tier = options.pop("no_tier")
    if no_tier and options["tier"] is not None:
        problems.append("--tier and --no-tier are opposites")
    options["metadata"] = read_pairs("--metadata", options["metadata"], problems) or None
    members = given(options)
    if no_tier:
        members["tier"] = None
    if not members:
        raise click.UsageError("nothing to change was given; --help lists what can be")
    if problems:
        raise Refused(*problems)
    return cast(TenantMembers, members)  # the options have the names of its members


def _consequences(session: Session, record: TenantRecord, members: TenantMembers) -> list[str]:
    before = to_spec(record)
    wanted = checked(updated(before, members), session.settings, before=before)
    return [*ended_by(before, wanted, session.settings)]
