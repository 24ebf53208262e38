"""docs/command-line.md: every line works when it is typed, and every command has one."""

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tenants.cli import cli

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
LINES = re.findall(r"^\$ (.+)$", PAGE, re.MULTILINE)
# Nothing that ends by itself, or what other pages are about.
ELSEWHERE = {"demo", "serve", "routes", "db upgrade", "db downgrade"}
ELSEWHERE |= {"plan", "apply", "export", "key import", "key promote", "key retire", "issuer keys"}


def commands() -> set[str]:
    """Return every command as it is typed, without its program."""
    names = set()
    for name, command in cli.commands.items():
        verbs = command.commands if isinstance(command, click.Group) else None
        names |= {name} if verbs is None else {f"{name} {verb}" for verb in verbs}
    return names


def test_every_command_has_an_example() -> None:
    shown = " ".join(LINES)
    assert {name for name in commands() if f"tenantauth {name}" not in shown} <= ELSEWHERE


def test_every_line_works_in_the_order_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    failed = []
    for line in LINES:
        piped = ""
        for part in line.split(" | "):
            program, *arguments = shlex.split(part)
            assert program == "tenantauth"
            done = CliRunner().invoke(cli, arguments, input=piped)
            piped = done.stdout
            if done.exit_code:
                failed.append((line, done.output))
    assert failed == []


def test_the_command_has_one_name_and_its_other_one_is_told_where_one_begins() -> None:
    pages = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *(ROOT / "docs").glob("*.md")]
    told = {page.name for page in pages if "manage.py" in page.read_text(encoding="utf-8")}
    assert told == {"README.md", "command-line.md"}


def test_the_figures_are_of_commands_that_there_are() -> None:
    figures = re.findall(r"^\| `([a-z ]+?)(?: --.*)?` \|", PAGE, re.MULTILINE)
    assert {*figures} <= commands()
    assert figures
