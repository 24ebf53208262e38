"""Did you mean: the tenant whose slug is nearest to one that nobody has."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click

from tenantauth.names import nearest
from tenants.cli.session import Session
from tenants.errors import NotFoundError, RegistryError, TenantNotFoundError


@contextmanager
def naming_near_tenants(context: click.Context) -> Iterator[None]:
    """Add the nearest slug to what is said of a tenant that does not exist."""
    try:
        yield
    except TenantNotFoundError as error:
        near = _near(context.find_object(Session), error.slug)
        if near is None:
            raise
        raise NotFoundError(f"{error.message}; did you mean {near!r}?") from None


def _near(session: Session | None, slug: str) -> str | None:
    if session is None:
        return None
    # Compared by letters in common, which takes a while for all slugs of a large platform.
    with suppress(RegistryError):
        slugs = session.registry.tenants.slugs()
        return nearest(slug, slugs)
    return None
