"""Who calls: the frozen values that the stack hands to the app, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Literal, cast

Kind = Literal["user", "client", "anonymous"]


def _no_claims() -> Mapping[str, object]:
    return MappingProxyType({})


def freeze(value: object) -> object:
    """Return a deeply immutable copy of a JSON value: read-only mappings, tuples, scalars."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: freeze(member) for key, member in value.items()})
    if isinstance(value, list | tuple):
        return tuple(freeze(member) for member in value)
    return value


@dataclass(frozen=True, slots=True)
class Tenant:
    """One customer of the platform, as the app may see it. ``id`` never changes, ``slug`` may."""

    id: str
    slug: str
    name: str
    issuer: str
    tier: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        # All requests of a tenant share this value.
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """Who calls, as proven by a verified token; times are aware UTC datetimes.

    ``tenant`` is the slug. ``roles`` and ``permissions`` include inherited ones. ``kind`` is
    ``anonymous`` where no token was looked at. ``repr`` shows no claim values and no token.
    """

    tenant: str
    subject: str | None = None
    kind: Kind = "anonymous"
    client_id: str | None = None
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    attributes: Mapping[str, object] = field(default_factory=_no_claims, hash=False)
    claims: Mapping[str, object] = field(default_factory=_no_claims, hash=False)
    issuer: str | None = None
    token_id: str | None = None
    session_id: str | None = None
    auth_time: datetime | None = None
    acr: str | None = None
    amr: tuple[str, ...] = ()
    issued_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def is_authenticated(self) -> bool:
        """Tell whether a valid token was presented."""
        return self.kind != "anonymous"

    def has_role(self, role: str) -> bool:
        """Tell whether the caller holds the role, itself or by inheritance."""
        return role in self.roles

    def has_scope(self, scope: str) -> bool:
        """Tell whether the token carries the scope."""
        return scope in self.scopes

    def has_permission(self, permission: str) -> bool:
        """Tell whether one of the caller's roles permits this."""
        return permission in self.permissions

    def __repr__(self) -> str:
        return f"<Identity {self.kind} of {self.tenant!r}>"


def with_attributes(identity: Identity, attributes: Mapping[str, object]) -> Identity:
    """Return an identity that has these attributes too, frozen."""
    if not attributes:
        return identity
    joined = cast(Mapping[str, object], freeze({**identity.attributes, **attributes}))
    return replace(identity, attributes=joined)


@dataclass(frozen=True, slots=True)
class Grant:
    """What the stack hands to the app: the tenant and who calls."""

    tenant: Tenant
    identity: Identity
