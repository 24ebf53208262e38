"""A real registry in a folder, for tests outside the registry's own."""

from pathlib import Path

from tenantauth.outbound.networks import NamedNetwork
from tenantauth.ports import Clock
from tenantauth.settings import Settings
from tenants import db, migrations
from tenants.master_keys import MasterKeys
from tenants.registry import Registry


def new_registry(
    folder: Path, clock: Clock | None = None, *, issuer_networks: tuple[NamedNetwork, ...] = ()
) -> Registry:
    """Make a migrated database and a master key, and return their registry."""
    settings = Settings(
        issuer_networks=issuer_networks,
        database_url=f"sqlite:///{folder}/tenantauth.db",
        master_key_file=str(folder / "tenantauth.key"),
    )
    engine = db.make_engine(settings.database_url, create=True)
    migrations.upgrade(engine)
    engine.dispose()
    MasterKeys.create_file(Path(settings.master_key_file))
    return Registry(settings=settings, clock=clock, actor="test")
