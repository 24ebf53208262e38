"""``origin``: the pages that may call a tenant."""

from typing import Any

import click

from tenantauth.units import format_duration
from tenants.cli.changes import make_change
from tenants.cli.complete import tenant_argument
from tenants.cli.output import Columns, Form, show_facts, show_rows
from tenants.cli.session import Session, pass_session, quiet_option
from tenants.cli.values import format_option, given, read_seconds
from tenants.values import CorsSpec

COLUMNS: Columns[CorsSpec] = {
    "path": lambda rule: rule.path,
    "origins": lambda rule: rule.origins,
    "methods": lambda rule: rule.methods,
    "allowed headers": lambda rule: rule.allow_headers,
    "exposed headers": lambda rule: rule.expose_headers,
    "credentials": lambda rule: rule.credentials,
    "max age": lambda rule: format_duration(rule.max_age_s),
}

_path_option = click.option("--path", default="/", show_default=True, help="What they may call.")


@click.group()
def origin() -> None:
    """Say which pages may call a tenant (CORS)."""


@origin.command(epilog="Example: origin add acme https://app.acme.test --credentials")
@tenant_argument()
@click.argument("origins", nargs=-1, metavar="[ORIGIN]...")
@_path_option
@click.option("--credentials/--no-credentials", default=None, help="Whether cookies go along.")
@click.option("--method", "methods", multiple=True, help="A method; all given replace the others.")
@click.option("--allow-header", "allow_headers", multiple=True, help="A header they may send.")
@click.option("--expose-header", "expose_headers", multiple=True, help="A header they may read.")
@click.option("--max-age", "max_age_s", metavar="DURATION", callback=read_seconds)
@click.option(
    "--private-network/--no-private-network",
    default=None,
    help="Whether pages of the internet reach a server in a private network.",
)
@quiet_option
@pass_session
def add(
    session: Session,
    /,
    tenant: str,
    origins: tuple[str, ...],
    *,
    path: str,
    **members: Any,  # noqa: ANN401  # Click's
) -> None:
    """Let pages of these origins call a tenant.

    The longest path that fits a request counts. --method, --allow-header and --expose-header may be
    repeated; what is given replaces what was there, what is not given stays.
    """
    changed = given(members)
    if not origins and not changed:
        raise click.UsageError("give an ORIGIN, or an option that changes the rule")
    origins_of = session.registry.origins
    make_change(session, tenant, lambda: origins_of.add(tenant, *origins, path=path, **changed))


@origin.command(epilog="Example: origin remove acme https://old.acme.test")
@tenant_argument()
@click.argument("origins", nargs=-1, metavar="[ORIGIN]...")
@_path_option
@quiet_option
@pass_session
def remove(session: Session, tenant: str, origins: tuple[str, ...], path: str) -> None:
    """Let pages of these origins call no more; without an ORIGIN, remove the whole rule."""
    origins_of = session.registry.origins
    make_change(session, tenant, lambda: origins_of.remove(tenant, *origins, path=path))


@origin.command("list", epilog="Example: origin list acme")
@tenant_argument()
@format_option
@pass_session
def list_origins(session: Session, tenant: str, form: Form) -> None:
    """List a tenant's CORS rules by path."""
    rules = session.registry.origins.list(tenant)
    show_rows(rules, COLUMNS, form, empty="no page on another origin may call it")


@origin.command(epilog="Example: origin test acme https://app.acme.test --method PUT")
@tenant_argument()
@click.argument("untrusted_origin", metavar="ORIGIN")
@click.option("--path", default="/", show_default=True, help="What it calls.")
@click.option("--method", default="GET", show_default=True, help="How it calls.")
@click.option("--header", "headers", multiple=True, help="A field that its script sets.")
@format_option
@pass_session
def test(
    session: Session,
    /,
    tenant: str,
    untrusted_origin: str,
    *,
    form: Form,
    **call: Any,  # noqa: ANN401  # Click's
) -> None:
    """Say whether a page may call, by which rule, and what its browser is answered.

    The stored rules are asked; those of an app (cors=) and marks on its routes do not count. The
    exit status is 1 when the page may not call.
    """
    answer = session.registry.origins.test(tenant, untrusted_origin, **call)
    verdict = {"may call": answer.allowed, "because": answer.reason, "rule": answer.rule}
    facts = {name: value for name, value in verdict.items() if value is not None}
    show_facts(answer, {**facts, **answer.headers}, form)
    if not answer.allowed:
        raise click.exceptions.Exit(1)
