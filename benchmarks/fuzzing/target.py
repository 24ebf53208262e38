"""What a fuzzer is pointed at: a reader of bytes, its seeds, and what must hold whatever comes."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """One parser.

    ``read`` takes any bytes. It swallows the parser's documented error and nothing else, and
    asserts what must hold of anything accepted, so whatever it raises is a finding. ``words`` are
    what mutations put in beside random bytes.
    """

    name: str
    read: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...] = ()


def text_of(data: bytes) -> str:
    """Return bytes as the text that a caller could hand over, lone surrogates and all."""
    return data.decode("utf-8", "surrogateescape")


def encoded(*texts: str) -> tuple[bytes, ...]:
    """Return texts as seeds."""
    return tuple(text.encode("utf-8", "surrogateescape") for text in texts)
