"""What must hold for the tree as a whole, whoever adds to it."""

import ast
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import alembic
import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    path for package in ("tenantauth", "tenants") for path in (ROOT / package).rglob("*.py")
)
FOLDERS = {"alembic", "benchmarks", "docs", "examples", "requirements", "tenantauth", "tenants"}
LOCKS = ("runtime", "test")
# Below these versions each has a hole, or lacks a check, that the stack relies on.
FLOORS = {
    "authlib": "1.9.9",
    "flask-cors": "6.0.5",
    "gunicorn": "23",
    "joserfc": "1.8",
    "werkzeug": "3.1.9",
}
MACHINE_PATH = re.compile(r"(?<![\w.\-/])/(?:home|root|work|Users)/\w")
INDEX_ADDRESS = re.compile(
    r"\s--(?:extra-)?index-url|\s--find-links|pypi\.org|python[h]osted\.org|_INDEX_UR[L]="
)
# As PEM, as a JWK, and as a line of a master key file.
PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|[\"']d[\"']\s*:\s*[\"'][\w-]{43}"
    r"|\b[\w-]+:[A-Za-z0-9+/]{43}=(?!=)"
)


def tracked_files() -> list[Path]:
    """Return what is, or is about to be, committed."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    command = [
        "git",
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def texts() -> Iterator[tuple[str, str]]:
    for path in tracked_files():
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8", errors="ignore")


def mentions(pattern: re.Pattern[str]) -> list[str]:
    return [f"{name}: {found[0]}" for name, text in texts() if (found := pattern.search(text))]


def declared() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [Requirement(line) for line in project["dependencies"]]


def locked(lock: str) -> dict[str, Version]:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    pins = re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==([^ ;\\]+)", text, re.MULTILINE)
    return {name: Version(version) for name, version in pins}


def short_name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_migrations_folder_never_becomes_a_package() -> None:
    assert list((ROOT / "alembic").rglob("__init__.py")) == []


def test_the_migrations_folder_does_not_hide_the_library() -> None:
    assert ROOT / "alembic" not in Path(alembic.__file__).parents


def test_no_test_package_hides_the_migration_library() -> None:
    assert not (ROOT / "tests" / "alembic").exists()


def test_top_level_folders_are_the_known_ones() -> None:
    tops = {path.relative_to(ROOT).parts[0] for path in tracked_files() if path.parent != ROOT}
    assert {top for top in tops if not top.startswith(".")} <= FOLDERS | {"tests"}


def test_only_the_stack_speaks_wsgi() -> None:
    speaking = [
        short_name(path)
        for path in MODULES
        if path.is_relative_to(ROOT / "tenantauth") and "start_response" in path.read_text()
    ]
    assert speaking == ["tenantauth/stack.py"]


@pytest.mark.parametrize("path", MODULES, ids=short_name)
def test_a_module_has_at_most_300_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", MODULES, ids=short_name)
def test_a_function_has_at_most_40_lines(path: Path) -> None:
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= 40]
    assert long == []


@pytest.mark.parametrize("package", ["tenantauth", "tenants"])
def test_a_package_is_marked_as_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()


@pytest.mark.parametrize(("name", "floor"), FLOORS.items(), ids=FLOORS.keys())
def test_a_dependency_floor_is_declared(name: str, floor: str) -> None:
    """Threat 120: an older release cannot be resolved."""
    specifiers = [requirement.specifier for requirement in declared() if requirement.name == name]
    floors = [Version(each.version) for each in specifiers[0] if each.operator == ">="]
    assert max(floors) >= Version(floor)


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize(("name", "floor"), FLOORS.items(), ids=FLOORS.keys())
def test_a_dependency_floor_is_locked(name: str, floor: str, lock: str) -> None:
    """Threat 120: an older release is not installed."""
    assert locked(lock)[name] >= Version(floor)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_satisfies_every_declared_dependency(lock: str) -> None:
    pins = locked(lock)
    assert [str(each) for each in declared() if pins[each.name] not in each.specifier] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_a_hash_for_each_file_and_nothing_else(lock: str) -> None:
    lines = (ROOT / "requirements" / f"{lock}.txt").read_text().splitlines()
    strange = re.compile(r"(?!\s*#|[a-z0-9-]+(\[.*\])?==.* \\$|    --hash=sha256:[0-9a-f]{64})")
    assert [line for line in lines if strange.match(line)] == []


def test_the_test_lock_extends_the_runtime_lock() -> None:
    assert locked("runtime").items() <= locked("test").items()


def test_the_runtime_lock_is_made_of_the_declared_dependencies() -> None:
    lines = (ROOT / "requirements" / "runtime.in").read_text().splitlines()
    asked = {line for line in lines if line and not line.startswith("#")}
    assert {str(each) for each in declared()} <= {str(Requirement(line)) for line in asked}


def test_no_file_names_a_path_of_one_machine() -> None:
    assert mentions(MACHINE_PATH) == []


def test_no_file_names_a_package_index() -> None:
    assert mentions(INDEX_ADDRESS) == []


def test_no_private_key_is_shipped() -> None:
    """Threat 119: a sample key in the tree ends up in production."""
    assert [line for line in mentions(PRIVATE_KEY) if not line.startswith("tests/")] == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (MACHINE_PATH, "open('" + "/home" + "/ada/x')"),
        (INDEX_ADDRESS, "pip install " + "--index" + "-url https://mirror.test"),
        (PRIVATE_KEY, "-----BEGIN EC " + "PRIVATE KEY-----"),
        (PRIVATE_KEY, '{"kty": "OKP", "d": "' + "A" * 43 + '"}'),
        (PRIVATE_KEY, "k1:" + "A" * 43 + "="),
    ],
    ids=["machine path", "index address", "PEM key", "JWK key", "master key"],
)
def test_what_is_looked_for_would_be_found(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)
