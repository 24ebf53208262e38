"""JSON with the strictness of the YAML reader: no member twice, no value that JSON lacks."""

import json
from collections.abc import Iterator
from typing import NoReturn

from tenants.declare.yaml_reading import MAX_DEPTH, Finish, UnreadableError
from tenants.problems import Place, Problem


class _Twice(dict[str, object]):
    """An object that names members more than once; ``names`` are theirs."""

    names: tuple[str, ...] = ()


def read_json(text: str, finish: Finish) -> tuple[object, list[Problem]]:
    """Return the value, with what is wrong in it; lines are found by who shows them.

    Raises:
        UnreadableError: where the text stops being JSON.
    """
    try:
        value: object = json.loads(
            text, object_pairs_hook=_members, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as error:
        found = Problem("TA002", f"this is not JSON: {error.msg} (column {error.colno})")
        raise UnreadableError(found, error.lineno) from None
    except (ValueError, RecursionError) as error:
        what = f"values are nested more than {MAX_DEPTH} deep"
        text = what if isinstance(error, RecursionError) else str(error)
        raise UnreadableError(Problem("TA003", text), 0) from None
    problems = list(_twice(value, ()))
    return _finished(value, finish), problems


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(reversed(pairs))
    if len(members) == len(pairs):
        return dict(pairs)
    names = [name for name, _ in pairs]
    twice = _Twice(members)
    twice.names = tuple(name for name in members if names.count(name) > 1)
    return twice


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _twice(value: object, place: Place) -> Iterator[Problem]:
    if len(place) > MAX_DEPTH:
        text = f"values are nested more than {MAX_DEPTH} deep"
        raise UnreadableError(Problem("TA003", text, place[:4]), 0)
    if isinstance(value, _Twice):
        for name in value.names:
            yield Problem("TA004", f"{name[:80]!r} is given twice", (*place, name))
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _twice(member, (*place, name))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _twice(item, (*place, at))


def _finished(value: object, finish: Finish) -> object:
    """Hand over each item of a list below the top, as the YAML reader does."""
    if not isinstance(value, dict):
        return value
    for name, member in value.items():
        if isinstance(member, list):
            value[name] = [finish((name, at), item) for at, item in enumerate(member)]
    return value
