"""The examples of the documents run as they stand."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("hooks.md", "testing.md")
_BLOCK = re.compile(r"^```python\n# ([a-z_]+\.py)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def read(document: str) -> str:
    return (ROOT / "docs" / document).read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_block_is_a_file(document: str) -> None:
    assert len(_BLOCK.findall(read(document))) == read(document).count("```python") > 0


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_blocks_of_a_document_run(document: str, tmp_path: Path) -> None:
    blocks = dict(_BLOCK.findall(read(document)))
    for name, text in blocks.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    tests = [name for name in blocks if name.startswith("test_")]
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", *tests]
    # Not this checkout's settings, and no database or key that a developer may have set.
    environ = {name: value for name, value in os.environ.items() if "TENANTAUTH" not in name}
    done = subprocess.run(
        command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not list(tmp_path.glob("*.db"))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", read(document))
    assert [target for target in targets if not (ROOT / "docs" / target).exists()] == []


def test_a_protected_route_is_tested_in_ten_lines() -> None:
    example = dict(_BLOCK.findall(read("testing.md")))["test_reports.py"]
    assert len([line for line in example.splitlines() if line]) <= 10
