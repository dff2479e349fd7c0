"""Parts of arrays: rows, columns and slices, and reading the elements of all."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrade.simt import accesses, operators
from minigrade.simt.dtypes import INT64
from minigrade.simt.entities import Expr, View
from minigrade.simt.frames import Frame
from minigrade.simt.memory import ArrayDecl

Ends = tuple[Expr | None, Expr | None]
_WIDTH = {"p": 1, "s": 2, "a": 0}  # numbers of each kind of dimension


def _dimensions(base: ArrayDecl | View) -> list[tuple[str, tuple[Expr, ...]]]:
    """Return each dimension's kind and numbers."""
    if isinstance(base, ArrayDecl):
        return [("a", ())] * len(base.shape)
    found, left = [], list(base.numbers)
    for kind in base.kinds:
        found.append((kind, tuple(left[: _WIDTH[kind]])))
        del left[: _WIDTH[kind]]
    return found


def sides(base: ArrayDecl | View) -> tuple[Expr, ...]:
    """Return the lengths of an array, or of a part, by dimension."""
    whole = base.shape if isinstance(base, ArrayDecl) else base.array.shape
    return tuple(
        numbers[1] if kind == "s" else operators.known(side)
        for (kind, numbers), side in zip(_dimensions(base), whole, strict=True)
        if kind != "p"
    )


def product(numbers: tuple[Expr, ...]) -> Expr:
    """Return the product of lengths."""
    result = operators.known(1)
    for number in numbers:
        result = operators.apply(np.multiply, INT64, result, number)
    return result


def take(frame: Frame, node: ast.AST, base: ArrayDecl | View, items: Sequence[Expr | Ends]) -> View:
    """Return the part of `base` that a subscript of numbers and slices takes."""
    array = base if isinstance(base, ArrayDecl) else base.array
    dimensions, left = _dimensions(base), list(items)
    if len(items) > sum(kind != "p" for kind, _ in dimensions):
        count = len(items) + sum(kind == "p" for kind, _ in dimensions)
        raise frame.error(
            node, f"{array.name} has {len(array.shape)} dimensions; {count} indices stand here"
        )
    for place, (kind, numbers) in enumerate(dimensions):
        if kind == "p" or not left:
            continue
        whole = (operators.known(0), operators.known(array.shape[place]))
        start, length = numbers if kind == "s" else whole
        item = left.pop(0)
        if isinstance(item, tuple):
            dimensions[place] = ("s", _slice(start, length, item))
        else:
            dimensions[place] = ("p", (item if kind == "a" else _within(start, length, item),))
    kinds = "".join(kind for kind, _ in dimensions)
    return View(array, kinds, tuple(each for _, numbers in dimensions for each in numbers))


def _within(start: Expr, length: Expr, index: Expr) -> Expr:
    """Return the place in the array of an index of a slice, counted from its end if negative."""

    def place(first: Any, count: Any, at: Any) -> Any:
        return (np.where(at < 0, at + count, at) + first)[()]

    return operators.apply(place, INT64, start, length, operators.coerce(index, INT64))


def _slice(start: Expr, length: Expr, ends: Ends) -> tuple[Expr, Expr]:
    """Return the start and the length of a slice of a slice."""
    wide = [None if end is None else operators.coerce(end, INT64) for end in ends]

    def clipped(end: Any, count: Any) -> Any:
        return np.clip(np.where(end < 0, end + count, end), 0, count)[()]

    low = operators.apply(clipped, INT64, wide[0] or operators.known(0), length)
    high = operators.apply(clipped, INT64, wide[1] or length, length)
    count = operators.apply(lambda up, down: np.maximum(up - down, 0), INT64, high, low)
    return operators.apply(np.add, INT64, start, low), count


def read(frame: Frame, node: ast.AST, array: ArrayDecl, index: tuple[Expr, ...]) -> Expr:
    """Return the element of an array at an index."""
    site = frame.program.site(frame, node, array, "read")
    site.constant_index = all(part.const is not None for part in index)
    parts = [part.ev for part in index]
    if len(parts) == 1:
        only = parts[0]
        return Expr(array.dtype, lambda m: accesses.read(m, site, (only(m),)))
    return Expr(array.dtype, lambda m: accesses.read(m, site, tuple([part(m) for part in parts])))


def element(frame: Frame, node: ast.AST, base: ArrayDecl | View, index: Expr) -> Any:
    """Return ``base[index]``: a number, or the part of an array of more dimensions."""
    taken = take(frame, node, base, [index])
    return taken if sides(taken) else read(frame, node, taken.array, taken.numbers)
