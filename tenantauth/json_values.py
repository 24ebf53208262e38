"""When two JSON values are one."""

from collections.abc import Mapping


def same_json(one: object, other: object) -> bool:
    """Compare by type too: to Python 1, 1.0 and ``True`` are equal, to JSON they are not.

    Objects and lists may be frozen.
    """
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same_json(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same_json, one, other))
    return type(one) is type(other) and one == other
