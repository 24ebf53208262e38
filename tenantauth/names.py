"""Names, one or several: where several are taken, a bare string is one and not its letters."""

from collections.abc import Iterable

Names = str | Iterable[str]


def each_name(given: Names) -> tuple[str, ...]:
    """Return the names in a stable order: as given, of a set sorted."""
    if isinstance(given, str):
        return (given,)
    # A set has another order in each process, and what is answered or stored should not.
    return tuple(sorted(given, key=str) if isinstance(given, set | frozenset) else given)
