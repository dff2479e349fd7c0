"""Rewrite a kernel's text so that each of its threads is a generator of accesses.

Each element read or written, each atomic and each barrier becomes a `yield`
of what it is, and receives the value read. See `naive.py`, which runs them.
"""

from __future__ import annotations

import ast
import itertools
import math
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Program:
    """A kernel that can be run by `naive.py`.

    Attributes:
        kernel: takes a thread's own `cuda` and the arguments, and returns its accesses.
        names: of the arguments.
        outputs: the arrays that the text writes and never reads.
    """

    kernel: Callable[..., Generator[Any, Any, None]]
    names: tuple[str, ...]
    outputs: frozenset[str]


class Rewriting(ast.NodeTransformer):
    """Turn functions of one thread into generators of its accesses.

    Attributes:
        reads, writes: the names of the arrays that the text reads and writes anywhere.
    """

    def __init__(self, functions: set[str]) -> None:
        self.reads: set[str] = set()
        self.writes: set[str] = set()
        self._functions, self._fresh = functions, itertools.count()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        node.decorator_list = []
        node.args.args.insert(0, ast.arg("cuda"))
        self.generic_visit(node)
        node.body.insert(0, ast.parse("if False:\n    yield").body[0])
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            return node
        return _call("int64" if isinstance(node.value, int) else "float64", node)

    def visit_For(self, node: ast.For) -> Any:
        self.generic_visit(node)
        if isinstance(node.iter, ast.Call) and ast.unparse(node.iter.func) == "range":
            return node
        things, place = f"_things{next(self._fresh)}", f"_place{next(self._fresh)}"
        keep = ast.Assign([ast.Name(things, ast.Store())], node.iter)
        names = [ast.Name(name, ast.Load()) for name in (things, place)]
        item = ast.YieldFrom(_call("_item", *names, ast.Constant(node.lineno)))
        node.body.insert(0, ast.Assign([node.target], item))
        node.target = ast.Name(place, ast.Store())
        node.iter = _call("range", _call("_count", names[0]))
        return [keep, node]

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        assert isinstance(node.value, ast.Name), "the naive executor indexes names only"
        self.reads.add(node.value.id)
        if isinstance(node.slice, ast.Slice):
            ends = [end and self.visit(end) for end in (node.slice.lower, node.slice.upper)]
            return _call("_part", node.value, *(end or ast.Constant(None) for end in ends))
        return self._event("read", node, node.value, self.visit(node.slice))

    def visit_Assign(self, node: ast.Assign) -> Any:
        target = node.targets[0]
        if isinstance(target, ast.Subscript):
            return self._write(target, self.visit(target.slice), self.visit(node.value))
        if isinstance(node.value, ast.Call) and ast.unparse(node.value.func).endswith(".array"):
            assert isinstance(target, ast.Name)
            node.value.args.insert(0, ast.Constant(target.id))
        node.value = self.visit(node.value)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        if not isinstance(node.target, ast.Subscript):
            return self.generic_visit(node)
        array = node.target.value
        assert isinstance(array, ast.Name)
        self.reads.add(array.id)
        where = f"_where{next(self._fresh)}"
        keep = ast.Assign([ast.Name(where, ast.Store())], self.visit(node.target.slice))
        place = ast.Name(where, ast.Load())
        old = self._event("read", node, array, place)
        new = ast.BinOp(old, node.op, self.visit(node.value))
        return [keep, self._write(node.target, place, new)]

    def visit_Call(self, node: ast.Call) -> Any:
        name = ast.unparse(node.func)
        if name.startswith("cuda.atomic."):
            assert isinstance(node.args[0], ast.Name)
            self.reads.add(node.args[0].id)
            operation = ast.Constant(name.rpartition(".")[2])
            array, place, value = node.args
            return self._event(
                "atomic", node, array, self.visit(place), self.visit(value), operation
            )
        if name == "cuda.syncthreads":
            return self._event("barrier", node)
        self.generic_visit(node)
        if name in self._functions:
            node.args.insert(0, ast.Name("cuda", ast.Load()))
            return ast.YieldFrom(node)
        return node

    def _write(self, target: ast.Subscript, place: ast.expr, value: ast.expr) -> ast.stmt:
        assert isinstance(target.value, ast.Name)
        self.writes.add(target.value.id)
        array = ast.Name(target.value.id, ast.Load())
        return ast.Expr(self._event("write", target, array, place, value))

    def _event(self, kind: str, node: ast.expr | ast.stmt, *parts: ast.expr) -> ast.expr:
        items: list[ast.expr] = [ast.Constant(kind), ast.Constant(node.lineno), *parts]
        return ast.Yield(ast.Tuple(items, ast.Load()))


def _call(name: str, *args: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), list(args), [])


@dataclass(frozen=True)
class Part:
    """A slice of an array."""

    array: Any
    start: int
    count: int


def _part(array: Any, start: Any, stop: Any) -> Part:
    ends = [None if end is None else int(end) for end in (start, stop)]
    first, last, _ = slice(*ends).indices(array.shape[0])
    return Part(array, first, max(last - first, 0))


@dataclass(frozen=True)
class Zip:
    """Things gone through together; an `enumerate` has a number for the first."""

    parts: tuple[Any, ...]


def _count(things: Any) -> int:
    if isinstance(things, Zip):
        return min(_count(part) for part in things.parts if not isinstance(part, np.int64))
    if isinstance(things, tuple):
        return len(things)
    return int(things.count if isinstance(things, Part) else things.shape[0])


def _item(things: Any, place: Any, line: int) -> Generator[Any, Any, Any]:
    """Return the item at a place, read from arrays as a thread does."""
    if isinstance(things, Zip):
        items = []
        for part in things.parts:
            items.append((yield from _item(part, place, line)))  # noqa: PERF401
        return tuple(items)
    if isinstance(things, np.int64):
        return things + place
    if isinstance(things, tuple):
        return things[place]
    if isinstance(things, Part):
        return (yield ("read", line, things.array, np.int64(things.start + place)))
    return (yield ("read", line, things, place))


def _range(*bounds: Any) -> Iterator[Any]:
    return map(np.int64, range(*map(int, bounds)))


def program(text: str) -> Program:
    """Return the function called `kernel` of `text`, with the functions that it calls."""
    tree = ast.parse(text)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    rewriting = Rewriting(set(functions))
    names = tuple(argument.arg for argument in functions["kernel"].args.args)
    constants = [node for node in tree.body if isinstance(node, ast.Assign)]
    body = [*constants, *(rewriting.visit(node) for node in functions.values())]
    types = {name: getattr(np, name) for name in ("int32", "int64", "float32", "float64")}
    space: dict[str, Any] = {
             **types, "range": _range, "math": math, "_part": _part, "_item": _item,
             "_count": _count, "zip": lambda *parts: Zip(parts),
             "enumerate": lambda part, start=0: Zip((np.int64(start), part))}  # fmt: skip
    module = ast.fix_missing_locations(ast.Module(body, []))
    exec(compile(module, "<naive>", "exec"), space)
    return Program(space["kernel"], names, frozenset(rewriting.writes - rewriting.reads))
