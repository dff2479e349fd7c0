"""Find the branches of a kernel that loop over all of its output on one core.

A kernel may have several branches, each with a loop of its own: one where everything lies
alike, one for any strides. Each is to share its work, or it is slow where it matters::

    if (out_strides == in_strides).all():
        for i in prange(len(out)): ...
    else:
        for i in range(len(out)): ...      # this one does not

A branch for small tensors may loop serially: it is chosen by a test that compares sizes, and
stands beside one that shares its work.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

_ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_MEASURES = frozenset({"len", "range", "prange", "enumerate"})  # they are given `out`, to read
_MOST = 20  # parameters that are looked at

_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Serial(NamedTuple):
    """What a function runs on one core, if its caller does.

    Attributes:
        owner: the function, as an absolute name.
        number: which of its parameters is the output.
        loops: lines of loops that write to it.
        calls: lines of calls outside of loops that are given it, and as which argument: a
            helper may loop instead.
    """

    owner: str
    number: int
    loops: tuple[int, ...]
    calls: tuple[tuple[int, int], ...]


def serial(tree: ast.Module, module: str, parallel: Collection[int]) -> tuple[Serial, ...]:
    """Return what each function of a text runs on one core where it should not.

    Args:
        tree: the text.
        module: its module's absolute name.
        parallel: lines where `prange` is called.
    """
    found = []
    waiting: list[tuple[ast.AST, str]] = [(tree, module)]
    while waiting:
        node, owner = waiting.pop()
        for child in ast.iter_child_nodes(node):
            inner = owner
            if isinstance(child, _Function | ast.ClassDef):
                inner = f"{owner}.{child.name}"
            if isinstance(child, _Function):
                arguments = [*child.args.posonlyargs, *child.args.args][:_MOST]
                for number, argument in enumerate(arguments):
                    loops, calls = _Branches(child, argument.arg, parallel).walk()
                    found.append(Serial(inner, number, loops, calls))
            waiting.append((child, inner))
    return tuple(found)


class _Branches:
    """Goes through the branches of one function."""

    def __init__(self, function: _Function, out: str, parallel: Collection[int]) -> None:
        self._out = out
        self._body = function.body
        self._parallel = parallel
        self._values: dict[str, list[ast.expr]] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        self._values.setdefault(target.id, []).append(node.value)

    def walk(self) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
        """Return the lines of loops and of calls that share nothing."""
        loops: set[int] = set()
        calls: set[tuple[int, int]] = set()
        waiting: list[Sequence[ast.stmt]] = [self._body]
        while waiting:
            statements = waiting.pop()
            if self._shares(statements):
                continue
            for number, statement in enumerate(statements, start=1):
                if isinstance(statement, ast.For | ast.While):
                    if self._writes(statement):
                        loops.add(_line(statement))
                elif isinstance(statement, ast.If) and self._is_size(statement.test):
                    returns = isinstance(statement.body[-1], ast.Return)
                    rest = statements[number:] if returns else []
                    arms = [statement.body, [*statement.orelse, *rest]]
                    waiting += [arm for arm in arms if self._loops_in_parallel(arm)]
                    if returns:
                        break
                elif not isinstance(statement, _Function | ast.ClassDef):
                    parts = [*_blocks(statement)]
                    waiting += parts
                    calls |= set() if parts else {*self._given(statement)}
        return tuple(sorted(loops)), tuple(sorted(calls))

    def _loops_in_parallel(self, statements: Sequence[ast.stmt]) -> bool:
        """Tell whether there is a loop through `prange` anywhere in these statements."""
        nodes = (node for statement in statements for node in ast.walk(statement))
        return any(isinstance(node, ast.For) and _line(node) in self._parallel for node in nodes)

    def _shares(self, statements: Sequence[ast.stmt]) -> bool:
        """Tell whether a loop through `prange` runs whenever these statements do."""
        for statement in statements:
            if isinstance(statement, ast.For):
                if _line(statement) in self._parallel:
                    return True
            elif isinstance(statement, ast.If | ast.With):
                blocks = [*_blocks(statement)]
                whole = not isinstance(statement, ast.If) or bool(statement.orelse)
                if whole and all(self._shares(block) for block in blocks):
                    return True
        return False

    def _is_size(self, test: ast.expr) -> bool:
        """Tell whether a test, or what it names, compares how large something is."""
        tests = self._values.get(test.id, []) if isinstance(test, ast.Name) else [test]
        return any(
            isinstance(node, ast.Compare)
            and any(isinstance(operator, _ORDERED) for operator in node.ops)
            and not _counts_dimensions(node)
            for one in tests
            for node in ast.walk(one)
        )

    def _writes(self, loop: ast.For | ast.While) -> bool:
        """Tell whether a loop writes to the output, or has a helper do so."""
        written = any(
            isinstance(node, ast.Subscript)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
            and node.value.id == self._out
            for node in ast.walk(loop)
        )
        return written or any(self._given(loop))

    def _given(self, statement: ast.stmt) -> Iterator[tuple[int, int]]:
        """Yield the lines of calls that are given the output, and as which argument."""
        for node in ast.walk(statement):
            match node:
                case ast.Call(func=ast.Name(id=name)) if name in _MEASURES:
                    pass
                case ast.Call(func=function, args=given):
                    for number, one in enumerate(given):
                        if isinstance(one, ast.Name) and one.id == self._out:
                            yield function.lineno, number


def _line(loop: ast.For | ast.While) -> int:
    return loop.iter.lineno if isinstance(loop, ast.For) else loop.lineno


def _blocks(statement: ast.stmt) -> Iterator[Sequence[ast.stmt]]:
    """Yield the blocks of a statement, such as those after `if` and `else`."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(statement, name, None)
        if block:
            yield block


def _counts_dimensions(test: ast.Compare) -> bool:
    """Tell ``len(shape) < 3`` and the like from a comparison of sizes."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "len"
        and any(word in ast.dump(node) for word in ("shape", "stride", "index"))
        for node in ast.walk(test)
    )
