import stat
from pathlib import Path

import pytest

from tenants.master_keys import MasterKeys
from tests.tenants.cli.kit import Run


def test_it_makes_database_and_master_key_for_the_owner_alone(run: Run, folder: Path) -> None:
    """Threat 108."""
    assert run("init").status == 0
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"tenantauth.db": 0o600, "tenantauth.key": 0o600}


def test_it_says_what_it_made(run: Run, folder: Path) -> None:
    assert str(folder / "tenantauth.key") in run("init").out


def test_repeated_it_changes_nothing(run: Run, folder: Path) -> None:
    run("init")
    key = (folder / "tenantauth.key").read_bytes()
    again = run("init")
    assert (again.status, again.out.count("kept")) == (0, 2)
    assert (folder / "tenantauth.key").read_bytes() == key


def test_a_master_key_in_the_environment_needs_no_file(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("init")
    monkeypatch.setenv("TENANTAUTH_MASTER_KEY", (folder / "tenantauth.key").read_text().strip())
    (folder / "tenantauth.key").unlink()
    assert run("init").status == 0
    assert not (folder / "tenantauth.key").exists()


def test_a_master_key_that_others_can_write_stops_it_before_anything_is_made(
    run: Run, folder: Path
) -> None:
    """Threat 109."""
    MasterKeys.create_file(folder / "tenantauth.key")
    (folder / "tenantauth.key").chmod(0o666)
    refused = run("init")
    assert (refused.status, "chmod 600" in refused.err) == (1, True)
    assert not (folder / "tenantauth.db").exists()


def test_a_folder_that_is_not_there_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENANTAUTH_DATABASE_URL", "sqlite:///nowhere/x.db")
    refused = run("init")
    assert (refused.status, refused.err.count("\n")) == (1, 1)


def test_a_first_token_is_four_commands_away_on_every_database(
    run: Run, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANTAUTH_DATABASE_URL", empty_database_url)
    assert run("init").status == 0
    assert run("tenant", "create", "acme").status == 0
    token = run("token", "issue", "acme", "--subject", "alice").out
    assert run("token", "inspect", stdin=token).status == 0
