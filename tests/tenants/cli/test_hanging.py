"""Lines that are too long for a terminal."""

import io
import sys

import pytest

from tenants.cli.hanging import hanging

LINE = "    ~ issuer: https://old.example.test/with/a/path → https://new.example.test/with/a/path"


class Terminal(io.StringIO):
    """An output that somebody looks at."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_what_goes_on_stands_further_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    first, second = hanging(LINE)
    assert first == "    ~ issuer: https://old.example.test/with/a/path →"
    assert second == "        https://new.example.test/with/a/path"


@pytest.mark.parametrize("stream", [Terminal(), io.StringIO()], ids=["terminal", "pipe"])
def test_what_fits_and_what_a_program_reads_stays_whole(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO
) -> None:
    monkeypatch.setattr(sys, "stdout", stream)
    line = LINE[:60] if stream.isatty() else LINE
    assert hanging(line) == [line]
