"""Write a failing case as Python that a student can paste and run.

A probe that runs straight through becomes plain lines with the case's values in
place of its parameters; any other is shown as a function, followed by its call.
"""

from __future__ import annotations

import ast
import copy
from typing import Any

from minigrade.kinds.base import Question
from minigrade.kinds.failures import literal


def as_code(question: Question, case: dict[str, Any]) -> str:
    """Return a program that puts `case` to the student's package and prints the answer."""
    tree = ast.parse(question.probe_text)
    name = question.check.name
    probe = next(
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name
    )
    # Only what this probe reaches: the slice of a task holds the probes of all its checks.
    helpers = _reached(tree, probe)
    parameters = [argument.arg for argument in probe.args.args]
    values = dict(zip(parameters[1:], question.leading(), strict=False)) | case
    body = _bare_body(probe)
    straight = _straight(body)
    if straight:
        lines = _inlined(body, parameters[0], values)
    else:
        lines = _called(probe, body, parameters[0], values)
    text = "\n".join(lines)
    package = "import minitorch" if straight else f"import minitorch as {parameters[0]}"
    given = [node for node in helpers if isinstance(node, ast.Import | ast.ImportFrom)]
    blocks = [ast.unparse(_bare(node)) for node in helpers if node not in given]
    whole = ast.parse("\n".join([*blocks, text]))
    used = {part.id for part in ast.walk(whole) if isinstance(part, ast.Name)}
    imports = [package, *(["import numpy as np"] if "np" in used else [])]
    imports += [_import_of(node, used) for node in given]
    return "\n\n".join(["\n".join(dict.fromkeys(imports)), *blocks, text])


def _import_of(node: ast.Import | ast.ImportFrom, used: set[str]) -> str:
    """Return an import statement, reduced to the names that are used."""
    node = copy.deepcopy(node)
    node.names = [alias for alias in node.names if _bound(alias) in used] or node.names
    return ast.unparse(node)


def _bound(alias: ast.alias) -> str:
    return (alias.asname or alias.name).split(".")[0]


def _reached(tree: ast.Module, probe: ast.FunctionDef) -> list[ast.stmt]:
    """Return the other top-level statements that `probe` needs, in order."""
    homes: dict[str, list[ast.stmt]] = {}
    for node in tree.body:
        for name in _names_of(node):
            homes.setdefault(name, []).append(node)
    wanted: list[ast.stmt] = []
    waiting: list[ast.AST] = [*probe.body]
    while waiting:
        for part in ast.walk(waiting.pop()):
            if isinstance(part, ast.Name):
                found = [n for n in homes.get(part.id, []) if n not in wanted and n is not probe]
                wanted += found
                waiting += found
    return [node for node in tree.body if node in wanted]


def _names_of(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [_bound(alias) for alias in node.names]
    return [
        part.id
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    ]


def _bare(node: ast.stmt) -> ast.stmt:
    """Return a statement without docstrings, decorators and annotations."""
    bared = ast.fix_missing_locations(_Baring().visit(copy.deepcopy(node)))
    assert isinstance(bared, ast.stmt)
    return bared


def _bare_body(probe: ast.FunctionDef) -> list[ast.stmt]:
    bared = _bare(probe)
    assert isinstance(bared, ast.FunctionDef)
    return bared.body


class _Baring(ast.NodeTransformer):
    """Take out what only readers of the task file need."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.body = _without_docstring(node.body) or [ast.Pass()]
        node.returns = None
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt | None:
        self.generic_visit(node)
        return ast.Assign([node.target], node.value) if node.value else None


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return body[1:] if is_text else body


def _straight(body: list[ast.stmt]) -> bool:
    """Whether the only ``return`` is the last statement."""
    returns = [part for node in body for part in ast.walk(node) if isinstance(part, ast.Return)]
    nested = any(isinstance(part, ast.FunctionDef | ast.ClassDef) for part in body)
    return len(returns) == 1 and returns[0] is body[-1] and not nested


def _inlined(body: list[ast.stmt], mt: str, values: dict[str, Any]) -> list[str]:
    """Return the body with values for parameters, printing what it returned."""
    assigned = {
        part.id
        for node in body
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }
    uses = [part.id for node in body for part in ast.walk(node) if isinstance(part, ast.Name)]
    kept = {
        name: value
        for name, value in values.items()
        if name in assigned or (uses.count(name) > 1 and len(literal(value)) > 12)
    }
    inline = {name: value for name, value in values.items() if name not in kept}
    lines = [f"{name} = {literal(value)}" for name, value in kept.items() if name in uses]
    for node in body:
        line = _Substitution(mt, inline).visit(copy.deepcopy(node))
        if isinstance(line, ast.Return):
            line = ast.Expr(ast.Call(ast.Name("print", ast.Load()), [_value(line)], []))
        lines.append(ast.unparse(ast.fix_missing_locations(line)))
    return lines


def _called(
    probe: ast.FunctionDef, body: list[ast.stmt], mt: str, values: dict[str, Any]
) -> list[str]:
    """Return the probe as a function, and a line that calls it."""
    shown = copy.deepcopy(probe)
    shown.body, shown.decorator_list, shown.returns = body, [], None
    for argument in shown.args.args:
        argument.annotation = None
    arguments = ", ".join([mt, *(f"{name}={literal(value)}" for name, value in values.items())])
    return [ast.unparse(shown), "", f"print({probe.name}({arguments}))"]


def _value(node: ast.Return) -> ast.expr:
    return node.value or ast.Constant(None)


class _Substitution(ast.NodeTransformer):
    """Put values for parameters, and write ``getattr(mt, "add")`` as ``minitorch.add``."""

    def __init__(self, mt: str, values: dict[str, Any]) -> None:
        self._mt = mt
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id == self._mt:
            return ast.Name("minitorch", node.ctx)
        if node.id in self._values and isinstance(node.ctx, ast.Load):
            return ast.parse(literal(self._values[node.id]), mode="eval").body
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Call(
                func=ast.Name(id="getattr"), args=[target, ast.Constant(value=str(name))]
            ) if name.isidentifier():
                return ast.Attribute(target, name, ast.Load())
        spread: list[ast.expr] = []
        for argument in node.args:
            if isinstance(argument, ast.Starred) and isinstance(argument.value, ast.List):
                spread += argument.value.elts
            else:
                spread.append(argument)
        node.args = spread
        return node
