import subprocess
import sys

import pytest

import tenantauth
import tenantauth.testing
import tenants
from tenantauth.lazy import exports


@pytest.mark.parametrize(
    "package", [tenantauth, tenantauth.testing, tenants], ids=lambda p: p.__name__
)
def test_every_name_that_a_package_promises_is_there(package: object) -> None:
    names = vars(package)["__all__"]
    assert [name for name in names if getattr(package, name, None) is None] == []


def test_a_name_is_imported_from_its_home() -> None:
    assert exports("here", {"OrderedDict": "collections"})("OrderedDict").__name__ == "OrderedDict"  # type: ignore[attr-defined]  # a class


def test_another_name_is_missing_as_ever() -> None:
    with pytest.raises(AttributeError, match="module 'here' has no attribute 'Nothing'"):
        exports("here", {})("Nothing")


@pytest.mark.parametrize(
    "module", ["tenantauth", "tenantauth.testing", "tenantauth.testing.plugin", "tenants"]
)
def test_importing_it_imports_neither_cryptography_nor_flask(module: str) -> None:
    """Every pytest of an environment loads the plugin; it must cost nothing when unused."""
    line = f"import sys, {module}; print(*{{'flask', 'joserfc', 'werkzeug'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
