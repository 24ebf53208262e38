"""The registry: wires settings, database, vault and services, and opens each at first use only."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from tenantauth.errors import RegistryUnavailableError
from tenantauth.ports import VersionedSource
from tenantauth.settings import Settings
from tenants.core import Core
from tenants.errors import DatabaseError, RegistryError

if TYPE_CHECKING:
    from tenants.services.audit import AuditService
    from tenants.services.issuers import IssuerService
    from tenants.services.keys import KeyService
    from tenants.services.limits import LimitService
    from tenants.services.origins import OriginService
    from tenants.services.roles import RoleService
    from tenants.services.tenants import TenantService
    from tenants.services.tenants_file import TenantsFileService
    from tenants.services.tiers import TierService
    from tenants.services.tokens import TokenService


class Registry(Core):
    """Everything about tenants that is stored, behind one service for each noun.

    Safe to share between threads. Nothing is opened before the first use, and everything opened
    is dropped in a forked child. ``actor`` is who audit events say did it.
    """

    @classmethod
    def from_environ(cls, config: Mapping[str, object] | None = None) -> "Registry":
        """Return the registry that the environment names; an app's ``config`` wins over it.

        Raises:
            SettingsError: naming all bad values at once.
        """
        return cls(settings=Settings.from_environ(config))

    @classmethod
    def from_settings(cls, settings: Settings, *, actor: str | None = None) -> "Registry":
        """Return the registry that these settings name."""
        return cls(settings=settings, actor=actor)

    @cached_property
    def tenants(self) -> "TenantService":
        """Create, show, change, suspend and delete tenants."""
        from tenants.services.tenants import TenantService

        return TenantService(self)

    @cached_property
    def tiers(self) -> "TierService":
        """Make, change and remove the sets of limits that tenants subscribe to."""
        from tenants.services.tiers import TierService

        return TierService(self)

    @cached_property
    def origins(self) -> "OriginService":
        """Say which pages may call a tenant."""
        from tenants.services.origins import OriginService

        return OriginService(self)

    @cached_property
    def limits(self) -> "LimitService":
        """Set the rate limits of a tenant."""
        from tenants.services.limits import LimitService

        return LimitService(self)

    @cached_property
    def roles(self) -> "RoleService":
        """Say what callers of a tenant may do."""
        from tenants.services.roles import RoleService

        return RoleService(self)

    @cached_property
    def issuers(self) -> "IssuerService":
        """Trust issuers outside."""
        from tenants.services.issuers import IssuerService

        return IssuerService(self)

    @cached_property
    def tenants_file(self) -> "TenantsFileService":
        """Plan, apply and write tenants files."""
        from tenants.services.tenants_file import TenantsFileService

        return TenantsFileService(self)

    @cached_property
    def keys(self) -> "KeyService":
        """Show, rotate and revoke signing keys."""
        from tenants.services.keys import KeyService

        return KeyService(self)

    @cached_property
    def tokens(self) -> "TokenService":
        """Issue and inspect access tokens."""
        from tenants.services.tokens import TokenService

        return TokenService(self)

    @cached_property
    def audit(self) -> "AuditService":
        """Show who did what."""
        from tenants.services.audit import AuditService

        return AuditService(self)

    def source(self) -> VersionedSource:
        """Return where policies come from; wrap it in `tenantauth.caching.CachedPolicySource`."""
        from tenants.source import SqlPolicySource

        return SqlPolicySource(self)

    def ready(self) -> str | None:
        """Return why policies cannot be served or keys cannot be opened, or ``None``.

        Raises:
            RegistryUnavailableError: when the database cannot be reached.
        """
        from tenants.readiness import check_ready

        try:
            check_ready(self)
        except DatabaseError as error:
            raise RegistryUnavailableError(error.message) from error
        except RegistryError as error:
            return error.message
        return None

    def __repr__(self) -> str:
        return f"<Registry actor={self.actor!r}>"
