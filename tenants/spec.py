"""What an operator wants a tenant to be: one value for commands, services and the tenants file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from tenantauth.names import Names, each_name
from tenantauth.policy import DEFAULT_GUARD
from tenantauth.settings import Settings
from tenantauth.units import Rate
from tenants.addresses import default_issuer, read_host
from tenants.keys import DEFAULT_ALGORITHM
from tenants.lifetimes import Lifetimes
from tenants.parts import read_cors, read_limit, read_role
from tenants.values import CorsSpec, IssuerSpec, LimitSpec, RoleSpec, TenantRecord

RESERVED_SLUGS = frozenset({"www", "api", "app", "admin", "t"})

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class TenantSpec:
    """A tenant as it is wanted. Without an own issuer or audience it gets its address as both.

    No limits and no CORS are what it says: none. Texts are as an operator writes them;
    `canonical` brings them into their one stored spelling, `tenants.spec_check` looks at them.
    """

    slug: str
    name: str
    status: Literal["active", "suspended"] = "active"
    tier: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    guard: str = str(DEFAULT_GUARD)
    hosts: tuple[str, ...] = ()
    issuer: str = ""
    audience: tuple[str, ...] = ()
    algorithm: str = DEFAULT_ALGORITHM
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    cors: tuple[CorsSpec, ...] = ()
    limits: tuple[LimitSpec, ...] = ()
    roles: tuple[RoleSpec, ...] = ()
    trusted_issuers: tuple[IssuerSpec, ...] = ()

    def canonical(self, settings: Settings) -> "TenantSpec":
        """Return the same in its stored spelling; a part that cannot be read stays as it is."""
        return self.spelled(settings).sorted()

    def spelled(self, settings: Settings) -> "TenantSpec":
        """Return the canonical form with every part at its own place still."""
        hosts = tuple(_spell(read_host, host) for host in self.hosts)
        issuer = self.issuer or default_issuer(self.slug, hosts, settings)
        return replace(
            self,
            hosts=hosts,
            issuer=issuer,
            audience=self.audience or (issuer,),
            guard=_spell(lambda text: str(Rate.parse(text)), self.guard),
            cors=tuple(_spell(_spell_cors, rule) for rule in self.cors),
            limits=tuple(map(spell_limit, self.limits)),
            roles=tuple(map(_spell_role, self.roles)),
        )

    def sorted(self) -> "TenantSpec":
        """Return the same with the parts whose order says nothing by name.

        In Python's order: that of a database depends on its collation.
        """
        return replace(
            self,
            cors=tuple(sorted(self.cors, key=lambda rule: rule.path)),
            roles=tuple(sorted(self.roles, key=lambda role: role.name)),
            trusted_issuers=tuple(sorted(self.trusted_issuers, key=lambda each: each.issuer)),
        )


def to_spec(record: TenantRecord) -> TenantSpec:
    """Return what a tenant is as what is wanted of it; a deleted one's status is not known."""
    return TenantSpec(
        slug=record.slug,
        name=record.name,
        status="suspended" if record.status == "suspended" else "active",
        tier=record.tier,
        metadata=record.metadata,
        guard=record.guard,
        hosts=record.hosts,
        issuer=record.issuer,
        audience=record.audience,
        algorithm=record.algorithm,
        lifetimes=Lifetimes(
            access_ttl_s=record.access_ttl_s,
            max_ttl_s=record.max_ttl_s,
            leeway_s=record.leeway_s,
            rotate_every_s=record.rotate_every_s,
            publish_ahead_s=record.publish_ahead_s,
        ),
        cors=record.cors,
        limits=record.limits,
        roles=record.roles,
        trusted_issuers=record.trusted_issuers,
    )


def rules_of_origins(origins: Names, *, credentials: bool) -> tuple[CorsSpec, ...]:
    """Return the rule for ``/`` that lets these origins do what pages usually do, if any."""
    found = each_name(origins)
    return (CorsSpec(origins=found, credentials=credentials),) if found else ()


def spell_limit(spec: LimitSpec) -> LimitSpec:
    """Return a limit in its stored spelling; one that cannot be read stays as it is."""
    return _spell(_spell_limit, spec)


def _spell(read: Callable[[Part], Part], part: Part) -> Part:
    try:
        return read(part)
    except ValueError:
        return part


def _spell_cors(spec: CorsSpec) -> CorsSpec:
    return replace(spec, path=read_cors(spec).path)


def _spell_limit(spec: LimitSpec) -> LimitSpec:
    written = LimitSpec.of(read_limit(spec))
    # The tenants file has no word for it: a burst is what makes the difference.
    return replace(written, strategy="sliding" if written.burst is None else "gcra")


def _spell_role(spec: RoleSpec) -> RoleSpec:
    return RoleSpec.of(read_role(spec))
