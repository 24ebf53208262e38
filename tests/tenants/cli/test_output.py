import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest
import yaml

from tenants.cli.output import (
    Form,
    cell,
    clean,
    distance,
    moment,
    plain,
    show,
    show_facts,
    show_rows,
)
from tenants.values import CorsSpec, KeyRecord


@dataclass(frozen=True)
class Thing:
    name: str
    tags: frozenset[str] = frozenset()
    at: datetime | None = None


HOSTILE = {
    "colour": "\x1b[31mred",
    "title": "\x1b]0;pwned\x07",
    "line end": "one\nerror: two",
    "carriage return": "good\rbad",
    "turned around": "abc\u202edef",
    "C1 control": "\x9b31m",
    "line separator": "a\u2028b",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_steers_a_terminal_is_escaped(text: str) -> None:
    """Threat 107: nobody's text moves a cursor, renames a window or forges a line."""
    assert clean(text).isprintable()


def test_printable_text_stays_as_it_is() -> None:
    assert clean("Müller & Söhne [red] 会社") == "Müller & Söhne [red] 会社"


def test_a_lone_surrogate_is_escaped() -> None:
    assert clean("a\udcffb") == "a\\udcffb"


def test_markup_in_a_value_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    """Threat 117: a name is never read as markup."""
    show_rows([Thing("[red]x[/red] :smile:")], {"name": lambda t: t.name}, "table", empty="")
    assert "[red]x[/red] :smile:" in capsys.readouterr().out


def test_a_piped_table_is_not_cut(capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 3000
    show_rows([Thing(long)], {"name": lambda t: t.name, "too": lambda t: t.name}, "table", empty="")
    assert capsys.readouterr().out.count(long) == 2


def test_a_piped_table_has_no_colour(capsys: pytest.CaptureFixture[str]) -> None:
    show_rows([Thing("active")], {"state": lambda t: t.name}, "table", empty="")
    assert "\x1b" not in capsys.readouterr().out


def test_no_rows_are_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    nothing: list[Thing] = []
    show_rows(nothing, {"name": lambda t: t.name}, "table", empty="no things")
    assert capsys.readouterr().out == "no things\n"


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_programs_get_every_field(form: Form, capsys: pytest.CaptureFixture[str]) -> None:
    thing = Thing("a\x1b[0m", frozenset({"z", "b"}), datetime(2026, 1, 31, 12, tzinfo=UTC))
    show_rows([thing], {}, form, empty="")
    printed = capsys.readouterr().out
    read = json.loads(printed) if form == "json" else yaml.safe_load(printed)
    assert read == [{"name": "a\x1b[0m", "tags": ["b", "z"], "at": "2026-01-31T12:00:00Z"}]


@pytest.mark.parametrize("form", ["json", "yaml"])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_programs_get_nothing_that_steers_a_terminal(
    text: str, form: Form, capsys: pytest.CaptureFixture[str]
) -> None:
    """Threat 107: JSON and YAML are read on terminals too."""
    show_facts(Thing(text), {}, form)
    assert capsys.readouterr().out.replace("\n", "").isprintable()


def test_facts_are_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    facts: Mapping[str, object] = {"name": "Acme", "hosts": ("a.test", "b.test"), "tier": None}
    show_facts(Thing(""), facts, "table")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [
        ["name", "Acme"],
        ["hosts", "a.test,", "b.test"],
        ["tier", "-"],
    ]


def test_no_line_ends_in_spaces(capsys: pytest.CaptureFixture[str]) -> None:
    show("a  ", "", "b")
    assert capsys.readouterr().out == "a\n\nb\n"


def test_a_state_has_its_colour() -> None:
    assert cell("compromised").style == "bold red"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "0s"), (59, "59s"), (119, "119s"), (3599, "59m"), (86_400, "24h"), (172_800, "2d")],
)
def test_a_distance_is_written_in_one_unit(seconds: float, words: str) -> None:
    assert distance(seconds) == words


def test_a_moment_is_in_utc() -> None:
    assert moment(datetime(2026, 1, 31, 12, 30, 5, tzinfo=UTC)) == "2026-01-31 12:30:05 UTC"


def test_what_json_lacks_becomes_text() -> None:
    assert plain({1: {"b", "a"}, "x": 1.5j}) == {"1": ["a", "b"], "x": "1.5j"}


def test_records_are_shown_with_all_that_they_hold() -> None:
    made = datetime(2026, 1, 31, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    rule = CorsSpec(origins=("https://a.test",))
    shown = plain((KeyRecord("k1", "ES256", "active", made), rule))
    assert isinstance(shown, list)
    key, shown_rule = shown
    assert (key["created_at"], key["grace_at"]) == ("2026-01-31T12:00:00Z", None)
    assert shown_rule["origins"] == ["https://a.test"]
