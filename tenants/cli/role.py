"""``role``: what callers of a tenant may do."""

import click

from tenants.cli import complete
from tenants.cli.boundary import Refused
from tenants.cli.changes import make_change
from tenants.cli.complete import tenant_argument
from tenants.cli.output import Columns, Form, show_rows
from tenants.cli.session import Session, pass_session, quiet_option
from tenants.cli.values import format_option, read_role
from tenants.values import RoleSpec

COLUMNS: Columns[RoleSpec] = {
    "name": lambda role: role.name,
    "inherits": lambda role: role.inherits,
    "permissions": lambda role: role.permissions,
}


@click.group()
def role() -> None:
    """Say what callers of a tenant may do."""


@role.command("set", epilog="Example: role set acme analyst=reports:write --inherits viewer")
@tenant_argument()
@click.argument("declared", metavar="NAME[=PERM,…]")
@click.option("--permission", "permissions", multiple=True, help="One more; may be repeated.")
@click.option("--inherits", multiple=True, metavar="ROLE", help="A role that it stands for, too.")
@quiet_option
@pass_session
def set_role(
    session: Session,
    tenant: str,
    declared: str,
    permissions: tuple[str, ...],
    inherits: tuple[str, ...],
) -> None:
    """Give a tenant a role, or replace the whole of one."""
    try:
        definition = read_role(declared)
    except ValueError as error:
        raise Refused(str(error)) from None
    everything = definition.permissions.union(permissions)
    wanted = RoleSpec(definition.name, tuple(sorted({*inherits})), tuple(sorted(everything)))
    make_change(session, tenant, lambda: session.registry.roles.set(tenant, wanted))


@role.command(epilog="Example: role remove acme analyst")
@tenant_argument()
@click.argument("name", shell_complete=complete.roles)
@quiet_option
@pass_session
def remove(session: Session, tenant: str, name: str) -> None:
    """Take a role from a tenant; refused while another inherits it."""
    make_change(session, tenant, lambda: session.registry.roles.remove(tenant, name))


@role.command("list", epilog="Example: role list acme")
@tenant_argument()
@format_option
@pass_session
def list_roles(session: Session, tenant: str, form: Form) -> None:
    """List a tenant's roles."""
    show_rows(session.registry.roles.list(tenant), COLUMNS, form, empty="no roles")
