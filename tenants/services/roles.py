"""Roles: what the callers of a tenant may do, by the names that their tokens carry."""

from dataclasses import replace

from tenantauth.roles import RoleDefinition
from tenants.core import Core
from tenants.errors import ConflictError, NotFoundError
from tenants.spec import TenantSpec
from tenants.tenant_changes import TenantChanges
from tenants.values import IssuerSpec, RoleSpec, TenantRecord


class RoleService:
    """Sets, removes and lists the roles of a tenant."""

    def __init__(self, core: Core) -> None:
        self._changes = TenantChanges(core)

    def set(self, slug: str, role: RoleDefinition | RoleSpec) -> TenantRecord:
        """Give a tenant a role, or replace the one of this name.

        Raises:
            NotFoundError: when there is no such tenant.
            InvalidError: naming every value that cannot work, such as a circle of roles.
        """
        wanted = RoleSpec.of(role) if isinstance(role, RoleDefinition) else role

        def change(spec: TenantSpec) -> TenantSpec:
            others = (each for each in spec.roles if each.name != wanted.name)
            return replace(spec, roles=(*others, wanted)).sorted()

        return self._changes.make(slug, "role.set", change)

    def remove(self, slug: str, name: str) -> TenantRecord:
        """Take a role from a tenant: who has it is permitted nothing by it.

        Raises:
            NotFoundError: when there is no such tenant, or it has no such role.
            ConflictError: naming the roles that inherit it, or the issuers whose callers have it.
        """

        def change(spec: TenantSpec) -> TenantSpec:
            left = tuple(each for each in spec.roles if each.name != name)
            if left == spec.roles:
                raise NotFoundError(f"tenant {slug!r} has no role {name[:80]!r}")
            heirs = [each.name for each in left if name in each.inherits]
            if heirs:
                raise ConflictError(f"role {name!r} is inherited by: {', '.join(heirs)}")
            used = [each.issuer for each in spec.trusted_issuers if name in _roles_of(each)]
            if used:
                raise ConflictError(
                    f"role {name!r} is what callers have or need of: {', '.join(used)}"
                )
            return replace(spec, roles=left)

        return self._changes.make(slug, "role.remove", change)

    def list(self, slug: str) -> tuple[RoleSpec, ...]:
        """Return a tenant's roles by name.

        Raises:
            NotFoundError: when there is no such tenant.
        """
        return self._changes.read(slug).roles


def _roles_of(issuer: IssuerSpec) -> set[str]:
    return {*issuer.role_map.values(), *issuer.requires_any_role}
