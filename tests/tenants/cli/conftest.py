"""The command line in a folder of its own: in this process, and as a real one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tenants.cli import cli
from tenants.master_keys import MasterKeys
from tests.tenants.cli.kit import MANAGE, Outcome, Run, Start


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with no settings but those of the test."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("TENANTAUTH_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("COLUMNS", raising=False)
    return tmp_path


@pytest.fixture
def run() -> Run:
    """Run a command in this process."""

    def run(*arguments: str, stdin: str | bytes = "") -> Outcome:
        runner = CliRunner(catch_exceptions=False)
        result = runner.invoke(cli, arguments, input=stdin, prog_name="manage.py")
        return Outcome(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def installed(folder: Path, migrated_file: Path) -> Path:
    """Put a database and a master key where the default settings look for them."""
    shutil.copy(migrated_file, folder / "tenantauth.db")
    MasterKeys.create_file(folder / "tenantauth.key")
    return folder


@pytest.fixture
def acme(installed: Path, run: Run) -> str:
    """Make a tenant and return its slug."""
    assert run("tenant", "create", "acme").status == 0
    return "acme"


@pytest.fixture
def start(folder: Path) -> Start:
    """Start a command as a process of its own; the test ends it."""

    def start(*arguments: str, **options: int) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, str(MANAGE), *arguments],
            cwd=folder,
            stdin=options.get("stdin", subprocess.DEVNULL),
            stdout=options.get("stdout", subprocess.PIPE),
            stderr=options.get("stderr", subprocess.PIPE),
            text=True,
        )

    return start


@pytest.fixture
def manage(start: Start) -> Run:
    """Run a command as a process of its own, to its end."""

    def manage(*arguments: str) -> Outcome:
        with start(*arguments) as process:
            out, err = process.communicate(timeout=30)
        return Outcome(process.returncode, out, err)

    return manage
