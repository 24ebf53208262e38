"""What a change has changed, in words: a line for each difference."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tenants.differences import Difference

Members = Mapping[str, object]


_UNSAID = ("rate", "jwks")


def key_words(jwk: Mapping[str, object]) -> str:
    """Return which public key it is: nobody reads its numbers."""
    return f"{jwk.get('kid', 'without a kid')} ({jwk.get('alg', jwk['kty'])})"


def difference_lines(before: Members | None, after: Members | None) -> Iterator[str]:
    """Yield lines such as ``limits: user 10/minute → 20/minute``; of something new or gone none."""
    from tenants.differences import ItemDifference, differences

    if before is None or after is None:
        return
    for _, each in groupby(differences(before, after), key=lambda found: found.path):
        same = list(each)
        if len(same) == 2 and len(same[0].path) > 1 and same[0].kind != same[1].kind:
            # One text of a list in place of another.
            yield _line(replace(same[0], kind="change", after=same[1].after), is_item=False)
        else:
            yield from (_line(one, is_item=isinstance(one, ItemDifference)) for one in same)


def _line(difference: "Difference", *, is_item: bool) -> str:
    member, *inner = difference.path
    # The rate is what a limit is, and a key set its keys: no need to say so.
    names = [name for name in inner if name not in _UNSAID]
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
    if isinstance(value, Mapping) and "kty" in value:
        return key_words(value)
    if isinstance(value, Mapping):
        return ", ".join(
            _words(member) if name in _UNSAID else f"{name} {_words(member)}"
            for name, member in value.items()
        )
    if isinstance(value, list):
        return ", ".join(map(_words, value)) or "none"
    if isinstance(value, bool):
        return str(value).lower()  # as a tenants file has it
    return "none" if value in (None, "") else str(value)
