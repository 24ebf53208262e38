"""What commands do not need is not imported: it would cost each of them half a second."""

import subprocess
import sys

import pytest

HEAVY = {"sqlalchemy", "alembic", "pydantic", "flask", "gunicorn"}


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("tenants.cli", set()),
        ("tenants.services.tenants", {"sqlalchemy"}),
        ("tenants.services.tenants_file", {"sqlalchemy", "pydantic"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_importing_it_brings_only_what_its_commands_use(module: str, allowed: set[str]) -> None:
    line = f"import sys, {module}; print(*{HEAVY} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= allowed
