"""Running tests against a faulty module, each time in a process of its own."""

import importlib.util
import json
import os
import resource
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType

import pytest

from benchmarks.mutants.faults import Fault

ROOT = Path(__file__).parents[2]
OPTIONS = (
    "-xqs",
    *("-p", "no:cacheprovider"),
    *("-o", "timeout=0"),
    "--assert=plain",  # The other kind imports by itself, past `_Faulty`.
)
CPU_S = 60  # By the processor's clock, so that a busy machine ends no run before its time.
WALL_S = 600
MEMORY = 4 << 30

# Which tests enter a function, the fastest first; the function as its module's path and its name.
Reach = dict[tuple[str, str], list[str]]


def forked(work: Callable[[], object]) -> bool:
    """Tell whether it returned something true in a process of its own, or ended in no good way."""
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        signal.alarm(WALL_S)
        silence(1, 2)
        status = 1
        try:
            status = int(bool(work()))
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1] != 0


def silence(*descriptors: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for each in descriptors:
        os.dup2(nowhere, each)


class _Faulty(SourceFileLoader):
    """Loads one module from a text, and all others as ever."""

    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name, path)
        self._text = text

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=self)

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._text, self.path, "exec")


def is_noticed_from_import(module: str, text: str, tests: Sequence[str]) -> bool:
    """Tell whether a test fails when the module has this text from its import on."""

    def work() -> int:
        name = module.removesuffix(".py").replace("/", ".")
        sys.meta_path.insert(0, _Faulty(name, str(ROOT / module), text))
        return pytest.main([*OPTIONS, *tests])

    return forked(work)


class Session:
    """Hands the collected tests to a function instead of running them: a pytest plugin."""

    def __init__(self, use: "Callable[[Session], None]") -> None:
        self._use = use
        self.items: dict[str, pytest.Item] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        self._session = session
        self._use(self)
        return True

    def fails(self, ids: Sequence[str]) -> bool:
        """Tell whether one of these tests fails; the rest are not run then."""
        items = [self.items[each] for each in ids]
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._session.testsfailed:
                return True
        return False

    def reach(self, modules: Sequence[str]) -> Reach:
        """Run every test once, in a process of its own, and return what each enters."""
        reading, writing = os.pipe()
        if child := os.fork():
            os.close(writing)
            with open(reading) as lines:  # noqa: PTH123  # a descriptor, not a path
                reach = _by_function(map(json.loads, lines))
            if os.waitpid(child, 0)[1]:
                raise RuntimeError("a test fails without any fault")
            return reach
        os.close(reading)
        silence(1)
        with open(writing, "w") as out:  # noqa: PTH123  # as above
            for nodeid in self.items:
                started = time.process_time()
                with _Entered(modules) as entered:
                    failed = self.fails([nodeid])
                if failed:
                    os.write(2, f"fails as it is: {nodeid}\n".encode())
                    os._exit(1)
                took_s = time.process_time() - started
                out.write(json.dumps([nodeid, took_s, sorted(entered.functions)]) + "\n")
            out.flush()
        os._exit(0)

    def is_noticed(self, module: str, fault: Fault, tests: Sequence[str]) -> bool:
        """Tell whether a test fails when the function has this fault from now on."""

        def work() -> bool:
            replace_code(module, fault)
            return self.fails(tests)

        return forked(work)


class _Entered:
    """Which functions of these modules are entered meanwhile."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._modules = {str(ROOT / module): module for module in modules}
        self.functions: set[tuple[str, str]] = set()

    def _note(self, frame: FrameType, event: str, _arg: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename in self._modules:
            self.functions.add((self._modules[code.co_filename], code.co_qualname))

    def __enter__(self) -> "_Entered":
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)


def _by_function(told: Iterator[tuple[str, float, list[tuple[str, str]]]]) -> Reach:
    reach: Reach = defaultdict(list)
    for nodeid, _, functions in sorted(told, key=lambda each: each[1]):
        for module, function in functions:
            reach[module, function].append(nodeid)
    return reach


def replace_code(module: str, fault: Fault) -> None:
    """Give the function of the imported module the code that it has in the faulty one."""
    assert fault.function is not None
    code = compile(fault.text, str(ROOT / module), "exec")
    for part in fault.function.split("."):
        code = next(each for each in _inner(code) if each.co_name == part)
    loaded = sys.modules[module.removesuffix(".py").replace("/", ".")]
    _function(loaded, fault.function).__code__ = code


def _inner(code: CodeType) -> list[CodeType]:
    return [each for each in code.co_consts if isinstance(each, CodeType)]


def _function(module: ModuleType, name: str) -> FunctionType:
    found: object = module
    for part in name.split("."):
        found = vars(found)[part]
    for wrapping in ("fget", "__func__"):
        found = getattr(found, wrapping, found)
    assert isinstance(found, FunctionType)
    return found
