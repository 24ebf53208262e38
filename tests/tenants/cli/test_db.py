import json
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from tenants import db, migrations
from tests.tenants.cli.kit import Run


@pytest.fixture
def installed(folder: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Name a migrated database of each kind in the environment, and return its URL."""
    monkeypatch.setenv("TENANTAUTH_DATABASE_URL", database_url)
    return database_url


@pytest.fixture
def empty(folder: Path, empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Name a database without tables."""
    monkeypatch.setenv("TENANTAUTH_DATABASE_URL", empty_database_url)
    return empty_database_url


def test_current_names_the_place_and_the_revision(installed: str, run: Run) -> None:
    shown = json.loads(run("db", "current", "--format", "json").out)
    assert shown == {
        "database": db.location(make_url(installed)),
        "current": migrations.head(),
        "newest": migrations.head(),
        "up_to_date": True,
    }


def test_an_empty_database_is_behind(empty: str, run: Run) -> None:
    assert f"no, that is {migrations.head()}: run db upgrade" in run("db", "current").out


def test_upgrade_says_from_where_to_where(empty: str, run: Run) -> None:
    assert run("db", "upgrade").out == f"schema none → {migrations.head()}\n"


def test_upgrade_repeated_changes_nothing(installed: str, run: Run) -> None:
    done = run("db", "upgrade")
    assert (done.status, "nothing was changed" in done.out) == (0, True)


def test_upgrade_makes_no_database(folder: Path, run: Run) -> None:
    assert run("db", "upgrade").status == 1
    assert list(folder.iterdir()) == []


def test_what_is_no_database_is_one_line(folder: Path, run: Run) -> None:
    (folder / "tenantauth.db").write_text("not a database" * 100)
    refused = run("db", "current")
    assert (refused.status, refused.err.count("\n")) == (1, 1)


def test_down_says_what_is_lost_and_asks(installed: str, run: Run) -> None:
    """threat 117"""
    refused = run("db", "downgrade", "base")
    assert refused.status == 1
    assert "will go back to base and lose every tenant, key and event" in refused.err
    assert "add --yes" in refused.err
    assert '"up_to_date": true' in run("db", "current", "--format", "json").out


def test_down_and_up_again(installed: str, run: Run) -> None:
    """threat 103"""
    newest = migrations.head()
    assert run("db", "downgrade", "base", "--yes").out == f"schema {newest} → none\n"
    assert run("db", "check").status == 1
    assert run("db", "upgrade").out == f"schema none → {newest}\n"
    assert run("db", "check").out == f"schema {newest}, with the tables that this version needs\n"


def test_down_to_what_is_no_revision_is_one_line(installed: str, run: Run) -> None:
    refused = run("db", "downgrade", "nowhere", "--yes")
    assert (refused.status, refused.err.count("\n")) == (1, 1)
    assert "cannot be taken to 'nowhere'" in refused.err


def test_check_names_the_command_that_helps(empty: str, run: Run) -> None:
    refused = run("db", "check")
    assert refused.status == 1
    assert refused.err.endswith(f"not there and not {migrations.head()}: run db upgrade\n")


def test_check_tells_of_tables_that_were_changed_by_hand(installed: str, run: Run) -> None:
    engine = db.make_engine(installed)
    with db.begin_connection(engine) as connection:
        connection.execute(text("DROP INDEX tenantauth_one_active_key"))
    engine.dispose()
    refused = run("db", "check")
    assert refused.status == 1
    assert refused.err == (
        f"error: the tables are not those of schema {migrations.head()}: "
        "add index tenantauth_one_active_key\n"
    )
