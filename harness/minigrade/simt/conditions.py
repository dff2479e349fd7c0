"""Compile comparisons, `and`, `or` and conditional expressions, each part in its own lanes."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from minigrade.simt import expressions, operators
from minigrade.simt.dtypes import BOOL, INT64, unify
from minigrade.simt.entities import Constant, Eval, Expr, Tuple
from minigrade.simt.errors import Unsupported
from minigrade.simt.frames import Frame
from minigrade.simt.lanes import Mask
from minigrade.simt.machine import Machine


def compare(frame: Frame, node: ast.Compare) -> Any:
    """Compile a comparison, or a chain of them, evaluating each term once."""
    if isinstance(node.ops[0], ast.Is | ast.IsNot):
        return _identity(frame, node)
    if isinstance(node.ops[0], ast.In | ast.NotIn):
        return _membership(frame, node)
    left = expressions.number(frame, node.left)
    result: Expr | None = None
    for operator, term in zip(node.ops, node.comparators, strict=True):
        right, again = twice(frame, expressions.number(frame, term))
        one = operators.compare(type(operator).__name__, left, right)
        if one is None:
            raise Unsupported(
                f"the comparison {type(operator).__name__}", line=node.lineno, file=frame.file
            )
        if result is None:
            result = one
        else:
            result = shortcut(BOOL, result, one, when=True, lazy=effects(term))
        left = again
    assert result is not None
    return result


def twice(frame: Frame, expr: Expr) -> tuple[Expr, Expr]:
    """Return two expressions for one value: the first computes it, the second remembers it."""
    if expr.const is not None:
        return expr, expr
    slot, compute = frame.program.new_slot(), expr.ev

    def first(m: Machine) -> Any:
        m.slots[slot] = value = compute(m)
        return value

    return Expr(expr.dtype, first), Expr(expr.dtype, lambda m: m.slots[slot])


def _identity(frame: Frame, node: ast.Compare) -> Any:
    left, right = expressions.lower(frame, node.left), expressions.lower(frame, node.comparators[0])
    none = Constant(None)
    if len(node.ops) > 1 or none not in (left, right):
        raise Unsupported("`is` with anything but None", line=node.lineno, file=frame.file)
    same = left == right
    return operators.constant(same if isinstance(node.ops[0], ast.Is) else not same)


def _membership(frame: Frame, node: ast.Compare) -> Expr:
    """Compile ``x in (1, 2)``: the tuple's items are all computed, as numba does."""
    items = expressions.lower(frame, node.comparators[0])
    if len(node.ops) > 1 or not isinstance(items, Tuple) or not items.items:
        raise Unsupported("`in` with anything but a tuple", line=node.lineno, file=frame.file)
    first, again = twice(frame, expressions.number(frame, node.left))
    numbers = [expressions.as_number(frame, node, item) for item in items.items]
    if any(held.dtype != numbers[0].dtype for held in numbers):
        raise frame.error(node, "`in` needs a tuple of numbers of one type")
    result = None
    for held in numbers:
        one = operators.compare("Eq", first if result is None else again, held)
        assert one is not None
        either = None if result is None else operators.apply(np.logical_or, BOOL, result, one)
        result = either or one
    assert result is not None
    if isinstance(node.ops[0], ast.NotIn):
        return operators.apply(np.logical_not, BOOL, result)
    return result


def pick(frame: Frame, items: tuple[Expr, ...], index: Expr) -> Expr:
    """Return the item of a tuple of numbers that `index`, a number a lane, stands for."""
    dtype = items[0].dtype
    for item in items[1:]:
        dtype = unify(dtype, item.dtype)
    first, again = twice(frame, operators.coerce(index, INT64))
    result = operators.coerce(items[-1], dtype)
    for place in reversed(range(len(items) - 1)):
        where = operators.apply(
            lambda at, place=place: (at == place) | (at == place - len(items)),
            BOOL,
            first if place == 0 else again,
        )
        item = operators.coerce(items[place], dtype)
        result = choose(dtype, where, item, result, lazy=False)
    return result


def effects(node: ast.AST) -> bool:
    """Tell whether evaluating `node` in lanes that should not would be noticed."""
    return any(isinstance(part, ast.Subscript | ast.Call) for part in ast.walk(node))


def under(m: Machine, mask: Mask, ev: Eval) -> Any:
    """Evaluate in the lanes of `mask` only."""
    saved, m.mask = m.mask, mask
    try:
        return ev(m)
    finally:
        m.mask = saved


def bool_op(frame: Frame, node: ast.BoolOp) -> Expr:
    """Compile an `and` or an `or`."""
    result = expressions.number(frame, node.values[0])
    for value in node.values[1:]:
        right = expressions.number(frame, value)
        joined = unify(result.dtype, right.dtype)
        left, right = operators.coerce(result, joined), operators.coerce(right, joined)
        when = isinstance(node.op, ast.And)
        result = shortcut(joined, left, right, when=when, lazy=effects(value))
    return result


def shortcut(dtype: Any, left: Expr, right: Expr, *, when: bool, lazy: bool) -> Expr:
    """Return `right` where the truth of `left` is `when`, else `left`; see `choose`."""
    if left.const is not None:
        return right if bool(left.const) is when else left
    first, second = left.ev, right.ev

    def ev(m: Machine) -> Any:
        value = first(m)
        on = value if value.dtype == BOOL else value != 0
        if on.ndim == 0:
            return second(m) if bool(on) is when else value
        if not when:
            on = ~on
        if not lazy:
            return np.where(on, second(m), value)
        mask = m.mask
        taken = mask.keep(on)
        if not taken.count:
            return value
        if taken.count == mask.count:
            return second(m)
        m.branch(taken, mask.drop(on))
        return np.where(on, under(m, taken, second), value)

    return Expr(dtype, ev)


def choose(dtype: Any, test: Expr, yes: Expr, no: Expr, *, lazy: bool) -> Expr:
    """Return ``yes if test else no``; `lazy`: evaluate each in its own lanes only."""
    if test.const is not None:
        return yes if test.const else no
    condition, first, second = test.ev, yes.ev, no.ev

    def ev(m: Machine) -> Any:
        flags = condition(m)
        if flags.ndim == 0:
            return first(m) if flags else second(m)
        if not lazy:
            return np.where(flags, first(m), second(m))
        mask = m.mask
        taken, other = mask.keep(flags), mask.drop(flags)
        if not other.count:
            return first(m)
        if not taken.count:
            return second(m)
        m.branch(taken, other)
        return np.where(flags, under(m, taken, first), under(m, other, second))

    return Expr(dtype, ev)


def if_expression(frame: Frame, node: ast.IfExp) -> Any:
    """Compile a conditional expression."""
    test = operators.truth(expressions.number(frame, node.test))
    if test.const is not None:
        return expressions.lower(frame, node.body if test.const else node.orelse)
    yes, no = expressions.number(frame, node.body), expressions.number(frame, node.orelse)
    joined = unify(yes.dtype, no.dtype)
    yes, no = operators.coerce(yes, joined), operators.coerce(no, joined)
    return choose(joined, test, yes, no, lazy=effects(node.body) or effects(node.orelse))
