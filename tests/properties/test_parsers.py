"""Whatever strangers write: every parser's own error or a sound value, in bounded work and memory.

The targets are those of `benchmarks/fuzzing`, which runs them a million times each.
"""

import time
import tracemalloc
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fuzzing.mutation import inputs, mutated
from benchmarks.fuzzing.target import Target
from benchmarks.fuzzing.targets import TARGETS

BYTES = st.binary(max_size=300) | st.text(max_size=100).map(
    lambda text: text.encode("utf-8", "surrogatepass")
)
each_target = pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)


@each_target
def test_every_seed_is_read(target: Target) -> None:
    """Threats 1 to 5, 14, 15, 17 to 30, 36 to 43, 45, 57, 63, 81: known by name."""
    for seed in target.seeds:
        target.read(seed)


@each_target
@given(BYTES)
def test_any_bytes_are_read(target: Target, data: bytes) -> None:
    """Threats 17 to 23, 45, 57, 63, 72, 81."""
    target.read(data)


@each_target
@given(random=st.randoms(use_true_random=False))
def test_a_seed_with_a_few_edits_is_read(target: Target, random: Random) -> None:
    """Threats 17 to 30, 36 to 43, 44, 45, 46, 57, 63, 72, 81: nearly good, and really signed."""
    target.read(mutated(target, random))


@each_target
def test_what_a_parser_does_not_expect_is_a_finding(target: Target) -> None:
    """So that a target that swallows everything would show."""
    with pytest.raises((AttributeError, TypeError)):
        target.read(None)  # type: ignore[arg-type]  # what no caller can send


def test_the_engine_repeats_itself_and_begins_with_the_seeds() -> None:
    target = TARGETS["host"]
    first, second, other = (list(inputs(target, 200, seed)) for seed in (1, 1, 2))
    assert first == second != other
    assert tuple(first[: len(target.seeds)]) == target.seeds
    assert len(set(first)) > 150


# What has made parsers slow: a long run of one thing, or of what nearly matches.
RUNS = {
    "letters": b"a",
    "dots": b".",
    "spaces": b" ",
    "labels": b"a.",
    "stars": b"*.",
    "digits": b"9",
    "colons": b":",
    "slashes": b"/",
    "commas": b"Bearer ,",
    "schemes": b"bearer ",
    "brackets": b"[",
    "objects": b'{"a":',
    "members": b'"a":1,',
    "quotes": b'\\"',
    "unicode": "\u3002\u00e9".encode(),
    "durations": b"1/minute;",
    "zeros": b"0/0 minute ",
}
HEADS = (b"", b"Bearer ", b"https://", b"/", b"1/", b"[", b'{"', b"a.b.")
SHORT, TIMES = 2_000, 16


def seconds(read: Callable[[bytes], None], data: bytes) -> float:
    """Return the processor time of the fastest of three readings."""
    taken = []
    for _ in range(3):
        began = time.process_time()
        read(data)
        taken.append(time.process_time() - began)
    return min(taken)


@each_target
@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_work_grows_no_faster_than_the_input(target: Target, run: bytes) -> None:
    """Threats 22 and 23: sixteen times the input is not the 256 times of quadratic work."""
    for head in HEADS:
        short, long = (head + (run * size)[:size] for size in (SHORT, SHORT * TIMES))
        # The allowance is what quadratic work of a nanosecond a step would take twenty times over.
        assert seconds(target.read, long) < 4 * TIMES * seconds(target.read, short) + 0.05


@each_target
def test_memory_is_bounded_by_the_input(target: Target) -> None:
    """Threats 15 and 22: nothing unpacks, and nothing grows beyond what was sent."""
    for run in RUNS.values():
        data = (run * 8_000)[:8_000]
        target.read(data)
        tracemalloc.start()
        target.read(data)
        peak_bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak_bytes < 100 * len(data)
