"""The built wheel, installed without a checkout, as a user of a release has it."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run([sys.executable, *build], check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an environment that holds the wheel and sees our dependencies, but not the checkout."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True, capture_output=True)
    where = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    purelib = Path(subprocess.run(where, check=True, capture_output=True, text=True).stdout.strip())
    # A path file adds the folder itself; path files inside it, the editable install's, stay unread.
    (purelib / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


@pytest.fixture
def run(environment: Path, tmp_path: Path) -> Run:
    """Run a program of the environment in an empty folder."""

    def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(environment / "bin" / program), *arguments],
            cwd=tmp_path,
            env={"PATH": os.defpath},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
        )

    return run


def test_migrations_lie_inside_the_package(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {"tenants/_migrations/env.py", "tenants/_migrations/script.py.mako"} <= set(names)
    assert any(name.startswith("tenants/_migrations/versions/") for name in names)


def test_the_wheel_adds_nothing_else_to_the_top_level(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"tenantauth", "tenants"}


def test_every_file_of_the_packages_is_shipped(wheel: Path) -> None:
    files = {
        str(path.relative_to(ROOT))
        for package in ("tenantauth", "tenants")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert files <= set(zipfile.ZipFile(wheel).namelist())


def test_what_is_imported_is_the_wheel(run: Run, environment: Path) -> None:
    found = run("python", "-c", "import tenants; print(tenants.__file__)")
    assert found.stdout.startswith(str(environment)), found.stderr


def test_help_names_the_commands(run: Run) -> None:
    shown = run("tenantauth", "--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "tenant" in shown.stdout


def test_a_first_tenant_is_three_commands_in_an_empty_folder(run: Run) -> None:
    for command in ("init", "tenant create acme", "check"):
        done = run("tenantauth", *command.split())
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def test_the_commands_hang_below_flask_too(run: Run, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("from flask import Flask\n\napp = Flask(__name__)\n")
    shown = run("python", "-m", "flask", "tenantauth", "--help")
    assert (shown.returncode, shown.stderr) == (0, "")
