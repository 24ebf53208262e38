"""The demo's tenants, made where they are missing."""

from tenants.demo.cast import TENANTS, DemoTenant
from tenants.demo.place import Place
from tenants.lifetimes import Lifetimes
from tenants.registry import Registry

# Long enough to read everything on the page, and to come back to the terminal.
TOKEN_TTL_S = 3600


def seed(registry: Registry, place: Place) -> None:
    """Make the tenants that are not there, and resume those that somebody suspended.

    Raises:
        RegistryError: when the database or the master key cannot be used.
    """
    known = {record.slug for record in registry.tenants.list()}
    for tenant in TENANTS:
        if tenant.slug in known:
            registry.tenants.resume(tenant.slug)
        else:
            _create(registry, tenant, place)


def _create(registry: Registry, tenant: DemoTenant, place: Place) -> None:
    registry.tenants.create(
        tenant.slug,
        name=tenant.name,
        origins=[place.page(tenant.slug)],
        limits=[tenant.limit],
        roles=tenant.roles,
        algorithm=tenant.algorithm,
        lifetimes=Lifetimes(access_ttl_s=TOKEN_TTL_S),
    )
