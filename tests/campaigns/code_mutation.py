"""Small faults in Python code: what can be changed in a module, one change at a time.

A fault is one that a person makes: another comparison, sign, number or bound, ``and`` for ``or``, a
condition the wrong way round, a value that is not returned. Left alone are docstrings, type hints,
what is raised (messages and hints), what only asserts (``assert``, ``strict`` of ``zip``), and the
conditions of ``if TYPE_CHECKING``.
"""

from __future__ import annotations

import ast
import copy
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType

COMPARED = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
CALCULATED = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Mutation:
    """One change of a module: where, in which function, and the module's tree with it."""

    line: int
    function: str
    tree: ast.Module

    def difference(self, original: str) -> str:
        """The lines that differ from the module's own, both written out from trees: no comments."""
        old, new = original.splitlines(), ast.unparse(self.tree).splitlines()
        lines = difflib.unified_diff(old, new, n=0, lineterm="")
        return "\n".join(line for line in lines if line[:2] not in ("--", "++", "@@"))


def mutations(tree: ast.Module) -> dict[int, list[tuple[int, int]]]:
    """The possible changes of a module by line: number of the node, number of its variant."""
    number = {id(node): place for place, node in enumerate(ast.walk(tree))}
    found: dict[int, list[tuple[int, int]]] = {}
    for node, _ in _code(tree, ""):
        for variant in range(len(_variants(node))):
            found.setdefault(node.lineno, []).append((number[id(node)], variant))
    return found


def mutation(tree: ast.Module, node_number: int, variant: int) -> Mutation:
    """The module with one change; the tree given stays as it is."""
    changed = copy.deepcopy(tree)
    node = list(ast.walk(changed))[node_number]
    function = next(name for other, name in _code(changed, "") if other is node)
    new = ast.copy_location(_variants(node)[variant], node)
    changed = _Replacement(node, new).visit(changed)
    return Mutation(node.lineno, function, ast.fix_missing_locations(changed))


class Changed(SourceFileLoader):
    """Finds and loads one module with its change, in place of its file; for ``sys.meta_path``."""

    def __init__(self, module: str, path: Path, tree: ast.Module) -> None:
        super().__init__(module, str(path))
        self.tree = tree

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        """Where this module is asked for, its changed self."""
        if name != self.name:
            return None
        return spec_from_file_location(name, self.path, loader=self)

    def get_code(self, fullname: str) -> CodeType:
        """The changed module, compiled."""
        return compile(self.tree, self.path, "exec")


class _Replacement(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


def _code(node: ast.AST, function: str) -> Iterator[tuple[ast.AST, str]]:
    """The nodes of code that runs, each with the name of the function around it.

    Names are those of code objects (``f``, ``Class.f``, ``f.<locals>.g``); of what runs when the
    module is imported, the empty text.
    """
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "type_params"):
            continue
        inner = function
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and name == "body":
            inner = f"{function}{node.name}" + (
                ".<locals>." if isinstance(node, FUNCTIONS) else "."
            )
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _passed_over(child):
                if hasattr(child, "lineno"):
                    yield child, _name(inner)
                yield from _code(child, inner)


def _name(scope: str) -> str:
    """The function of a scope: ``f.<locals>.`` is in ``f``, the body of a class in none."""
    parts = scope.split("<locals>.")
    return "<locals>.".join(parts[:-1]).rstrip(".")


def _passed_over(node: ast.AST) -> bool:
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    typing = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    strict = isinstance(node, ast.keyword) and node.arg == "strict"
    return docstring or typing or strict or isinstance(node, (ast.Raise, ast.Assert, ast.Import))


def _variants(node: ast.AST) -> list[ast.AST]:
    """What a node may become."""
    match node:
        case ast.Compare(left=left, ops=operators, comparators=right):
            return [
                ast.Compare(left, [*operators[:place], kind(), *operators[place + 1 :]], right)
                for place, operator in enumerate(operators)
                for kind in COMPARED[type(operator)]
            ]
        case ast.BinOp(left=left, op=operator, right=right) if not _is_text(left, right):
            return [ast.BinOp(left, kind(), right) for kind in CALCULATED.get(type(operator), ())]
        case ast.BoolOp(op=operator, values=values):
            return [ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)]
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert(), operand=operand):
            return [operand]
        case ast.Constant(value=value):
            return [ast.Constant(other) for other in _other_values(value)]
        case ast.If(test=test, body=body, orelse=orelse):
            return [ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)]
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return [ast.IfExp(test, orelse, body)]
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            return [ast.Return(ast.Constant(None))]
        case ast.Slice(lower=lower, upper=upper, step=step):
            one = ast.Constant(1)
            ends = [ast.Slice(lower, ast.BinOp(upper, ast.Sub(), one), step)] if upper else []
            starts = [ast.Slice(ast.BinOp(lower, ast.Add(), one), upper, step)] if lower else []
            return starts + ends
        case ast.Break():
            return [ast.Continue()]
        case ast.Continue():
            return [ast.Break()]
    return []


def _is_text(*operands: ast.expr) -> bool:
    """Whether texts are joined, or one is filled in: no other operator has a meaning."""
    return any(
        isinstance(part, ast.JoinedStr)
        or (isinstance(part, ast.Constant) and isinstance(part.value, str))
        for part in operands
    )


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _other_values(value: object) -> list[object]:
    """Other constants in the place of this one; texts are left alone, most are sentences."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1]
    if isinstance(value, float):
        return [value * 2 if value else 1.0]
    return []
