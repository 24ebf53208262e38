import os
from collections import deque
from collections.abc import Callable
from contextlib import redirect_stderr

import click
import pytest

from tenants.cli.progress import progress, tracked
from tenants.cli.session import Session


def seen(work: Callable[[], None]) -> bytes:
    """Return what a terminal gets as error output while the work is done."""
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w") as stderr, redirect_stderr(stderr):
        work()
        print(".", file=stderr, flush=True)
        shown = b""
        while not shown.rstrip().endswith(b"."):
            shown += os.read(ours, 65_536)  # A terminal may hand over what it has in parts.
    os.close(ours)
    return shown.strip()


def two_steps() -> None:
    with progress("rotating", 3) as advance:
        advance()
        advance()


def test_on_a_terminal_a_bar_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    shown = seen(two_steps)
    assert b"rotating" in shown
    assert b"2/3" in shown


def test_with_quiet_nothing_is_shown() -> None:
    with click.Context(click.Command("x"), obj=Session(quiet=True)):
        assert seen(two_steps) == b"."


def test_one_step_has_no_bar() -> None:
    assert seen(lambda: deque(tracked("rotating", ["a"]), maxlen=0).clear()) == b"."


def test_in_a_pipe_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(tracked("rotating", ["a", "b"])) == ["a", "b"]
    assert capsys.readouterr() == ("", "")
