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

_NOBODY: Mapping[int, object] = MappingProxyType({})
_stand_ins: ContextVar[Mapping[int, object]] = ContextVar("tenantauth.stand_ins", default=_NOBODY)


@contextmanager
def stand_in(original: T, other: T) -> Iterator[None]:
    """Put ``other`` in the place of ``original`` for whoever asks `standing` in this context."""
    # By identity: two equal stacks are two stacks. The original lives as long as this block.
    token = _stand_ins.set({**_stand_ins.get(), id(original): other})
    try:
        yield
    finally:
        _stand_ins.reset(token)


def standing(original: T) -> T:
    """Return what stands in the place of ``original`` here: itself, but in a test."""
    return cast(T, _stand_ins.get().get(id(original), original))
