"""Many values in statements that each name some of them."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")

# As many values as one statement names: SQLite allows 32,766, and plans for fewer are made faster.
PER_STATEMENT = 500


def chunks(items: Sequence[Item], size: int = PER_STATEMENT) -> Iterator[Sequence[Item]]:
    """Yield all items in order, ``size`` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
