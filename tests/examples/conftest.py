"""A registry with the tenants acme and globex."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tenantauth.limit import Limit
from tenantauth.units import Rate
from tenants.registry import Registry
from tests.registries import new_registry


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    registry = new_registry(tmp_path)
    few = Limit("few", Rate(2, 60), by="subject")
    registry.tenants.create("acme", origins=["https://app.test"], limits=[few])
    registry.tenants.create("globex")
    yield registry
    registry.dispose()


@pytest.fixture
def token(registry: Registry) -> str:
    return registry.tokens.issue("acme", "alice", roles=["analyst"]).token
