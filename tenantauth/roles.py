"""A tenant's roles: permissions and inheritance, resolved once when a policy is compiled."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tenantauth.names import Names, each_name


@dataclass(frozen=True, slots=True)
class RoleDefinition:
    """A role as an operator writes it."""

    name: str
    inherits: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Role:
    """A role with everything it inherits: the names it stands for, itself too, and permissions."""

    stands_for: frozenset[str]
    permissions: frozenset[str]


class RoleBook:
    """All roles of a tenant, expanded.

    Raises:
        ValueError: when two share a name, or one inherits itself or what does not exist.
    """

    __slots__ = ("_roles",)

    def __init__(self, definitions: Iterable[RoleDefinition] = ()) -> None:
        by_name: dict[str, RoleDefinition] = {}
        for definition in definitions:
            if definition.name in by_name:
                raise ValueError(f"two roles share the name {definition.name!r}")
            by_name[definition.name] = definition
        self._roles: Mapping[str, Role] = MappingProxyType(
            {name: _expand(name, by_name) for name in by_name}
        )

    def effective_roles(self, names: Names) -> frozenset[str]:
        """Return the names with all inherited ones; unknown names stand for themselves."""
        held = _set_of(names)
        return held.union(*(self._roles[name].stands_for for name in held & self._roles.keys()))

    def permissions(self, names: Names) -> frozenset[str]:
        """Return what these roles permit; an unknown role permits nothing."""
        known = _set_of(names) & self._roles.keys()
        return frozenset().union(*(self._roles[name].permissions for name in known))


def _set_of(names: Names) -> frozenset[str]:
    # Requests hold a set already, which need not be brought into an order.
    return names if isinstance(names, frozenset) else frozenset(each_name(names))


def _expand(name: str, by_name: Mapping[str, RoleDefinition]) -> Role:
    stands_for: set[str] = set()
    permissions: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current not in by_name:
            raise ValueError(f"role {name!r} inherits {current!r}, which does not exist")
        if current in stands_for:
            continue
        stands_for.add(current)
        permissions |= by_name[current].permissions
        if name in by_name[current].inherits:
            raise ValueError(f"role {name!r} inherits itself")
        waiting.extend(by_name[current].inherits)
    return Role(frozenset(stands_for), frozenset(permissions))
