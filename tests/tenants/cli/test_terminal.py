"""Commands on a real terminal: what is asked and answered there, and what is drawn."""

import os
import re
import select
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.tenants.cli.kit import MANAGE, Run
from tests.tenants.key_forms import P256, private_pem

CTRL_C, CTRL_D = "\x03", "\x04"
BOUND_S = 60
# A terminal sends a signal for Ctrl-C to those only whose own terminal it is.
COMMAND = """
import fcntl, runpy, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


class Terminal:
    """A command that believes to be looked at by a person."""

    def __init__(self, *arguments: str, columns: int = 80, **environ: str) -> None:
        self._own, theirs = os.openpty()
        termios.tcsetwinsize(theirs, (24, columns))
        kept = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, str(MANAGE), *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=kept | {"TERM": "xterm-256color"} | environ,
            start_new_session=True,
        )
        os.close(theirs)
        self.seen = self._typed = ""

    def answer(self, question: str, typed: str) -> None:
        """Type an answer when the question has been asked."""
        while question not in self.seen:
            assert self._read(), f"never asked: {self.seen}"
        self._typed = typed
        os.write(self._own, typed.encode())

    def end(self) -> int:
        """Wait for the command's end and return its status."""
        while self._read():
            pass
        return self._process.wait(BOUND_S)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._own)

    def _read(self) -> bool:
        for _ in range(BOUND_S):
            if select.select([self._own], [], [], 1)[0]:
                break
            if self._typed == CTRL_C:
                # Just before it waits for a line, Python notes a signal and waits all the same.
                os.write(self._own, CTRL_C.encode())
        else:
            pytest.fail(f"nothing more for {BOUND_S} s: {self.seen}")
        try:
            said = os.read(self._own, 65536).decode()
        except OSError:  # how Linux says that nobody has the other end open any more
            return False
        self.seen += said.replace("\r\n", "\n")
        return said != ""


Open = Callable[..., Terminal]


@pytest.fixture
def terminal() -> Iterator[Open]:
    with ExitStack() as opened:

        def open_terminal(*arguments: str, columns: int = 80, **environ: str) -> Terminal:
            made = Terminal(*arguments, columns=columns, **environ)
            opened.callback(made.close)
            return made

        yield open_terminal


@pytest.mark.parametrize(
    ("typed", "status", "told"),
    [
        ("y\n", 0, "acme is suspended"),
        ("n\n", 1, "error: stopped; nothing was changed\n"),
        ("what\n\n", 1, "error: stopped; nothing was changed\n"),
        (CTRL_D, 1, "error: stopped; nothing was changed\n"),
        (CTRL_C, 130, "\n"),
    ],
    ids=["yes", "no", "neither", "Ctrl-D", "Ctrl-C"],
)
def test_a_question_is_asked_and_its_answer_holds(
    acme: str, run: Run, terminal: Open, *, typed: str, status: int, told: str
) -> None:
    """Threat 117."""
    asked = terminal("tenant", "suspend", acme)
    asked.answer("Go on? [y/N]: ", typed)
    assert asked.end() == status
    assert told in asked.seen
    assert "Traceback" not in asked.seen
    is_suspended = '"status": "suspended"' in run("tenant", "show", acme, "--format", "json").out
    assert is_suspended is (status == 0)


@pytest.mark.parametrize(
    ("typed", "status"),
    [("hunter2\n", 0), ("wrong7\n", 1), (CTRL_C, 130), (CTRL_D, 1)],
    ids=["right", "wrong", "Ctrl-C", "Ctrl-D"],
)
def test_a_password_is_asked_for_and_never_shown(
    acme: str, run: Run, folder: Path, terminal: Open, *, typed: str, status: int
) -> None:
    """Threat 108: neither as it is typed nor in what is said about it."""
    (folder / "old.pem").write_bytes(private_pem(P256, password=b"hunter2"))
    (folder / "old.pem").chmod(0o600)
    asked = terminal("key", "import", acme, "--file", "old.pem", "--kid", "old")
    asked.answer("password of the file: ", typed)
    assert asked.end() == status
    assert typed.strip() == "" or typed.strip() not in asked.seen
    assert "Traceback" not in asked.seen
    assert ('"old"' in run("key", "list", acme, "--format", "json").out) is (status == 0)


@pytest.mark.parametrize("typed", ["y\n", CTRL_C], ids=["yes", "Ctrl-C"])
def test_a_file_that_ends_something_is_shown_first(
    acme: str, run: Run, folder: Path, terminal: Open, typed: str
) -> None:
    """Threat 117."""
    (folder / "f.yaml").write_text("version: 1\ntenants: [{slug: acme, status: suspended}]")
    asked = terminal("apply", "f.yaml")
    asked.answer("Go on? [y/N]: ", typed)
    assert "~ status: active → suspended" in asked.seen
    assert asked.end() == {"y\n": 0, CTRL_C: 130}[typed]
    assert (run("plan", "f.yaml").status == 0) is (typed == "y\n")


def test_a_bar_is_gone_when_the_work_is_done(installed: Path, terminal: Open) -> None:
    slugs = ", ".join(f"{{slug: t{number}}}" for number in range(30))
    (installed / "f.yaml").write_text(f"version: 1\ntenants: [{slugs}]")
    asked = terminal("apply", "f.yaml")
    assert asked.end() == 0
    assert "making keys" in asked.seen
    assert asked.seen.endswith("30 created, 0 unchanged; every worker follows within 2s\n")


COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize(
    ("environ", "has_colours"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
    ids=["usual", "NO_COLOR", "dumb"],
)
def test_colours_are_for_terminals_that_want_them(
    acme: str, terminal: Open, environ: dict[str, str], *, has_colours: bool
) -> None:
    asked = terminal("tenant", "list", **environ)
    assert asked.end() == 0
    assert ("\x1b[32m" in asked.seen) is has_colours
    assert environ.get("TERM") != "dumb" or "\x1b" not in asked.seen


@pytest.mark.parametrize(("columns", "lines"), [(40, 5), (250, 3)], ids=["narrow", "wide"])
def test_what_a_terminal_is_too_narrow_for_stands_whole_below_its_row(
    acme: str, run: Run, terminal: Open, columns: int, lines: int
) -> None:
    name = "A name that is longer than a narrow terminal is wide"
    run("tenant", "update", acme, "--name", name)
    asked = terminal("tenant", "list", columns=columns)
    assert asked.end() == 0
    seen = COLOUR.sub("", asked.seen).splitlines()
    assert len(seen) == lines
    assert max(len(line) for line in seen if name not in line) <= columns
    assert sum(name in line for line in seen) == 1
