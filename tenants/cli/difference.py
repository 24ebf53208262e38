"""What a change has changed, in words: two documents compared, a line for each difference."""

from collections.abc import Iterator, Mapping
from typing import TypeGuard

Members = Mapping[str, object]

# What tells one part of a list from another, in the documents of `tenants.document`.
_NAMES = ("name", "path", "issuer")


def differences(before: Members | None, after: Members | None) -> Iterator[str]:
    """Yield lines such as ``limits: user 10/minute → 20/minute``."""
    if before is None or after is None:
        return
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old != new:
            yield from (f"{name}: {text}" for text in _of_member(old, new))


def _of_member(old: object, new: object) -> Iterator[str]:
    old_parts, new_parts = _by_name(old), _by_name(new)
    if old_parts is not None and new_parts is not None:
        yield from _of_parts(old_parts, new_parts)
    elif _is_texts(old) and _is_texts(new) and {*old} != {*new}:
        yield from (f"+ {item}" for item in new if item not in old)
        yield from (f"- {item}" for item in old if item not in new)
    else:
        yield f"{_words(old)} → {_words(new)}"


def _is_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _of_parts(old: Members, new: Members) -> Iterator[str]:
    for name in dict.fromkeys((*old, *new)):
        if name not in old:
            yield f"+ {name} {_words(new[name])}".rstrip()
        elif name not in new:
            yield f"- {name} {_words(old[name])}".rstrip()
        elif old[name] != new[name]:
            yield from (f"{name} {text}" for text in _of_part(old[name], new[name]))
    if [*old] != [*new] and old.keys() == new.keys():
        yield f"{', '.join(old)} → {', '.join(new)}"


def _of_part(old: object, new: object) -> Iterator[str]:
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        yield f"{_words(old)} → {_words(new)}"
        return
    for line in differences(old, new):
        member, _, text = line.partition(": ")
        # The rate is what a limit is: no need to say so.
        yield text if member == "rate" else f"{member} {text}"


def _by_name(value: object) -> Members | None:
    """Return the parts of a member by name, when it is made of such."""
    if isinstance(value, Mapping):
        return value
    if not isinstance(value, list) or not all(isinstance(part, Mapping) for part in value):
        return None
    return {_name(part): _without_name(part) for part in value}


def _name(part: Members) -> str:
    return next((str(part[name]) for name in _NAMES if name in part), "?")


def _without_name(part: Members) -> Members:
    name = next((name for name in _NAMES if name in part), None)
    return {member: value for member, value in part.items() if member != name}


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
