"""What a command shows: tables for people, JSON and YAML for programs, nothing a terminal obeys."""

import json
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Literal, TypeVar

import yaml
from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from tenants.cli import long_table, piped_table
from tenants.values import as_text

Form = Literal["table", "json", "yaml"]
T = TypeVar("T")
Columns = Mapping[str, Callable[[T], object]]

# Wide enough that no cell is cut or folded where a program reads; tables never fill it.
_PIPED_WIDTH = 100_000

# A table up to this is drawn by Rich, in colours and with folded cells.
_SHORT = 200
_COUNTED = 20  # Fewer rows are counted at a glance.

_YAML = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # ten times as fast where libyaml is there

_STYLES = {
    "active": "green",
    "pending": "cyan",
    "grace": "yellow",
    "suspended": "yellow",
    "compromised": "bold red",
    "retired": "dim",
    "error": "bold red",
    "warning": "yellow",
    "valid": "green",
}


def show(*parts: RenderableType) -> None:
    """Print whatever Rich can render; strings are never read as markup, NO_COLOR is honoured."""
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    console = Console(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False)
    with console.capture() as captured:
        console.print(*parts, sep="\n")
    # Cells are padded to their column; nobody wants the spaces at the end of a line.
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def clean(text: str) -> str:
    """Escape what is not printable: control characters, line ends, marks that turn text around."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )


def cell(value: object) -> Text:
    """Return one value as inert text; a state gets its colour, nothing at all a dash."""
    if isinstance(value, Text):
        return value
    text = clean(_words(value))
    return Text(text or "-", style=_STYLES.get(text, "") if text else "dim")


def _words(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(_words, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def moment(time: datetime) -> str:
    """Write an aware time for people, in UTC."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def distance(seconds: float) -> str:
    """Write how far away something is, in the largest unit that is not too coarse."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{int(seconds // size)}{unit}"
    return f"{max(0, int(seconds))}s"


def show_rows(rows: Iterable[T], columns: Columns[T], form: Form, *, empty: str) -> None:
    """Show records: a table of these columns, or all their fields as a list, as they come."""
    if form != "table":
        _stream(map(plain, rows), form)
        return
    cells = [[cell(read(row)) for read in columns.values()] for row in rows]
    if not cells:
        show(Text(empty, style="dim"))
    elif sys.stdout.isatty() and len(cells) <= _SHORT and _fits(drawn := table(columns, cells)):
        show(drawn)
    else:
        texts = [[each.plain for each in row] for row in cells]
        sys.stdout.writelines(f"{line}\n" for line in _lines([*columns], texts))
    if len(cells) > _COUNTED and sys.stderr.isatty():
        sys.stderr.write(f"{len(cells)} rows\n")


def _fits(drawn: Table) -> bool:
    """Tell whether a table is as wide as the terminal at most, without folding a cell."""
    console = Console(width=10_000)
    return console.measure(drawn).maximum <= shutil.get_terminal_size().columns


def _lines(titles: list[str], texts: list[list[str]]) -> Iterator[str]:
    if sys.stdout.isatty() and len(texts) > _SHORT:
        return long_table.draw(titles, texts, shutil.get_terminal_size().columns)
    return piped_table.draw(titles, texts)


def show_facts(record: object, facts: Mapping[str, object], form: Form) -> None:
    """Show one record: these facts, a line each, or all its fields as an object."""
    if form != "table":
        show_record(record, form)
    else:
        show(fact_sheet(facts))


def show_record(record: object, form: Form) -> None:
    """Print a record for a program."""
    _dump(plain(record), form)


def show_json(document: object) -> None:
    """Print a JSON document."""
    _dump(document, "json")


def table(titles: Iterable[str], rows: Iterable[Iterable[object]]) -> Table:
    """Return a plain table, one line a row where the width allows."""
    drawn = Table(box=box.SIMPLE_HEAD, show_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    for position, title in enumerate(titles):
        # The first column is what is copied from a table: it stays in one piece.
        drawn.add_column(title, overflow="fold", no_wrap=position == 0)
    for row in rows:
        drawn.add_row(*map(cell, row))
    return drawn


def fact_sheet(facts: Mapping[str, object]) -> Table:
    """Return names on the left and values on the right."""
    drawn = Table.grid(padding=(0, 3))
    drawn.add_column(style="dim", no_wrap=True)
    drawn.add_column(overflow="fold")
    for name, value in facts.items():
        drawn.add_row(name, cell(value))
    return drawn


def plain(value: object) -> object:
    """Return a value as JSON has it: dataclasses by field, times in ISO 8601, sets sorted."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(member) for name, member in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [plain(member) for member in value]
    if isinstance(value, datetime):
        return as_text(value)
    return value if isinstance(value, str | int | float | None) else str(value)


def _stream(documents: Iterable[object], form: Form) -> None:
    """Print a list of documents one by one, in the bytes of the list as a whole."""
    between = "[\n" if form == "json" else ""
    for document in documents:
        if form == "json":
            text = textwrap.indent(json.dumps(document, indent=2), "  ")
            sys.stdout.write(between + text)
            between = ",\n"
        else:
            between = _text([document], form)
            sys.stdout.write(between)
    if form == "json":
        sys.stdout.write("[]\n" if between == "[\n" else "\n]\n")
    elif not between:
        sys.stdout.write("[]\n")


def _dump(document: object, form: Form) -> None:
    sys.stdout.write(_text(document, form))


def _text(document: object, form: Form) -> str:
    # ASCII only: every character that a terminal might obey is escaped.
    if form == "yaml":
        return yaml.dump(document, Dumper=_YAML, sort_keys=False)
    return json.dumps(document, indent=2) + "\n"
