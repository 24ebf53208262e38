"""Run a target: ``python -m benchmarks.fuzzing token --inputs 1000000 [--engine plain]``.

``atheris`` (the default engine) follows coverage and is installed by hand; ``plain`` needs nothing.
An input that is a finding ends the run with a traceback, and is kept in the folder of ``--keep``.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.fuzzing.outbound import Outbound

_SLOWEST_S = 5
_MEMORY_MB = 1024


def _watched(read: Callable[[bytes], None], outbound: Outbound) -> Callable[[bytes], None]:
    def read_watched(data: bytes) -> None:
        read(data)
        if outbound.seen:
            raise AssertionError(f"this input made the process call out: {outbound.seen}")

    return read_watched


def run_plain(name: str, number: int, seed: int, keep: Path) -> None:
    """Read so many inputs, and say how many there were in which time."""
    from benchmarks.fuzzing.mutation import inputs
    from benchmarks.fuzzing.targets import TARGETS

    target, outbound = TARGETS[name], Outbound()
    read, began, slowest_s = _watched(target.read, outbound), time.perf_counter(), 0.0
    for data in inputs(target, number, seed):
        started = time.perf_counter()
        try:
            read(data)
        except BaseException:
            (keep / f"finding-{name}").write_bytes(data)
            raise
        slowest_s = max(slowest_s, time.perf_counter() - started)
    took_s = time.perf_counter() - began
    print(
        f"{name}: {number:,} inputs in {took_s:.0f} s, 0 findings,"
        f" {len(outbound.seen)} outbound calls, the slowest took {slowest_s * 1000:.1f} ms"
    )


def run_atheris(name: str, number: int, seed: int, keep: Path) -> None:
    """Hand the target to libFuzzer, which ends the process when it has read so many inputs."""
    import atheris

    with atheris.instrument_imports(include=["tenantauth", "tenants"]):
        from benchmarks.fuzzing.targets import TARGETS

    target, outbound = TARGETS[name], Outbound()
    corpus = Path(tempfile.mkdtemp(prefix=f"fuzzing-{name}-"))
    for at, data in enumerate(target.seeds):
        (corpus / f"seed-{at}").write_bytes(data)
    words = "".join(f'"{_escaped(word)}"\n' for word in target.words)
    (keep / f"words-{name}").write_text(words, encoding="ascii")
    options = [
        *(f"-runs={number}", f"-seed={seed}", f"-dict={keep / f'words-{name}'}"),
        *(f"-timeout={_SLOWEST_S}", f"-rss_limit_mb={_MEMORY_MB}", "-max_len=16384"),
        *(f"-artifact_prefix={keep}/finding-{name}-", "-print_final_stats=1"),
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], _watched(target.read, outbound))
    atheris.Fuzz()


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzzing")
    parser.add_argument("target", help="token, header, claims, host, origin, authorization …")
    parser.add_argument("--engine", choices=["atheris", "plain"], default="atheris")
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()))
    options = parser.parse_args()
    run = run_plain if options.engine == "plain" else run_atheris
    run(options.target, options.inputs, options.seed, options.keep)


if __name__ == "__main__":
    main()
