"""``issuer``: whose tokens a tenant takes beside its own."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import click

from tenantauth.trusted_issuer import prefix_of
from tenants.cli.boundary import Refused
from tenants.cli.changes import bound_of, make_change
from tenants.cli.complete import issuers, tenant_argument
from tenants.cli.confirm import confirm, yes_option
from tenants.cli.issuer_keys import keys
from tenants.cli.output import Columns, Form, show_rows
from tenants.cli.session import Session, pass_session, quiet_option
from tenants.cli.values import format_option, given, read_pairs
from tenants.values import IssuerSpec

_MOST_BYTES = 1_000_000

COLUMNS: Columns[IssuerSpec] = {
    "issuer": lambda each: each.issuer,
    "keys": lambda each: each.jwks_uri or _count(each.jwks),
    "audience": lambda each: each.audience,
    "algorithms": lambda each: each.algorithms,
    "typ": lambda each: each.typ,
    "match": lambda each: [f"{name}={json.dumps(value)}" for name, value in each.match.items()],
    "subjects": lambda each: (
        f"{prefix_of(each.issuer, each.subject_prefix)}{{{each.subject_claim}}}"
    ),
    "roles": lambda each: [f"{theirs}={ours}" for theirs, ours in each.role_map.items()],
}


@click.group()
def issuer() -> None:
    """Trust issuers outside: a tenant takes their tokens beside its own."""


@issuer.command(
    epilog="Example: issuer add acme https://login.partner.test"
    " --jwks-uri https://login.partner.test/jwks --audience https://api.acme.test"
)
@tenant_argument()
@click.argument("issuer")
@click.option("--jwks-uri", metavar="URL", help="Where its keys are.")
@click.option("--jwks-file", metavar="FILE", type=click.Path(allow_dash=True), help="Its keys.")
@click.option("--audience", multiple=True, help="An aud that its tokens may have.")
@click.option("--algorithm", "algorithms", multiple=True, help="As RS256, which is usual.")
@click.option("--typ", multiple=True, help="at+jwt, or JWT for those who send that.")
@click.option("--match", multiple=True, metavar="CLAIM=VALUE", help="What a claim must say.")
@click.option("--subject-claim", metavar="CLAIM", help="What names the caller; sub without it.")
@click.option("--subject-prefix", metavar="TEXT", help="What our apps see before that.")
@click.option("--roles-claim", metavar="CLAIM", help="Where its roles are, as realm_access.roles.")
@click.option(
    "--role-map", multiple=True, metavar="THEIRS=OURS", help="Which role stands for ours."
)
@click.option("--requires-any-role", multiple=True, metavar="ROLE", help="Ours; one must be held.")
@click.option("--replace", "replacing", is_flag=True, help="In place of what is said of it so far.")
@quiet_option
@pass_session
def add(session: Session, /, tenant: str, *, replacing: bool, **options: Any) -> None:  # noqa: ANN401  # Click's
    """Trust an issuer.

    --audience, --algorithm, --typ, --match and --role-map may be repeated. A VALUE that is JSON
    (true, 7) is meant as such, a text needs no quotes.
    """
    problems: list[str] = []
    match = read_pairs("--match", options.pop("match"), problems)
    role_map = read_pairs("--role-map", options.pop("role_map"), problems)
    file = options.pop("jwks_file")
    jwks = None if file is None else _read_jwks(file, problems)
    problems += _unsaid(**options, jwks_file=file, role_map=role_map)
    if problems:
        raise Refused(*problems)
    values = {claim: _value(text) for claim, text in match.items()}
    wanted = IssuerSpec(**given(options), jwks=jwks, match=values, role_map=role_map)
    service = session.registry.issuers
    make_change(session, tenant, lambda: service.add(tenant, wanted, replacing=replacing))


@issuer.command(epilog="Example: issuer remove acme https://login.partner.test --yes")
@tenant_argument()
@click.argument("issuer", shell_complete=issuers)
@yes_option
@quiet_option
@pass_session
def remove(session: Session, tenant: str, issuer: str, *, yes: bool) -> None:
    """Trust an issuer no more; asks first, as its tokens that live are refused."""
    service = session.registry.issuers
    service.get(tenant, issuer)
    bound = bound_of(session)
    confirm(f"every token of {issuer} will be refused at tenant {tenant} within {bound}", yes=yes)
    make_change(session, tenant, lambda: service.remove(tenant, issuer))


@issuer.command("list", epilog="Example: issuer list acme")
@tenant_argument()
@format_option
@pass_session
def list_issuers(session: Session, tenant: str, form: Form) -> None:
    """List the issuers that a tenant trusts beside itself."""
    show_rows(session.registry.issuers.list(tenant), COLUMNS, form, empty="only its own tokens")


issuer.add_command(keys)


def _unsaid(**options: object) -> Iterator[str]:
    """Yield what is missing, or too much, in the words of the options."""
    if options["jwks_uri"] is options["jwks_file"] is None:
        yield "say where its keys are: --jwks-uri URL, or --jwks-file FILE"
    if None not in (options["jwks_uri"], options["jwks_file"]):
        yield "--jwks-uri and --jwks-file are two ways of giving its keys: give one"
    if not options["audience"]:
        yield "--audience is missing: without one, tokens for anybody would pass"
    if (options["roles_claim"] is None) != (not options["role_map"]):
        yield "--roles-claim and --role-map are given together or not at all"


def _read_jwks(name: str, problems: list[str]) -> Mapping[str, Any]:
    try:
        with click.open_file(name, "rb") as file:
            content = file.read(_MOST_BYTES + 1)
        document = json.loads(content) if len(content) <= _MOST_BYTES else None
    except OSError as error:
        problems.append(f"--jwks-file: {name} cannot be read: {error.strerror}")
        return {}
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        problems.append(f"--jwks-file: {name} is not a JSON Web Key Set")
        return {}
    return document


def _value(text: str) -> object:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, bool | int | str) else text


def _count(jwks: Mapping[str, Any] | None) -> str:
    keys = (jwks or {}).get("keys")
    return f"{len(keys) if isinstance(keys, list) else 0} inline"
