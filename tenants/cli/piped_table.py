"""Tables in a pipe, or too wide for a terminal: no cell is cut, no line padded beyond a screen.

Long cells for which there is no room beside the rest of their row stand below it.
"""

import shutil
from collections.abc import Iterator, Sequence

from rich.cells import cell_len

Row = Sequence[str]

_GAP = "  "
_NOTHING = "-"
_LONG = 12  # What is shorter stays in its row: a line of its own would say no more than the title.


def draw(titles: Row, rows: Sequence[Row]) -> Iterator[str]:
    """Yield lines; ``COLUMNS`` says how wide a screen is, 80 without it.

    The longest columns go below the rows, with their titles. The last one needs no padding: only
    those of its cells go below that are too long themselves.
    """
    screen = shutil.get_terminal_size().columns
    widths = [max(map(cell_len, column)) for column in zip(titles, *rows, strict=True)]
    last = len(titles) - 1
    beside = _that_fit(widths[:last], screen - cell_len(titles[last]))
    below = [at for at in range(last) if at not in beside]
    padded = {at: min(widths[at], screen // 2) for at in beside}
    indent = max((cell_len(titles[at]) for at in (*below, last)), default=0)
    yield _line(titles, padded)
    yield "─" * min(screen, sum(padded.values()) + len(_GAP) * len(padded) + widths[last])
    for row in rows:
        line = _line(row, padded)
        fits = cell_len(line) <= screen or cell_len(row[last]) < _LONG or not padded
        yield line if fits else _line((*row[:last], ""), padded)
        for at in below:
            if row[at] != _NOTHING:
                yield f"{_GAP}{_pad(titles[at], indent)}{_GAP}{row[at]}"
        if not fits:
            # Alone it needs no title: it is what its row is about.
            title = f"{_pad(titles[last], indent)}{_GAP}" if below else ""
            yield f"{_GAP}{title}{row[last]}"


def _that_fit(widths: Sequence[int], room: int) -> list[int]:
    """Return the columns that stand beside each other: the longest leave first, the first never."""
    beside = list(range(len(widths)))
    while sum(widths[at] + len(_GAP) for at in beside) > room:
        longest = max(beside[1:], key=lambda at: widths[at], default=0)
        if widths[longest] < _LONG or longest == 0:
            break
        beside.remove(longest)
    return beside


def _line(row: Row, padded: dict[int, int]) -> str:
    cells = [_pad(row[at], width) for at, width in padded.items()]
    return _GAP.join([*cells, row[-1]]).rstrip()


def _pad(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))
