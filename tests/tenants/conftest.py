"""A real registry for each test: a migrated database, a master key, a manual clock.

Tests run on SQLite and on PostgreSQL; `tests.servers.databases.on` keeps one to a single database.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenantauth.settings import Settings
from tenantauth.testing import ManualClock
from tenants import db, migrations
from tenants.master_keys import MasterKeys
from tenants.registry import Registry
from tests.servers.databases import DATABASES


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "tenantauth.db"
    engine = db.make_engine(f"sqlite:///{path}", create=True)
    migrations.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, migrated_file: Path, tmp_path: Path) -> str:
    """Make a migrated database of each kind."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_url"))
    shutil.copy(migrated_file, tmp_path / "tenantauth.db")
    return f"sqlite:///{tmp_path}/tenantauth.db"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    MasterKeys.create_file(tmp_path / "tenantauth.key")
    return Settings(database_url=database_url, master_key_file=str(tmp_path / "tenantauth.key"))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def registry(settings: Settings, clock: ManualClock) -> Iterator[Registry]:
    registry = Registry(settings=settings, clock=clock, actor="test")
    yield registry
    registry.dispose()
