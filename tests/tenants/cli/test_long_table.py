"""Tables of thousands of rows."""

import pytest
from rich.cells import cell_len

from tenants.cli.long_table import draw

ROWS = [(f"tenant-{number}", "名" * (number % 7), "x" * 40) for number in range(300)]
TITLES = ("slug", "name", "address")


def test_columns_stand_in_one_place() -> None:
    lines = [*draw(TITLES, ROWS, 200)]
    assert {cell_len(line.partition("xxx")[0]) for line in lines[2:]} == {26}
    assert cell_len(lines[1]) == max(map(cell_len, lines))


@pytest.mark.parametrize("width", [40, 50, 60])
def test_lines_fit_a_terminal_and_the_first_column_stays_whole(width: int) -> None:
    lines = [*draw(TITLES, ROWS, width)]
    assert max(map(cell_len, lines)) <= width
    assert all(line.startswith(row[0]) for line, row in zip(lines[2:], ROWS, strict=True))
    assert lines[-1].endswith("…")


def test_a_narrow_terminal_folds_what_cannot_be_cut() -> None:
    assert max(map(cell_len, draw(TITLES, ROWS, 5))) == 10 + 2 + 8 + 2 + 8
