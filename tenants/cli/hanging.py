"""Lines that are too long for a terminal: what goes on stands below the text, further in."""

import shutil
import sys
import textwrap

_FURTHER_IN = 4


def hanging(line: str) -> list[str]:
    """Return a line in pieces that the terminal shows whole; in a pipe it stays in one."""
    columns = shutil.get_terminal_size().columns
    if not sys.stdout.isatty() or len(line) <= columns:
        return [line]
    indent = len(line) - len(line.lstrip()) + _FURTHER_IN
    # A URL in two pieces could not be copied.
    return textwrap.wrap(
        line,
        columns,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
