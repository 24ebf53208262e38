"""A plain mutational engine: for Pythons without atheris, and for the test suite.

It knows no coverage. The seeds are good, and one to four edits at a time keep most of them nearly
good, which is where parsers err.
"""

from collections.abc import Callable, Iterator
from random import Random

from benchmarks.fuzzing.target import Target

MAX_BYTES = 16_384

Edit = Callable[[bytearray, int, int, bytes], None]


def inputs(target: Target, number: int, seed: int) -> Iterator[bytes]:
    """Yield the seeds, then so many inputs in all; the same ones for the same ``seed``."""
    yield from target.seeds[:number]
    random = Random(seed)  # noqa: S311  # inputs are to be repeatable, and are no secrets
    for _ in range(number - len(target.seeds)):
        yield mutated(target, random)


def mutated(target: Target, random: Random) -> bytes:
    """Return a seed with one to four edits; one in fifty is random bytes."""
    if random.random() < 0.02:
        return random.randbytes(random.randrange(200))
    data = bytearray(random.choice(target.seeds))
    for _ in range(random.randint(1, 4)):
        begin, end = sorted((random.randint(0, len(data)), random.randint(0, len(data))))
        if random.random() < 0.7:
            end = min(end, begin + random.randint(0, 4))
        random.choice(_EDITS)(data, begin, end, _put(target, random))
    return bytes(data[:MAX_BYTES])


def _put(target: Target, random: Random) -> bytes:
    kind = random.randrange(4)
    if kind == 0 and target.words:
        return random.choice(target.words)
    if kind == 1:
        other = random.choice(target.seeds)
        begin = random.randint(0, len(other))
        return other[begin : begin + random.randint(0, 40)]
    if kind == 2:
        return chr(random.choice((0x7F, 0x7FF, 0xD7FF, 0x10FFFF)) - random.randrange(0x60)).encode()
    return random.randbytes(random.randint(1, 3))


def _replace(data: bytearray, begin: int, end: int, put: bytes) -> None:
    data[begin:end] = put


def _insert(data: bytearray, begin: int, end: int, put: bytes) -> None:
    data[begin:begin] = put


def _remove(data: bytearray, begin: int, end: int, put: bytes) -> None:
    del data[begin:end]


def _repeat(data: bytearray, begin: int, end: int, put: bytes) -> None:
    data[begin:begin] = data[begin:end] * (1 + len(put) % 8)


def _flip(data: bytearray, begin: int, end: int, put: bytes) -> None:
    if begin < len(data):
        data[begin] ^= 1 << len(put) % 8


def _turn_case(data: bytearray, begin: int, end: int, put: bytes) -> None:
    data[begin:end] = data[begin:end].swapcase()


_EDITS: tuple[Edit, ...] = (_replace, _insert, _remove, _repeat, _flip, _turn_case)
