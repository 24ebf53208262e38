"""``tenant create``: from nothing to a tenant that serves, in one command."""

from collections.abc import Iterator

import click

from tenantauth.limit import Limit
from tenants.cli import complete
from tenants.cli.boundary import Refused
from tenants.cli.output import Form, fact_sheet, show, show_record
from tenants.cli.session import Session, pass_session, program, quiet_option
from tenants.cli.tenant_facts import given_to
from tenants.cli.values import format_option, read_all, read_role
from tenants.errors import InvalidError
from tenants.keys import ALGORITHMS, DEFAULT_ALGORITHM
from tenants.spec import TenantSpec, rules_of_origins
from tenants.spec_check import checked
from tenants.values import LimitSpec, RoleSpec, TenantRecord


@click.command(epilog="Example: tenant create acme --origin https://app.acme.test")
@click.argument("slug")
@click.option("--name", help="The name for people; the slug without it.")
@click.option("--host", "hosts", multiple=True, help="A host of its own, as api.acme.test.")
@click.option("--origin", "origins", multiple=True, help="An origin whose pages may call.")
@click.option("--limit", "limits", multiple=True, metavar="NAME=RATE[:BY]", help="A rate limit.")
@click.option("--role", "roles", multiple=True, metavar="NAME[=PERM,…]", help="A role.")
@click.option("--tier", help="The tier that it subscribes to.", shell_complete=complete.tiers)
@click.option(
    "--algorithm",
    type=click.Choice(ALGORITHMS),
    default=DEFAULT_ALGORITHM,
    show_default=True,
    help="Of its signing keys.",
)
@click.option("--issuer", help="The iss of its tokens; its own address without it.")
@click.option("--audience", multiple=True, help="The aud of its tokens; the issuer without it.")
@format_option
@quiet_option
@pass_session
def create(
    session: Session,
    *,
    slug: str,
    name: str | None,
    hosts: tuple[str, ...],
    origins: tuple[str, ...],
    limits: tuple[str, ...],
    roles: tuple[str, ...],
    tier: str | None,
    algorithm: str,
    issuer: str | None,
    audience: tuple[str, ...],
    form: Form,
) -> None:
    """Make a tenant and its signing keys: after this it serves.

    --host, --origin, --limit, --role and --audience may be repeated. BY is tenant (as when left
    out), address, subject or client.
    """
    problems: list[str] = []
    wanted = TenantSpec(
        slug=slug,
        name=slug if name is None else name,
        tier=tier,
        hosts=hosts,
        issuer=issuer or "",
        audience=audience,
        algorithm=algorithm,
        cors=rules_of_origins(origins, credentials=False),
        limits=tuple(map(LimitSpec.of, read_all("--limit", limits, Limit.parse, problems))),
        roles=tuple(map(RoleSpec.of, read_all("--role", roles, read_role, problems))),
    )
    problems += _problems_of(wanted, session)
    if problems:
        raise Refused(*problems)
    _tell(session, session.registry.tenants.add(wanted), form)


def _problems_of(wanted: TenantSpec, session: Session) -> Iterator[str]:
    # The service checks the same again, but it cannot know which texts could not even be read.
    try:
        checked(wanted, session.settings)
    except InvalidError as error:
        yield from error.problems


def _tell(session: Session, made: TenantRecord, form: Form) -> None:
    if session.quiet:
        return
    if form != "table":
        show_record(made, form)
        return
    session.say(f"tenant {made.slug} is made, and serves")
    keys = session.registry.keys.list(made.slug)
    facts: dict[str, object] = {"address": made.url, "issuer": made.issuer, **given_to(made)}
    facts |= {f"{key.state} key": f"{key.kid} ({key.algorithm})" for key in keys}
    show("", fact_sheet(facts), "")
    issue = f"{program()} token issue {made.slug} --subject alice"
    session.say(f"try    TOKEN=$({issue})")
    session.say(f'       curl -H "Authorization: Bearer $TOKEN" {made.url}/')
