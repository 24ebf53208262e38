"""``issuer keys``: what a trusted issuer publishes now, and which of it is used."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from tenantauth.units import format_duration
from tenants.cli.complete import issuers, tenant_argument
from tenants.cli.output import Columns, Form, fact_sheet, show, show_record, show_rows
from tenants.cli.session import Session, pass_session
from tenants.cli.values import format_option

if TYPE_CHECKING:
    from tenants.issuer_keys import IssuerKey, IssuerKeys

_COLUMNS: "Columns[IssuerKey]" = {
    "kid": lambda key: key.kid,
    "type": lambda key: " ".join(filter(None, (key.kty, key.crv))),
    "alg": lambda key: key.alg,
    "use": lambda key: key.use,
    "used": lambda key: f"for {key.algorithm}" if key.algorithm else "no",
    "why not": lambda key: "; ".join(key.problems),
}


@click.command(epilog="Example: issuer keys acme https://login.partner.test")
@tenant_argument()
@click.argument("issuer", shell_complete=issuers)
@format_option
@pass_session
def keys(session: Session, tenant: str, issuer: str, form: Form) -> None:
    """Fetch an issuer's keys now, and say which are used, and why not.

    From this machine, as each worker does for itself: where a worker cannot connect to, this does
    not. Nothing is stored. The exit status is 1 when they cannot be had.
    """
    found = session.registry.issuers.keys(tenant, issuer)
    if form != "table":
        show_record(found, form)
        return
    show(fact_sheet(dict(_facts(found))), "")
    show_rows(found.keys, _COLUMNS, form, empty="no keys: every token of this issuer is refused")


def _facts(found: "IssuerKeys") -> Iterator[tuple[str, object]]:
    yield "address", found.address or "none: its keys are given"
    if found.address is None:
        return
    said = "none is said" if found.max_age_s is None else format_duration(found.max_age_s)
    yield "max-age", f"{said}; a worker keeps them for {format_duration(found.fresh_for_s or 0)}"
    if found.unread:
        yield "left out", f"{found.unread} keys behind the first {len(found.keys)}"
