import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from flask.cli import FlaskGroup

from tenants.cli import cli
from tests.tenants.cli.kit import MANAGE, Run, Start


def test_no_command_shows_the_help(run: Run) -> None:
    shown = run()
    assert (shown.status, shown.err) == (0, "")


@pytest.mark.parametrize(
    "command",
    "init demo serve check stack|tenant create|tenant suspend|key rotate|key compromise|token issue"
    "|token inspect|audit list|db upgrade|db current".replace(" ", "|", 4).split("|"),
)
def test_the_help_shows_every_verb(run: Run, command: str) -> None:
    assert f"\n  {command} " in run("--help").out


@pytest.mark.parametrize("noun", ["tenant", "key", "token", "audit", "db"])
def test_a_noun_alone_is_wrong_usage_and_shows_its_verbs(run: Run, noun: str) -> None:
    shown = run(noun)
    assert shown.status == 2
    assert "\nCommands:\n" in shown.err


@pytest.mark.parametrize(
    "arguments",
    [("nope",), ("--nope",), ("tenant", "nope"), ("tenant", "show"), ("tenant", "show", "-x")],
    ids=" ".join,
)
def test_wrong_usage_has_status_2(run: Run, arguments: tuple[str, ...]) -> None:
    """Threat 117."""
    refused = run(*arguments)
    assert (refused.status, refused.out) == (2, "")


def test_a_name_like_an_option_follows_two_hyphens(installed: Path, run: Run) -> None:
    """Threat 117: such a name is looked up, and not obeyed."""
    shown = run("tenant", "show", "--", "--help")
    assert (shown.status, shown.err) == (1, "error: there is no tenant '--help'\n")


def test_a_file_name_argument_is_a_name(installed: Path, run: Run) -> None:
    """Threat 117: nothing is read from a file because of an @."""
    (installed / "names").write_text("acme")
    assert run("tenant", "show", "@names").err == "error: there is no tenant '@names'\n"


def test_what_is_typed_cannot_steer_the_terminal(run: Run) -> None:
    """Threat 107."""
    refused = run("tenant", "show", "a", "\x1b[2J\nerror: forged")
    assert refused.status == 2
    assert "\x1b" not in refused.err
    assert "\nerror: forged" not in refused.err


def test_an_argument_that_is_no_text_is_wrong_usage(run: Run) -> None:
    refused = run("tenant", "show", os.fsdecode(b"\xff"))
    assert (refused.status, "not valid UTF-8" in refused.err) == (2, True)


def test_all_bad_settings_are_told_at_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENANTAUTH_STALENESS", "soon")
    monkeypatch.setenv("TENANTAUTH_TRUSTED_PROXIES", "-1")
    refused = run("tenant", "list")
    assert refused.status == 1
    assert [line.split(": ")[:2] for line in refused.err.splitlines()] == [
        ["error", "TENANTAUTH_TRUSTED_PROXIES"],
        ["error", "TENANTAUTH_STALENESS"],
    ]


def test_an_unknown_setting_is_a_warning_with_the_near_name(
    installed: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANTAUTH_STALENES", "3s")
    listed = run("tenant", "list")
    assert listed.status == 0
    assert "warning: TENANTAUTH_STALENES: no such setting" in listed.err
    assert "TENANTAUTH_STALENESS?" in listed.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("tenant", "list"),
        ("tenant", "create", "acme"),
        ("key", "list", "acme"),
        ("token", "issue", "acme", "--subject", "alice"),
        ("db", "current"),
        ("audit", "list"),
    ],
    ids=" ".join,
)
def test_without_a_database_one_line_says_what_to_run(
    run: Run, folder: Path, arguments: tuple[str, ...]
) -> None:
    refused = run(*arguments)
    assert refused.status == 1
    assert refused.err.count("\n") == 1
    assert "manage.py init" in refused.err
    assert list(folder.iterdir()) == []


def test_hints_name_the_way_the_command_was_called(acme: str, run: Run) -> None:
    assert "$(manage.py token issue globex " in run("tenant", "create", "globex").out


@pytest.mark.parametrize(
    "arguments", [("-q", "tenant", "create", "a"), ("tenant", "create", "a", "-q")], ids=" ".join
)
def test_quiet_is_silent(installed: Path, run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments) == (0, "", "")


def test_below_flask_the_settings_of_the_app_hold(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner
    from flask import Flask

    def create_app() -> Flask:
        app = Flask("app")
        app.config["TENANTAUTH_DATABASE_URL"] = "sqlite:///of-the-app.db"
        return app

    monkeypatch.setenv("FLASK_SKIP_DOTENV", "1")
    flask = FlaskGroup(create_app=create_app, load_dotenv=False)
    flask.add_command(cli, "tenantauth")
    done = CliRunner().invoke(flask, ["tenantauth", "init"])
    assert (done.exit_code, (folder / "of-the-app.db").exists()) == (0, True), done.output


def test_a_process_reports_its_status_and_no_traceback(manage: Run) -> None:
    refused = manage("tenant", "list")
    assert (refused.status, refused.out) == (1, "")
    assert refused.err.startswith("error: there is no database at ")


def test_a_reader_that_goes_away_is_no_error(installed: Path, start: Start) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with start("tenant", "list", stdout=writer) as process:
        os.close(writer)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (141, "")


def test_ctrl_c_stops_without_a_traceback(installed: Path, start: Start) -> None:
    ours, theirs = os.openpty()
    with start("token", "inspect", stdin=theirs) as process:
        assert process.stderr is not None
        assert process.stderr.read(5) == "token"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 130
    assert "Traceback" not in err


def test_without_its_dependencies_one_line_says_what_to_run(folder: Path) -> None:
    bare = [sys.executable, "-S", str(MANAGE), "tenant", "list"]
    done = subprocess.run(bare, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
