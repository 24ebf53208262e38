"""What every service works with: settings, clock, actor, database and vault, opened when used."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tenantauth.per_process import PerProcess
from tenantauth.ports import Clock, SystemClock
from tenantauth.settings import Settings
from tenants import db
from tenants.master_keys import MasterKeys
from tenants.vault import Vault


class Core:
    """The parts below all services; safe to share between threads.

    Nothing is opened before the first use, and everything opened is dropped in a forked child.
    ``actor`` is who audit events say did it.

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

    def dispose(self) -> None:
        """Close all connections and forget the master key; a later use opens them again."""
        self._vault.take()
        if engine := self._engine.take():
            engine.dispose()
