"""The pytest plugin: one fixture, ``tenantauth``, that imports the kit when it is asked for."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tenantauth.testing.kit import Kit


@pytest.fixture
def tenantauth() -> "Kit":
    """Tenants, a manual clock, and clients of your app that carry really signed tokens."""
    from tenantauth.testing.kit import Kit

    return Kit()
