"""The demo's data in a folder of its own, without its servers."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.validate import validator

import pytest
from werkzeug.test import Client, TestResponse

from tenants.demo.app import create_app
from tenants.demo.pages import create_pages
from tenants.demo.place import Place
from tenants.demo.seed import seed
from tenants.master_keys import MasterKeys
from tenants.registry import Registry


class Caller(Client):
    """Calls an app that the standard library's validator watches; it wants answers closed."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return super().open(*args, **{**kwargs, "buffered": True})


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, 8000)


@pytest.fixture
def registry(place: Place, migrated_file: Path) -> Iterator[Registry]:
    place.folder.mkdir()
    shutil.copy(migrated_file, place.folder / "tenantauth.db")
    MasterKeys.create_file(place.folder / "tenantauth.key")
    registry = Registry.from_settings(place.settings, actor="test")
    seed(registry, place)
    yield registry
    registry.dispose()


@pytest.fixture
def api(registry: Registry, place: Place) -> Iterator[Client]:
    """Call the API; ``registry`` has made its tenants."""
    app = create_app(place.config)
    yield Caller(validator(app))
    state = app.extensions["tenantauth"]
    state.source.close()
    state.registry.dispose()


@pytest.fixture
def pages(registry: Registry, place: Place) -> Client:
    return Caller(validator(create_pages(registry, place)))
