"""Whether an installation can serve."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tenantauth.settings import Settings
from tenants import db
from tenants.master_keys import MasterKeys
from tenants.registry import Registry


def test_a_new_installation_is_ready(registry: Registry) -> None:
    assert registry.ready() is None
    registry.tenants.create("acme")
    assert registry.ready() is None


def _no_database(settings: Settings, folder: Path) -> Settings:
    return replace(settings, database_url=f"sqlite:///{folder}/other.db")


def _no_tables(settings: Settings, folder: Path) -> Settings:
    url = f"sqlite:///{folder}/empty.db"
    db.make_engine(url, create=True)
    return replace(settings, database_url=url)


def _no_key(settings: Settings, folder: Path) -> Settings:
    return replace(settings, master_key_file=str(folder / "other.key"))


def _another_key(settings: Settings, folder: Path) -> Settings:
    MasterKeys.create_file(folder / "other.key")
    return replace(settings, master_key_file=str(folder / "other.key"))


def _another_key_of_the_same_id(settings: Settings, folder: Path) -> Settings:
    MasterKeys.create_file(folder / "other.key")
    key_id = Path(settings.master_key_file).read_text().split(":")[0]
    secret = (folder / "other.key").read_text().split(":")[1]
    return replace(settings, master_key=f"{key_id}:{secret}")


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (_no_database, "there is no database"),
        (_no_tables, "tenantauth init"),
        (_no_key, "there is no master key file"),
        (_another_key, "is needed"),
        (_another_key_of_the_same_id, "is not the one that was used"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_is_missing_is_one_line(
    registry: Registry,
    tmp_path: Path,
    break_it: Callable[[Settings, Path], Settings],
    words: str,
) -> None:
    """threat 109"""
    registry.tenants.create("acme")
    broken = Registry(settings=break_it(registry.settings, tmp_path))
    reason = broken.ready()
    assert reason is not None
    assert words in reason
    assert "\n" not in reason


def test_signing_commands_refuse_without_the_master_key_and_policies_go_on(
    registry: Registry, tmp_path: Path
) -> None:
    """threat 109: verification never needs the master key."""
    registry.tenants.create("acme")
    keyless = Registry(settings=_no_key(registry.settings, tmp_path))
    assert [tenant.slug for tenant in keyless.tenants.list()] == ["acme"]
    assert keyless.source().generation() == registry.source().generation()
