"""The faults that a module could have: each is one change of its syntax tree.

Decorators, annotations, docstrings and the sentences of errors stay as they are.
"""

import ast
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

OTHER_OPERATOR: dict[type[ast.AST], type[ast.AST]] = {
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
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.Mod: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Pow: ast.Mult,
    ast.RShift: ast.LShift,
    ast.LShift: ast.RShift,
}
OTHER_NAME = {"all": "any", "any": "all", "min": "max", "max": "min"}
OTHER_VALUE: dict[type, Callable[[Any], bool | int | float | str | bytes]] = {
    bool: lambda value: not value,
    int: lambda value: value + 1,
    float: lambda value: value + 1,
    # At the front, which a search for the former text notices too.
    str: lambda value: ("Y" if value[:1] == "X" else "X") + value[1:],
    bytes: lambda value: b"X" + value[1:],
}
NOT_RUN = re.compile("__slots__|[A-Z][A-Za-z]*[a-z][A-Za-z]*")
LEFT_ALONE = ("decorator_list", "annotation", "returns", "type_comment", "type_params")


@dataclass(frozen=True, slots=True)
class Fault:
    """The text of a faulty module; ``function`` holds the fault, when it is in the body of one."""

    text: str
    function: str | None
    what: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node hangs in the tree."""

    parent: ast.AST
    field: str
    index: int | None
    function: str | None

    def get(self) -> ast.AST:
        value = getattr(self.parent, self.field)
        node: ast.AST = value if self.index is None else value[self.index]
        return node

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def faults(source: str) -> Iterator[Fault]:
    """Yield each faulty text of a module."""
    tree = ast.parse(source)
    for place in list(places(tree)):
        node = place.get()
        for faulty in changes(node):
            place.put(faulty)
            text = ast.unparse(ast.fix_missing_locations(tree))
            place.put(node)
            was, now = (ast.unparse(each).split("\n")[0] for each in (node, faulty))
            line = getattr(node, "lineno", 0)
            if was != now or "\n" in ast.unparse(node):
                yield Fault(text, place.function, f"{line}: {was}  ->  {now}")


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what a node could be by mistake."""
    if isinstance(node, ast.stmt):
        yield from changes_of_statement(node)
    if isinstance(node, ast.BoolOp | ast.BinOp | ast.UnaryOp | ast.Compare):
        yield from changes_of_operator(node)
    match node:
        case ast.If() | ast.IfExp() | ast.While():
            yield changed(node, test=ast.UnaryOp(ast.Not(), node.test))
        case ast.Constant(value=bool() | int() | float() | str() | bytes() as value):
            yield ast.Constant(OTHER_VALUE[type(value)](value))
        case ast.Call(args=[first, second, *rest]) if not isinstance(second, ast.Starred):
            yield changed(node, args=[second, first, *rest])
        case ast.Name(id=name) if name in OTHER_NAME:
            yield ast.Name(OTHER_NAME[name], ast.Load())


def changes_of_operator(node: ast.expr) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=ops):
            for index, op in enumerate(ops):
                other = OTHER_OPERATOR[type(op)]()
                yield changed(node, ops=[*ops[:index], other, *ops[index + 1 :]])
        case ast.BoolOp():
            yield from changes_of_bool(node)
        case ast.BinOp(op=ast.BitOr() | ast.BitAnd()):
            yield from (node.left, node.right)
        case ast.BinOp(op=op):
            yield changed(node, op=OTHER_OPERATOR[type(op)]())
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand


def changes_of_statement(node: ast.stmt) -> Iterator[ast.AST]:
    match node:
        case ast.Return(value=ast.expr()) if ast.unparse(node) != "return None":
            yield ast.Return(ast.Constant(None))
        case ast.Return(value=None):
            yield ast.Pass()
        case ast.Break():
            yield ast.Continue()
        case ast.Expr() | ast.Assign() | ast.AugAssign() | ast.Raise() | ast.Delete():
            yield ast.Pass()
        case ast.Continue():
            yield ast.Break()


def changes_of_bool(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield changed(node, op=ast.And() if isinstance(node.op, ast.Or) else ast.Or())
    for left_out in range(len(node.values)):
        kept = node.values[:left_out] + node.values[left_out + 1 :]
        yield changed(node, values=kept) if len(kept) > 1 else kept[0]


def changed(node: ast.AST, **fields: object) -> ast.AST:
    other = deepcopy(node)
    vars(other).update(fields)
    return other


def places(node: ast.AST, scope: str = "", function: str | None = None) -> Iterator[Place]:
    """Yield where each node hangs that may be changed."""
    for field, value in ast.iter_fields(node):
        if field in LEFT_ALONE:
            continue
        inner_scope, inner = scope, function
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and function is None:
            inner_scope = f"{scope}{node.name}."
            if isinstance(node, ast.FunctionDef) and field == "body":
                inner = f"{scope}{node.name}"
        children = value if isinstance(value, list) else [value]
        for index, child in enumerate(children):
            if not isinstance(child, ast.AST) or is_for_people(node, child):
                continue
            yield Place(node, field, index if isinstance(value, list) else None, inner)
            yield from places(child, inner_scope, inner)


def is_for_people(parent: ast.AST, node: ast.AST) -> bool:
    """Tell docstrings and the sentences of errors, but not their codes; and names of types."""
    if isinstance(node, ast.Assign) and NOT_RUN.fullmatch(ast.unparse(node.targets[0])):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.JoinedStr):
        return True
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    return is_text and isinstance(parent, ast.Call | ast.Assign)
