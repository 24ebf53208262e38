"""Tables in a pipe, or too wide for a terminal."""

import pytest
from rich.cells import cell_len

from tenants.cli.piped_table import draw

TITLES = ("slug", "name", "state", "limits")


def drawn(*rows: tuple[str, ...]) -> list[str]:
    return [*draw(TITLES, rows)]


def test_what_fits_stands_in_columns() -> None:
    assert drawn(("acme", "名", "active", "-"), ("globex", "Globex", "-", "user 5/minute")) == [
        "slug    name    state   limits",
        "─" * 37,
        "acme    名      active  -",
        "globex  Globex  -       user 5/minute",
    ]


def test_a_long_column_goes_below_its_rows_where_it_says_something() -> None:
    assert drawn(("acme", "A" * 90, "active", "x"), ("globex", "-", "active", "y"))[2:] == [
        "acme    active  x",
        f"  name    {'A' * 90}",
        "globex  active  y",
    ]


def test_a_long_last_cell_goes_below_its_own_row_alone() -> None:
    assert drawn(("acme", "A", "active", "x" * 90), ("globex", "G", "active", "y" * 20))[2:] == [
        "acme    A     active",
        f"  {'x' * 90}",
        f"globex  G     active  {'y' * 20}",
    ]


def test_of_several_cells_below_their_row_each_has_its_title() -> None:
    assert drawn(("acme", "A" * 90, "active", "x" * 90))[2:] == [
        "acme  active",
        f"  name    {'A' * 90}",
        f"  limits  {'x' * 90}",
    ]


@pytest.mark.parametrize("at", range(4))
def test_no_line_is_padded_beyond_a_screen_and_no_cell_is_cut(at: int) -> None:
    long = tuple("x" * 3000 if at == column else "short" for column in range(4))
    lines = drawn(long, ("a", "b", "c", "d"))
    assert sum(cell_len(line) > 80 for line in lines) == 1
    assert any("x" * 3000 in line for line in lines)


def test_short_columns_stay_in_their_row_though_it_is_a_little_long() -> None:
    titles, row = [f"title {at}" for at in range(12)], ["short"] * 12
    assert len([*draw(titles, [row])]) == 3


def test_the_screen_is_as_wide_as_columns_says(monkeypatch: pytest.MonkeyPatch) -> None:
    row = ("acme", "Acme", "active", "x" * 90)
    assert len(drawn(row)) == 4
    monkeypatch.setenv("COLUMNS", "120")
    assert len(drawn(row)) == 3


def test_a_table_of_one_column_is_a_list() -> None:
    assert [*draw(["kid"], [["x" * 90]])] == ["kid", "─" * 80, "x" * 90]
