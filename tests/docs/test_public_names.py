"""Examples and documents show only what is promised: names that a public package exports."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PUBLIC = ("tenantauth", "tenantauth.flask", "tenantauth.testing", "tenants", "tenants.web")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# In running text a name of ours has the packages before it, as `tenantauth.flask.Refused`.
_MENTION = re.compile(r"`((?:tenantauth|tenants)(?:\.[a-z_]+)*)\.([A-Za-z_]+)")
_CALL = re.compile(r"[A-Z]|_(of|by|from)$")


def imported(code: str) -> Iterator[tuple[str, str]]:
    """Yield package and name of each import of ours; the name of a whole module is ``""``."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


def mentioned(text: str) -> Iterator[tuple[str, str]]:
    for package, name in _MENTION.findall(text):
        if _CALL.search(name):
            yield package, name


def is_unpromised(package: str, name: str) -> bool:
    if package.partition(".")[0] not in ("tenantauth", "tenants"):
        return False
    exported = vars(importlib.import_module(package))["__all__"] if package in PUBLIC else ()
    return name not in exported


def unpromised(names: Iterator[tuple[str, str]]) -> list[str]:
    return [f"{package}.{name}" for package, name in names if is_unpromised(package, name)]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_imports_only_what_is_promised(path: Path) -> None:
    assert unpromised(imported(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_document_imports_only_what_is_promised(path: Path) -> None:
    for block in _BLOCK.findall(path.read_text(encoding="utf-8")):
        assert unpromised(imported(block)) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_document_names_classes_by_where_they_are_promised(path: Path) -> None:
    assert unpromised(mentioned(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "code",
    ["from tenantauth.reply import Refusal", "from tenantauth import wiring", "import tenants.db"],
)
def test_what_is_looked_for_would_be_found(code: str) -> None:
    assert unpromised(imported(code))


def test_the_readme_names_every_public_package() -> None:
    paragraphs = PAGES[0].read_text(encoding="utf-8").split("\n\n")
    (promise,) = [each for each in paragraphs if "not promised" in each]
    assert re.findall(r"`([a-z.]+)`", promise) == [*PUBLIC]
