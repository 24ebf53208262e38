"""How many small faults in a module its tests notice.

    python benchmarks/mutants.py tenantauth/origins.py tests/tenantauth/test_origins.py …

Each fault is one change of the syntax tree (a comparison, a condition, a constant, a statement),
made in a copy of the project. Decorators, annotations, docstrings and the words of errors stay as
they are. What the tests import from elsewhere is imported once, and each run is a fork of that.
"""

import ast
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
SWAPPED = {"all": "any", "any": "all"}
OTHER: dict[type, Callable[[Any], bool | int | str]] = {
    bool: lambda value: not value,
    int: lambda value: value + 1,
    str: lambda value: value + "X",
}
OPTIONS = ("-xq", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
PRELOADED = ("pytest", "hypothesis", "flask", "flask_cors", "joserfc.jwt", "psycopg", "sqlalchemy")


def faults(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what a node could be by mistake."""
    match node:
        case ast.Compare(ops=[op, *_]):
            yield changed(node, ops=[OPPOSITE[type(op)](), *node.ops[1:]])
        case ast.BoolOp():
            yield from faults_of_and(node)
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.If() | ast.IfExp():
            yield changed(node, test=ast.UnaryOp(ast.Not(), node.test))
        case ast.Constant(value=bool() | int() | str() as value):
            yield ast.Constant(OTHER[type(value)](value))
        case ast.Return(value=ast.expr()) if ast.unparse(node) != "return None":
            yield ast.Return(ast.Constant(None))
        case ast.Expr() | ast.Assign() | ast.AugAssign() | ast.Raise():
            yield ast.Pass()
        case ast.Name(id="all" | "any" as name):
            yield ast.Name(SWAPPED[name], ast.Load())


def faults_of_and(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield changed(node, op=ast.And() if isinstance(node.op, ast.Or) else ast.Or())
    for left_out in range(len(node.values)):
        kept = node.values[:left_out] + node.values[left_out + 1 :]
        yield changed(node, values=kept) if len(kept) > 1 else kept[0]


def changed(node: ast.AST, **fields: object) -> ast.AST:
    other = deepcopy(node)
    vars(other).update(fields)
    return other


def places(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Yield where each node hangs that may be changed."""
    for name, value in ast.iter_fields(node):
        if name in ("decorator_list", "annotation", "returns", "type_comment"):
            continue
        if isinstance(node, ast.Raise) and name == "exc":
            continue
        children = value if isinstance(value, list) else [value]
        for index, child in enumerate(children):
            if not isinstance(child, ast.AST) or is_text(child):
                continue
            yield node, name, index if isinstance(value, list) else None
            yield from places(child)


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Yield each faulty text of a module, with its line and what stands there now."""
    tree = ast.parse(source)
    for parent, name, index in list(places(tree)):
        value = getattr(parent, name)
        node = value if index is None else value[index]
        for fault in faults(node):
            put(parent, name, index, fault)
            text = ast.unparse(ast.fix_missing_locations(tree))
            was, now = ast.unparse(node).split("\n")[0], ast.unparse(fault).split("\n")[0]
            yield text, f"{getattr(node, 'lineno', 0)}: {was}  ->  {now}"
            put(parent, name, index, node)


def put(parent: ast.AST, name: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(parent, name, node)
    else:
        getattr(parent, name)[index] = node


def noticed(folder: str, tests: list[str]) -> bool:
    """Tell whether any test fails."""
    child = os.fork()
    if not child:
        os.chdir(folder)
        sys.path.insert(0, folder)
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        os._exit(int(pytest.main([*OPTIONS, *tests])))
    return os.waitpid(child, 0)[1] != 0


def main(module: str, *tests: str) -> int:
    source = (ROOT / module).read_text()
    with tempfile.TemporaryDirectory() as folder:
        for part in ("tenantauth", "tenants", "tests", "alembic", "docs", "pyproject.toml"):
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, Path(folder, part))
        sys.dont_write_bytecode = True
        for each in PRELOADED:
            import_module(each)
        if noticed(folder, list(tests)):
            sys.exit("the tests fail as it is")
        killed = survived = 0
        for text, what in mutants(source):
            Path(folder, module).write_text(text)
            if noticed(folder, list(tests)):
                killed += 1
            else:
                survived += 1
                print(f"survived: {what}", flush=True)
    print(f"{module}: {killed} of {killed + survived} noticed")
    return survived


if __name__ == "__main__":
    main(*sys.argv[1:])
