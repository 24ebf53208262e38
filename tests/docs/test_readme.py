"""The README works when it is pasted."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks_below(heading: str) -> list[tuple[str, str]]:
    section = README.split(f"## {heading}\n")[1].split("\n## ")[0]
    return _BLOCK.findall(section)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def run(script: str, folder: Path) -> str:
    """Run lines as a person's shell would, with the console script of this environment."""
    environ = {name: value for name, value in os.environ.items() if "TENANTAUTH" not in name}
    environ["PATH"] = f"{Path(sys.executable).parent}:{environ['PATH']}"
    # Whatever fails on the way, the shell ends what it put into the background.
    script = (
        "trap 'status=$?; set +e; kill $(jobs -p) 2>/dev/null; wait; exit $status' EXIT\n" + script
    )
    done = subprocess.run(
        ["bash", "-eu"],
        input=script,
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_first_tenant_answers_as_the_readme_says(tmp_path: Path) -> None:
    (_, setup), (_, app), (_, call) = blocks_below("The first tenant in your own app")
    run(setup, tmp_path)
    (tmp_path / "reports.py").write_text(app, encoding="utf-8")
    # Only the port is changed, as another server may have it.
    answer = run(call.replace("8000", str(free_port())), tmp_path)
    assert "200 OK" in answer
    assert '{"tenant":"acme","user":"alice"}' in answer
    assert "RateLimit: " in answer


def test_the_app_of_the_readme_fits_thirty_lines() -> None:
    (app,) = (
        text for kind, text in blocks_below("The first tenant in your own app") if kind == "python"
    )
    assert len(app.splitlines()) <= 30


@pytest.mark.parametrize("document", sorted(path.name for path in ROOT.glob("*.md")))
def test_links_of_the_front_documents_lead_somewhere(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_every_file_that_the_architecture_names_exists() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:tenantauth|tenants|alembic|tests|docs)/[\w./]+)`", text)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []
