"""Which databases a test runs on."""

import pytest

DATABASES = ("sqlite", "postgresql")


def on(database: str) -> pytest.MarkDecorator:
    """Run a test on this database only."""
    return pytest.mark.parametrize("database_url", [database], indirect=True)
