"""The tokens of the demo's users: signed by the registry, as a sign-in would."""

import os
from dataclasses import dataclass, field

from tenantauth.ports import Clock
from tenants.demo.cast import DemoTenant, Person, other_than
from tenants.demo.place import Place
from tenants.demo.seed import TOKEN_TTL_S
from tenants.registry import Registry


@dataclass(frozen=True, slots=True)
class _Behind:
    """A clock that is late."""

    clock: Clock
    by_s: float

    def now(self) -> float:
        return self.clock.now() - self.by_s

    def monotonic(self) -> float:
        return self.clock.monotonic() - self.by_s


@dataclass(frozen=True, slots=True)
class Wallet:
    """What a user's page may hold up: a good token, one that has ended, one of the other tenant."""

    valid: str = field(repr=False)
    expired: str = field(repr=False)
    foreign: str = field(repr=False)


def issue(registry: Registry, tenant: DemoTenant, person: Person) -> str:
    """Return a token of a user.

    Raises:
        RegistryError: when it cannot be signed, for the tenant is suspended, say.
    """
    issued = registry.tokens.issue(
        tenant.slug, person.subject, roles=person.roles, ttl_s=TOKEN_TTL_S
    )
    return issued.token


def fill_wallet(registry: Registry, tenant: DemoTenant, person: Person) -> Wallet:
    """Return a user's tokens.

    Raises:
        RegistryError: as `issue`.
    """
    other = other_than(tenant)
    yesterday = Registry(
        engine=registry.engine, settings=registry.settings, clock=_Behind(registry.clock, 86400)
    )
    return Wallet(
        valid=issue(registry, tenant, person),
        expired=issue(yesterday, tenant, person),
        foreign=issue(registry, other, other.people[0]),
    )


def write_header_file(place: Place, person: Person, token: str) -> None:
    """Write a user's header where curl reads it: a token in its arguments is for all to see.

    Raises:
        OSError: when the file cannot be written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with open(os.open(place.header_file(person.subject), flags, 0o600), "w") as file:  # noqa: PTH123  # only this opens a handle with a mode
        file.write(f"Authorization: Bearer {token}\n")
