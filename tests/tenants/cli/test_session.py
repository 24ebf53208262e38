import os
import pwd
import sys
from pathlib import Path

import click
import pytest

from tenantauth.errors import SettingsError
from tenants.cli.session import Session, operator, pasteable, program
from tenants.errors import INIT_COMMAND


def within(name: str, session: Session | None = None) -> click.Context:
    group = click.Context(click.Group(name), info_name=name, obj=session or Session())
    return click.Context(click.Command("verb"), parent=group, info_name="verb")


def test_nothing_is_read_before_its_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENANTAUTH_STALENESS", "soon")
    session = Session()
    with within("x", session), pytest.raises(SettingsError):
        _ = session.settings


def test_the_operator_is_the_user_of_the_process() -> None:
    assert operator() == pwd.getpwuid(os.getuid()).pw_name


def test_the_actor_is_the_operator() -> None:
    session = Session()
    with within("x", session):
        assert session.registry.actor == f"cli:{operator()}"


def test_a_hint_repeats_how_the_command_was_called() -> None:
    with within("tenantauth"):
        assert program() == "tenantauth"


def test_what_to_run_is_named_as_the_command_was_called() -> None:
    with within("manage.py"):
        assert pasteable(f"make one with: {INIT_COMMAND}") == "make one with: manage.py init"


def test_a_hint_names_the_python_that_is_not_on_the_path(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = folder / "my env" / "python"
    monkeypatch.setattr(sys, "executable", str(python))
    with within("python manage.py"):
        assert program() == "'my env/python' manage.py"


def test_a_hint_says_python_where_that_is_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = folder / "python"
    found.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(sys, "executable", str(found))
    with within("python manage.py"):
        assert program() == "python manage.py"


def test_below_flask_a_hint_begins_with_flask() -> None:
    flask = click.Context(click.Group("flask"), info_name="flask", obj=object())
    ours = click.Context(click.Group("t"), parent=flask, info_name="tenantauth", obj=Session())
    with click.Context(click.Command("verb"), parent=ours, info_name="verb"):
        assert program() == "flask tenantauth"


def test_what_is_said_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Threat 107."""
    Session().say("made \x1b[2J")
    assert capsys.readouterr().out == "made \\x1b[2J\n"


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Session(quiet=True).say("made")
    assert capsys.readouterr().out == ""
