"""What a shell offers at the Tab key: names out of the registry, and never an error."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tenants.cli.session import Session

if TYPE_CHECKING:
    from tenants.registry import Registry

Command = TypeVar("Command", bound=Callable[..., Any])

_MOST = 1_000


def tenant_argument(name: str = "tenant", **options: Any) -> Callable[[Command], Command]:  # noqa: ANN401  # Click's own
    """Give a command the slug of a tenant as an argument."""
    return click.argument(name, shell_complete=tenants, **options)


def tenants(context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Return slugs that begin so."""
    deleted = context.info_name == "restore"

    def read(registry: "Registry") -> Iterable[str]:
        wanted = registry.tenants.each(text=begun or None, status="deleted" if deleted else None)
        return (record.slug for record in wanted)

    return _offer(read, begun)


def tiers(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Return names of tiers that begin so."""
    return _offer(lambda registry: (tier.name for tier in registry.tiers.list()), begun)


def limits(context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Return names of the tenant's own limits that begin so."""
    return _offer(
        lambda registry: (
            held.limit.name for held in registry.limits.list(_tenant(context)) if held.tier is None
        ),
        begun,
    )


def roles(context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Return names of the tenant's roles that begin so."""
    return _offer(
        lambda registry: (role.name for role in registry.roles.list(_tenant(context))), begun
    )


def issuers(context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Return names of the issuers that the tenant trusts, which begin so."""
    return _offer(
        lambda registry: (each.issuer for each in registry.issuers.list(_tenant(context))), begun
    )


def _tenant(context: click.Context) -> str:
    return str(context.params.get("tenant"))


def _offer(read: "Callable[[Registry], Iterable[str]]", begun: str) -> list[str]:
    session = Session()
    session.warns = False
    # A shell that shows a traceback, or waits, in the middle of a line is worse than no offer.
    with suppress(Exception):
        names = (name for name in read(session.registry) if name.startswith(begun))
        return [*islice(names, _MOST)]
    return []
