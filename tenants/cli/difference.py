"""What a change has changed, in words: a line for each difference."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tenants.differences import Difference

Members = Mapping[str, object]


def difference_lines(before: Members | None, after: Members | None) -> Iterator[str]:
    """Yield lines such as ``limits: user 10/minute → 20/minute``; of something new or gone none."""
    from tenants.differences import ItemDifference, differences

    if before is not None and after is not None:
        for each in differences(before, after):
            yield _line(each, is_item=isinstance(each, ItemDifference))


def _line(difference: "Difference", *, is_item: bool) -> str:
    member, *inner = difference.path
    # The rate is what a limit is: no need to say so.
    names = [name for name in inner if name != "rate"]
    words = [*names[:-1], *_told(difference, names[-1:], is_item=is_item)]
    return f"{member}: {' '.join(words)}".rstrip()


def _told(difference: "Difference", last: list[str], *, is_item: bool) -> list[str]:
    old, new = _words(difference.before), _words(difference.after)
    sign, value = ("+", new) if difference.kind == "add" else ("-", old)
    if is_item:
        return [*last, sign, value]
    if difference.kind != "change" and len(difference.path) == 2:
        return [sign, *last, value]  # A limit, a role: a part of its own comes or goes.
    return [*last, old, "→", new]


def _words(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(
            _words(member) if name == "rate" else f"{name} {_words(member)}"
            for name, member in value.items()
        )
    if isinstance(value, list):
        return ", ".join(map(_words, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value in (None, "") else str(value)
