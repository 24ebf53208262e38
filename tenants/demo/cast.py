"""Who plays in the demo: two tenants that differ in all that one can set, and their users."""

from dataclasses import dataclass

from tenantauth.limit import Limit
from tenantauth.roles import RoleDefinition
from tenantauth.units import Rate


@dataclass(frozen=True, slots=True)
class Person:
    """A user of one tenant; ``subject`` is what the ``sub`` of the user's tokens says."""

    subject: str
    name: str
    roles: tuple[str, ...]
    may: str


@dataclass(frozen=True, slots=True)
class DemoTenant:
    """One tenant, as `tenants.demo.seed` makes it; ``quota`` puts its limit in words."""

    slug: str
    name: str
    algorithm: str
    limit: Limit
    quota: str
    roles: tuple[RoleDefinition, ...]
    people: tuple[Person, ...]

    def person(self, subject: object) -> Person | None:
        """Return the user of this subject, or ``None``."""
        return next((person for person in self.people if person.subject == subject), None)


def _role(name: str, *permissions: str, inherits: tuple[str, ...] = ()) -> RoleDefinition:
    return RoleDefinition(name, frozenset(inherits), frozenset(permissions))


ACME = DemoTenant(
    slug="acme",
    name="Acme Corp",
    algorithm="ES256",
    limit=Limit("user", Rate(10, 30), by="subject"),
    quota="10 calls in 30 s for each user",
    roles=(
        _role("viewer", "reports:read"),
        _role("analyst", "forecast:read", inherits=("viewer",)),
    ),
    people=(
        Person("ada", "Ada", ("analyst",), "may read reports and the forecast"),
        Person("bob", "Bob", ("viewer",), "may read reports only"),
    ),
)

GLOBEX = DemoTenant(
    slug="globex",
    name="Globex",
    algorithm="EdDSA",
    limit=Limit("team", Rate(8, 20), by="tenant"),
    quota="8 calls in 20 s, shared by all users",
    roles=(
        _role("clerk", "reports:read"),
        _role("analyst", "reports:read", "forecast:read"),
    ),
    people=(
        Person("grace", "Grace", ("analyst", "clerk"), "may read reports and the forecast"),
        Person("hugo", "Hugo", ("clerk",), "may read reports only"),
    ),
)

TENANTS = (ACME, GLOBEX)


def other_than(tenant: DemoTenant) -> DemoTenant:
    """Return the other of the two."""
    return GLOBEX if tenant is ACME else ACME
