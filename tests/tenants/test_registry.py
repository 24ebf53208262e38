"""The wiring: lazy, shared between threads, dropped after a fork."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tenantauth.errors import SettingsError
from tenantauth.settings import Settings
from tenants import db
from tenants.errors import MasterKeyError, SchemaError
from tenants.registry import Registry


def test_nothing_is_opened_before_the_first_use(tmp_path: Path) -> None:
    nowhere = Settings(database_url=f"sqlite:///{tmp_path}/no/x.db", master_key_file="no/x.key")
    registry = Registry.from_settings(nowhere)
    registry.source()
    with pytest.raises(SchemaError):
        registry.tenants.list()


def test_the_environment_names_a_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENANTAUTH_STALENESS", "5s")
    assert Registry.from_environ().settings.staleness_s == 5
    assert Registry.from_environ({"TENANTAUTH_STALENESS": "7s"}).settings.staleness_s == 7


def test_bad_settings_are_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENANTAUTH_STALENESS", "soon")
    with pytest.raises(SettingsError, match="TENANTAUTH_STALENESS"):
        Registry.from_environ()


def test_an_engine_can_be_given(settings: Settings) -> None:
    registry = Registry(engine=db.make_engine(settings.database_url))
    assert registry.tenants.list() == []
    registry.dispose()


def test_the_master_key_is_read_when_a_key_is_sealed_and_not_before(
    settings: Settings, tmp_path: Path
) -> None:
    Path(settings.master_key_file).unlink()
    registry = Registry.from_settings(settings)
    assert registry.tenants.list() == []
    with pytest.raises(MasterKeyError):
        registry.tenants.create("acme")
    assert registry.tenants.list() == []


def test_a_disposed_registry_opens_again(registry: Registry) -> None:
    registry.tenants.create("acme")
    registry.dispose()
    assert len(registry.tenants.list()) == 1


def test_threads_share_one_engine_and_one_vault(registry: Registry) -> None:
    with ThreadPoolExecutor(8) as threads:
        opened = set(threads.map(lambda _: (id(registry.engine), id(registry.vault)), range(64)))
    assert len(opened) == 1


def test_a_forked_child_uses_no_connection_of_its_parent(registry: Registry) -> None:
    """threat 80"""
    registry.tenants.create("acme")
    parents = registry.engine
    child = os.fork()
    if not child:
        # The child leaves without pytest's own ending, whatever happens.
        try:
            fresh = registry.engine is not parents
            os._exit(0 if fresh and len(registry.tenants.list()) == 1 else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert registry.engine is parents
    assert len(registry.tenants.list()) == 1


def test_no_secret_is_in_the_repr() -> None:
    """threat 106"""
    settings = Settings(database_url="postgresql://u:hunter2@h/x", master_key="k1:hunter2")
    assert "hunter2" not in repr(Registry(settings=settings))
    assert "hunter2" not in repr(vars(Registry(settings=settings)))
