"""A real registry for each test: a migrated SQLite file, a master key, a manual clock."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenantauth.settings import Settings
from tenantauth.testing import ManualClock
from tenants import db, migrations
from tenants.registry import Registry
from tenants.vault import MasterKeys


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "tenantauth.db"
    engine = db.make_engine(f"sqlite:///{path}", create=True)
    migrations.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def settings(migrated_file: Path, tmp_path: Path) -> Settings:
    shutil.copy(migrated_file, tmp_path / "tenantauth.db")
    MasterKeys.create_file(tmp_path / "tenantauth.key")
    return Settings(
        database_url=f"sqlite:///{tmp_path}/tenantauth.db",
        master_key_file=str(tmp_path / "tenantauth.key"),
    )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def registry(settings: Settings, clock: ManualClock) -> Iterator[Registry]:
    registry = Registry(settings=settings, clock=clock, actor="test")
    yield registry
    registry.dispose()
