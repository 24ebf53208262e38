"""Names, one or several, and the one that was meant.

Where several are taken, a bare string is one and not its letters.
"""

import difflib
from collections.abc import Iterable

# No name here is longer; letters in common are counted, which takes a while in a long text.
_MAX_NEAR_CHARS = 300

Names = str | Iterable[str]


def each_name(given: Names) -> tuple[str, ...]:
    """Return the names in a stable order: as given, of a set sorted."""
    if isinstance(given, str):
        return (given,)
    # A set has another order in each process, and what is answered or stored should not.
    return tuple(sorted(given, key=str) if isinstance(given, set | frozenset) else given)


def nearest(untrusted_name: str, known: Iterable[str]) -> str | None:
    """Return the known name that was probably meant, or ``None`` when none is near."""
    near = difflib.get_close_matches(untrusted_name[:_MAX_NEAR_CHARS], [*known], n=1)
    return near[0] if near else None
