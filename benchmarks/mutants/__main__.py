"""Count the faults of modules that their tests notice.

    python -m benchmarks.mutants MODULE... [--of FORMER-OUTPUT] [-- TESTS...]

Without TESTS: those that mirror the modules. With a former output, only what survived there.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

import hypothesis
import pytest

from benchmarks.mutants.faults import Fault, faults
from benchmarks.mutants.runs import OPTIONS, ROOT, Reach, Session, is_noticed_from_import

# What takes long to import and is none of ours, so that each process has it from the start.
PRELOADED = ("flask", "joserfc.jwt", "joserfc.jwk", "psycopg", "sqlalchemy.orm", "yaml", "asgiref")

Faults = dict[str, list[Fault]]


def mirrors(module: str) -> list[str]:
    path = Path("tests", module)
    found = (ROOT / path.parent).glob(f"test_{path.stem}*.py")
    return sorted(str(each.relative_to(ROOT)) for each in found)


def passing_fast(of: Faults, tests: Sequence[str]) -> Iterator[tuple[str, int, list[str]]]:
    """Yield the faults that no test notices in the loaded module, and the files that reach it.

    Here the tests are collected once for all faults, which misses what acts at import.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        with open(writing, "w") as out:  # noqa: PTH123  # a descriptor, not a path

            def use(session: Session) -> None:
                reach = session.reach(list(of))
                for module, each in of.items():
                    for index, fault in enumerate(each):
                        files = mirrors(module) if fault.function else reaching(reach, module)
                        entering = reach.get((module, fault.function or ""), [])
                        if not entering or not session.is_noticed(module, fault, entering):
                            out.write(json.dumps([module, index, files]) + "\n")
                            out.flush()

            status = pytest.main([*OPTIONS, *tests], [Session(use)])
        os._exit(status)
    os.close(writing)
    with open(reading) as lines:  # noqa: PTH123  # as above
        yield from map(json.loads, lines)
    if os.waitpid(child, 0)[1]:
        raise SystemExit("the tests cannot be run")


def reaching(reach: Reach, module: str) -> list[str]:
    ids = [each for (where, _), ids in reach.items() if where == module for each in ids]
    others = {each.partition("::")[0] for each in ids} - set(mirrors(module))
    return [*mirrors(module), *sorted(others)]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.mutants")
    parser.add_argument("modules", nargs="+")
    parser.add_argument("--of", type=Path)
    own, _, tests = " ".join(arguments).partition(" -- ")
    options = parser.parse_args(own.split())
    former = None if options.of is None else options.of.read_text()
    of = {
        module: [
            fault
            for fault in faults((ROOT / module).read_text())
            if former is None or f"{module}:{fault.what}\n" in former
        ]
        for module in options.modules
    }
    chosen = tests.split() or [test for module in of for test in mirrors(module)]
    prepare()
    survived: Counter[str] = Counter()
    for module, index, files in passing_fast(of, chosen):
        fault = of[module][index]
        if not is_noticed_from_import(module, fault.text, files or chosen):
            survived[module] += 1
            print(f"survived: {module}:{fault.what}", flush=True)
    for module, each in of.items():
        print(f"{module}: {len(each) - survived[module]} of {len(each)} noticed", flush=True)
    return survived.total()


def prepare() -> None:
    sys.dont_write_bytecode = True
    hypothesis.settings.register_profile("mutants", database=None, derandomize=True)
    hypothesis.settings.load_profile("mutants")
    for each in PRELOADED:
        import_module(each)


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
