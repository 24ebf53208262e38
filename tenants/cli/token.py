"""``token``: an access token for a try, and what is wrong with one."""

import json
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
from rich.text import Text

from tenantauth.units import format_duration
from tenants.cli.boundary import Refused
from tenants.cli.output import Form, clean, fact_sheet, moment, show, show_record
from tenants.cli.session import Session, pass_session, program
from tenants.cli.values import format_option, read_duration

if TYPE_CHECKING:
    from tenants.issue.caller import Caller
    from tenants.issue.inspection import Inspection

_MAX_TOKEN_BYTES = 65_536
_TIMES = frozenset({"iat", "nbf", "exp", "auth_time"})
_SCHEME = re.compile(r"\A(?:authorization:\s*)?bearer\s+", re.IGNORECASE)
_LAST_TIME_S = 253_402_300_800  # the year 10000


class NotKnown(Refused):
    """Whether a token is valid cannot be told now: exit status 3, and why."""

    exit_code = 3


@click.group()
def token() -> None:
    """Issue access tokens, and look into them."""


@token.command(epilog="Example: TOKEN=$(… token issue acme --subject alice)")
@click.argument("tenant")
@click.option("--subject", required=True, help="Who the token is for.")
@click.option("--role", "roles", multiple=True, help="A role; may be repeated.")
@click.option("--scope", "scopes", multiple=True, help="A scope; may be repeated.")
@click.option("--ttl", metavar="DURATION", callback=read_duration, help="Its life, as 15m.")
@click.option("--client-id", default="web", show_default=True, help="For which client.")
@pass_session
def issue(
    session: Session,
    *,
    tenant: str,
    subject: str,
    roles: tuple[str, ...],
    scopes: tuple[str, ...],
    ttl: float | None,
    client_id: str,
) -> None:
    """Sign an access token; in a pipe only the token is printed."""
    issued = session.registry.tokens.issue(
        tenant, subject, roles=roles, scopes=scopes, ttl_s=ttl, client_id=client_id
    )
    click.echo(issued.token)
    if session.quiet or not sys.stdout.isatty():
        return
    named = {"--role": roles, "--scope": scopes}
    options = [word for name, values in named.items() for value in values for word in (name, value)]
    wanted = shlex.join(["token", "issue", tenant, "--subject", subject, *options])
    session.say("")
    session.say(f"good for {format_duration(issued.expires_in_s)}")
    session.say(f"try    TOKEN=$({program()} {wanted})")
    session.say(f'       curl -H "Authorization: Bearer $TOKEN" {_url(session, tenant)}/')


def _url(session: Session, slug: str) -> str:
    return session.registry.tenants.get(slug).url


@token.command(epilog="Example: echo $TOKEN | … token inspect")
@click.option("--tenant", metavar="SLUG", help="Whose rules hold; else the tenant it names.")
@format_option
@pass_session
def inspect(session: Session, tenant: str | None, form: Form) -> None:
    """Verify a token, and say which check fails.

    It is read from the standard input; on a terminal it is asked for, and not shown. It is never
    an argument, which other users of the machine can see. One of a trusted issuer needs --tenant.
    The exit status is 1 when it is not valid, and 3 when that cannot be known now.
    """
    inspection = session.registry.tokens.inspect(_read_token(), tenant=tenant)
    if form != "table":
        show_record(inspection, form)
    else:
        _show(inspection)
    if inspection.valid:
        return
    if not inspection.known:
        raise NotKnown(str(inspection.reason))
    if tenant is not None and inspection.tenant is None and inspection.claims:
        session.registry.tenants.get(tenant)  # It raises, and the nearest name is told.
    raise Refused(f"the token is not valid: {inspection.reason}")


def _show(inspection: "Inspection") -> None:
    proof = "" if inspection.valid else ", as it says itself"
    for part, members in (("header", inspection.header), ("claims", inspection.claims)):
        if members:
            show(Text(part + proof, style="bold"), fact_sheet(_readable(members)), "")
    if inspection.caller is not None:
        show(Text("caller", style="bold"), fact_sheet(dict(_facts(inspection.caller))), "")
    if inspection.valid:
        show(Text("valid", style="green").append(f" at tenant {inspection.tenant}"))


def _facts(caller: "Caller") -> Iterator[tuple[str, object]]:
    yield "subject", f"{caller.subject}  ({caller.kind})"
    yield "client", caller.client_id
    yield "issuer", caller.issuer
    yield "roles", caller.roles
    if caller.unmapped_roles:
        yield "not mapped", caller.unmapped_roles
    yield "permissions", caller.permissions
    yield "scopes", caller.scopes
    if caller.note is not None:
        yield "note", caller.note


def _read_token() -> str:
    """Read one token, and never more than could be one."""
    if sys.stdin.isatty():
        return _bare(str(click.prompt("token", hide_input=True, err=True)))
    untrusted_token = sys.stdin.buffer.read(_MAX_TOKEN_BYTES + 1).decode("utf-8", "replace")
    if not untrusted_token.strip():
        raise Refused("there is no token on the standard input")
    return _bare(untrusted_token)


def _bare(untrusted_text: str) -> str:
    """Leave out what stands before a token where it was copied from."""
    return _SCHEME.sub("", untrusted_text.strip(), count=1)


def _readable(members: Mapping[str, object]) -> dict[str, object]:
    return {clean(name): _told(name, value) for name, value in members.items()}


def _told(name: str, value: object) -> object:
    if name in _TIMES and isinstance(value, int) and 0 <= value < _LAST_TIME_S:
        return f"{value}  ({moment(datetime.fromtimestamp(value, UTC))})"
    return value if isinstance(value, str) else json.dumps(value)
