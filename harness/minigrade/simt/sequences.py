"""What a for loop goes through, but for `range`: arrays, tuples, `zip` and `enumerate`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from minigrade.simt import blocks, conditions, expressions, operators, statements, subscripts, views
from minigrade.simt.dtypes import INT64
from minigrade.simt.entities import Expr, Extern, Run, Tuple, View
from minigrade.simt.errors import Unsupported
from minigrade.simt.frames import Frame
from minigrade.simt.memory import ArrayDecl


@dataclass(eq=False)
class Sequence:
    """Something with items.

    Attributes:
        before: runs once, before the loop.
        count: how many items there are.
        item: returns the item at a place.
    """

    before: Run
    count: Expr
    item: Callable[[Expr], Any]


def sequence(frame: Frame, node: ast.expr) -> Sequence:
    """Return what an expression goes through.

    Raises:
        Unsupported: nothing that a loop here can go through.
    """
    target = expressions.lower(frame, node.func) if isinstance(node, ast.Call) else None
    if isinstance(node, ast.Call) and isinstance(target, Extern):
        if target.path == "builtins.zip" and node.args and not node.keywords:
            return _zip([sequence(frame, each) for each in node.args])
        if target.path == "builtins.enumerate" and 1 <= len(node.args) <= 2 and not node.keywords:
            return _enumerate(frame, node)
        raise Unsupported(f"a loop over {target.path}", line=node.lineno, file=frame.file)
    before, entity = statements.hold(frame, expressions.lower(frame, node))
    if isinstance(entity, ArrayDecl | View):
        count = views.sides(entity)[0]
        return Sequence(before, count, lambda at: views.element(frame, node, entity, at))
    if not isinstance(entity, Tuple) or not entity.items:
        what = f"a loop over {expressions.kind_of(entity)}"
        raise Unsupported(what, line=node.lineno, file=frame.file)
    numbers = tuple(expressions.as_number(frame, node, item) for item in entity.items)
    if any(number.dtype != numbers[0].dtype for number in numbers):
        raise frame.error(node, "a loop goes through tuples of numbers of one type only")
    count = operators.known(len(numbers))
    return Sequence(before, count, lambda at: conditions.pick(frame, numbers, at))


def _zip(parts: list[Sequence]) -> Sequence:
    count = operators.extreme("min", [part.count for part in parts])
    before = blocks.sequence([part.before for part in parts])
    return Sequence(before, count, lambda at: Tuple(tuple([part.item(at) for part in parts])))


def _enumerate(frame: Frame, node: ast.Call) -> Sequence:
    part = sequence(frame, node.args[0])
    if len(node.args) == 1:
        return Sequence(part.before, part.count, lambda at: Tuple((at, part.item(at))))
    number = subscripts.index(frame, node, expressions.number(frame, node.args[1]))
    before, first = statements.hold(frame, operators.coerce(number, INT64))

    def item(at: Expr) -> Tuple:
        return Tuple((operators.binary("Add", first, at), part.item(at)))

    return Sequence(blocks.sequence([part.before, before]), part.count, item)
