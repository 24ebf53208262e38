"""Something else in an object's place, in one context only: how a test serves an app differently.

Nothing of the original is changed, so that other threads, other clients and the next test meet it
as it is. The context is the one of `contextvars`: a thread, or a task.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import TypeVar, cast

T = TypeVar("T")

# In a list of its own each, so that one who stands in twice is two.
Entries = tuple[list[object], ...]

_NOBODY: Mapping[int, Entries] = MappingProxyType({})
_stand_ins: ContextVar[Mapping[int, Entries]] = ContextVar("tenantauth.stand_ins", default=_NOBODY)


@contextmanager
def stand_in(original: T, other: T) -> Iterator[None]:
    """Put ``other`` in the place of ``original`` for whoever asks `standing` in this context.

    Of several the last counts. Blocks may end in any order: each takes away its own.
    """
    # By identity: two equal stacks are two stacks. The original lives as long as this block.
    key, entry = id(original), [cast(object, other)]
    _set(key, (*_stand_ins.get().get(key, ()), entry))
    try:
        yield
    finally:
        _set(key, tuple(each for each in _stand_ins.get().get(key, ()) if each is not entry))


def standing(original: T) -> T:
    """Return what stands in the place of ``original`` here: itself, but in a test."""
    entries = _stand_ins.get().get(id(original))
    return cast(T, entries[-1][0]) if entries else original


def _set(key: int, entries: Entries) -> None:
    others = {each: kept for each, kept in _stand_ins.get().items() if each != key}
    _stand_ins.set({**others, key: entries} if entries else others)
