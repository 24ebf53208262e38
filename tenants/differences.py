"""What differs between two documents, down to one limit, role or origin.

They are those of `tenants.document`: what plans compare, and what audit events keep of a change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from tenantauth.json_values import same_json
from tenants.audit import masked

Path = tuple[str, ...]

# Lists whose items are known by a member of theirs.
_NAMED_BY: Mapping[str, str] = MappingProxyType(
    {"limits": "name", "cors": "path", "trusted_issuers": "issuer"}
)
# What operators name themselves is never taken for the name of a secret.
_OPEN = frozenset({"metadata", "trusted_issuers"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that appears, goes, or becomes another; secrets are masked."""

    path: Path
    kind: Literal["add", "remove", "change"]
    before: object = None
    after: object = None


@dataclass(frozen=True, slots=True)
class ItemDifference(Difference):
    """One text that appears in a list, or goes from it."""


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[Difference]:
    """Yield what differs between two documents, in the order of their members."""
    for name in dict.fromkeys((*before, *after)):
        for each in _compare((name,), before.get(name), after.get(name)):
            yield _shown(each) if name in _OPEN else each


def _compare(path: Path, before: object, after: object) -> Iterator[Difference]:
    if same_json(before, after):
        return
    before, after = _named(path, before, after)
    if len(path) == 1 and isinstance(before or after, dict):
        # Of something new each part is shown by itself.
        before, after = before or {}, after or {}
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*before, *after)):
            yield from _compare((*path, name), before.get(name), after.get(name))
    elif (texts := _different_texts(before, after)) is not None:
        gone, new = texts
        yield from (ItemDifference(path, "remove", text) for text in gone)
        yield from (ItemDifference(path, "add", None, text) for text in new)
    elif before is None:
        if after not in ([], {}):
            yield Difference(path, "add", None, after)
    elif after is None:
        if before not in ([], {}):
            yield Difference(path, "remove", before)
    else:
        yield Difference(path, "change", before, after)


def _named(path: Path, before: object, after: object) -> tuple[object, object]:
    """Return both by the names of their parts; only these names where their order alone differs."""
    old, new = _by_name(path, before), _by_name(path, after)
    if isinstance(old, dict) and isinstance(new, dict) and old == new:
        return [*old], [*new]
    return old, new


def _by_name(path: Path, value: object) -> object:
    name = _NAMED_BY.get(path[0]) if len(path) == 1 else None
    if name is None or not isinstance(value, list):
        return value
    items = {item[name]: {k: v for k, v in item.items() if k != name} for item in value}
    # Twice the same name is a finding elsewhere; here both must be seen.
    return items if len(items) == len(value) else value


def _different_texts(before: object, after: object) -> tuple[list[str], list[str]] | None:
    """Return which texts go and which come; when only their order differs, that is the change."""
    old, new = _texts(before), _texts(after)
    if old is None or new is None or set(old) == set(new):
        return None
    return [text for text in old if text not in new], [text for text in new if text not in old]


def _texts(value: object) -> list[str] | None:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return None


def _shown(difference: Difference) -> Difference:
    def mask(value: object) -> object:
        return None if value is None else masked({difference.path[-1]: value})[difference.path[-1]]

    return replace(difference, before=mask(difference.before), after=mask(difference.after))
