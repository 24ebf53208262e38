import json
from pathlib import Path

from tenants import migrations
from tests.tenants.cli.kit import Run


def test_current_names_the_file_and_the_revision(installed: Path, run: Run) -> None:
    shown = json.loads(run("db", "current", "--format", "json").out)
    assert shown == {
        "database": str(installed / "tenantauth.db"),
        "current": migrations.head(),
        "newest": migrations.head(),
        "up_to_date": True,
    }


def test_an_empty_database_is_behind(folder: Path, run: Run) -> None:
    (folder / "tenantauth.db").touch()
    assert f"no, that is {migrations.head()}: run db upgrade" in run("db", "current").out


def test_upgrade_says_from_where_to_where(folder: Path, run: Run) -> None:
    (folder / "tenantauth.db").touch()
    assert run("db", "upgrade").out == f"schema none → {migrations.head()}\n"


def test_upgrade_repeated_changes_nothing(installed: Path, run: Run) -> None:
    done = run("db", "upgrade")
    assert (done.status, "nothing was changed" in done.out) == (0, True)


def test_upgrade_makes_no_database(folder: Path, run: Run) -> None:
    assert run("db", "upgrade").status == 1
    assert list(folder.iterdir()) == []


def test_what_is_no_database_is_one_line(folder: Path, run: Run) -> None:
    (folder / "tenantauth.db").write_text("not a database" * 100)
    refused = run("db", "current")
    assert (refused.status, refused.err.count("\n")) == (1, 1)
