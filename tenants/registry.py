"""The registry: wires settings, database, vault and services, and opens each at first use only."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tenantauth.errors import RegistryUnavailableError
from tenantauth.per_process import PerProcess
from tenantauth.ports import Clock, SystemClock, VersionedSource
from tenantauth.settings import Settings
from tenants import db
from tenants.errors import DatabaseError, RegistryError
from tenants.vault import MasterKeys, Vault

if TYPE_CHECKING:
    from tenants.services.audit import AuditService
    from tenants.services.keys import KeyService
    from tenants.services.tenants import TenantService
    from tenants.services.tokens import TokenService


class Registry:
    """Everything about tenants that is stored, behind one service for each noun.

    Safe to share between threads. Nothing is opened before the first use, and everything opened
    is dropped in a forked child. ``actor`` is who audit events say did it.

    Raises:
        ValueError: when ``engine`` is an SQLite engine that `tenants.db.make_engine` did not make.
    """

    def __init__(
        self,
        *,
        engine: Engine | None = None,
        settings: Settings | None = None,
        clock: Clock | None = None,
        actor: str | None = None,
    ) -> None:
        if engine is not None and not db.is_prepared(engine):
            raise ValueError("make an engine for SQLite with tenants.db.make_engine")
        self.settings = settings or Settings()
        self.clock: Clock = clock or SystemClock()
        self.actor = actor or "api"
        self._engine = PerProcess(lambda: engine or db.make_engine(self.settings.database_url))
        self._vault = PerProcess(lambda: Vault(MasterKeys.load(self.settings)))

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
        """Create, show, suspend and resume tenants."""
        from tenants.services.tenants import TenantService

        return TenantService(self)

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

    def begin(self, *, write: bool = False) -> AbstractContextManager[Session]:
        """Open one transaction, as `tenants.db.begin`.

        Raises:
            RegistryError: whatever the database refuses, in one line.
        """
        return db.begin(self.engine, write=write)

    @property
    def engine(self) -> Engine:
        """The engine, made at first use."""
        return self._engine.get()

    @property
    def vault(self) -> Vault:
        """What seals and opens private keys; the master key is read at first use.

        Raises:
            MasterKeyError: when the master key is missing or unreadable.
        """
        return self._vault.get()

    def now(self) -> datetime:
        """Return the clock's time as an aware UTC datetime."""
        return datetime.fromtimestamp(self.clock.now(), UTC)

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

    def dispose(self) -> None:
        """Close all connections and forget the master key; a later use opens them again."""
        self._vault.take()
        if engine := self._engine.take():
            engine.dispose()

    def __repr__(self) -> str:
        return f"<Registry actor={self.actor!r}>"
