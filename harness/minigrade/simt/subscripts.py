"""Compile subscripts: of arrays and their parts, and of tuples."""

from __future__ import annotations

import ast
from typing import Any

from minigrade.simt import conditions, expressions, views
from minigrade.simt.entities import Expr, Tuple, View
from minigrade.simt.errors import Unsupported
from minigrade.simt.frames import Frame
from minigrade.simt.memory import ArrayDecl


def index_of(
    frame: Frame, node: ast.Subscript, *, part: bool = False
) -> tuple[Any, tuple[Expr, ...]]:
    """Return what is subscripted and the numbers of the subscript, of ``s[i][j]`` both.

    Args:
        frame: the function.
        node: the subscript.
        part: a part of an array is meant too, and returned with no numbers.
    """
    base: Any = expressions.lower(frame, node.value)
    items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    sliced = any(isinstance(item, ast.Slice) for item in items)
    if sliced and not (part and isinstance(base, ArrayDecl | View)):
        what = "a slice of anything but an array" if part else "an assignment to a slice"
        raise Unsupported(what, line=node.lineno, file=frame.file)
    if not isinstance(base, ArrayDecl | View):
        entity = expressions.lower(frame, node.slice)
        entities = entity.items if isinstance(entity, Tuple) else (entity,)
        return base, tuple(
            index(frame, node, expressions.as_number(frame, node.slice, one)) for one in entities
        )
    taken = views.take(frame, node, base, _items(frame, node, items))
    left = len(views.sides(taken))
    if not left:
        return taken.array, taken.numbers
    if part:
        return taken, ()
    count = len(taken.array.shape)
    raise frame.error(
        node, f"{taken.array.name} has {count} dimensions; {count - left} indices stand here"
    )


def index(frame: Frame, node: ast.AST, number: Expr) -> Expr:
    """Return a number that is an index, and complain of floats and bools, as numba does."""
    if number.dtype.kind not in "iu":
        kind = "a float" if number.dtype.kind == "f" else "a bool"
        raise frame.error(node, f"an index must be an integer, and this one is {kind}")
    return number


def _items(frame: Frame, node: ast.Subscript, items: list[ast.expr]) -> list[Any]:
    """Return the parts of a subscript: numbers, and slices of numbers or None."""
    found: list[Any] = []
    for item in items:
        if not isinstance(item, ast.Slice):
            entity = expressions.lower(frame, item)
            parts = entity.items if isinstance(entity, Tuple) else (entity,)
            found += [
                index(frame, node, expressions.as_number(frame, item, part)) for part in parts
            ]
            continue
        if item.step is not None:
            raise Unsupported("a slice with a step", line=node.lineno, file=frame.file)
        ends = (item.lower, item.upper)
        found.append(
            tuple(
                None if end is None else index(frame, node, expressions.number(frame, end))
                for end in ends
            )
        )
    return found


def subscript(frame: Frame, node: ast.Subscript) -> Any:
    """Return what ``base[index]`` means."""
    base, numbers = index_of(frame, node, part=True)
    if isinstance(base, Tuple):
        return _item(frame, node, base, numbers)
    if isinstance(base, View):
        return base
    if not isinstance(base, ArrayDecl):
        raise frame.error(node, f"{expressions.kind_of(base)} cannot be indexed")
    return views.read(frame, node, base, numbers)


def _item(frame: Frame, node: ast.Subscript, base: Tuple, index: tuple[Expr, ...]) -> Any:
    """Return an item of a tuple."""
    if base.before is not None:
        raise frame.error(node, "give the returned tuple a name before it is indexed")
    place = index[0].const
    if len(index) == 1 and place is None and base.items:
        numbers = tuple(expressions.as_number(frame, node, item) for item in base.items)
        return conditions.pick(frame, numbers, index[0])
    if len(index) != 1 or place is None or not -len(base.items) <= place < len(base.items):
        raise frame.error(node, "this index is not within the tuple's length")
    return base.items[int(place)]
