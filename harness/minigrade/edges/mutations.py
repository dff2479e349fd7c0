"""Small mistakes, made by rule: a wrong sign, a swapped operand, a bound that is off by one.

Each operator looks at one node of a function and yields what a slip would have put there.
All are edits of the text, so the rest of a file stays as it is.

libcst is slow to import: import this module only where mutants are to be made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

from minigrade.edges.scopes import Scope


@dataclass(frozen=True)
class Edit:
    """One mistake in a file: which operator made it, where, and what stands there now.

    Attributes:
        operator: its name, as ``swap_operands``.
        function: where it is, as ``tensor_map._map``.
        line: the line in which it begins, counted from 1.
        start: the first byte that it replaces.
        end: the byte after the last.
        new: what it puts there.
    """

    operator: str
    function: str
    line: int
    start: int
    end: int
    new: str


Change: TypeAlias = tuple[cst.CSTNode, str]
"""A node, and the text that replaces it."""
Code: TypeAlias = Callable[[cst.CSTNode], str]
Operator: TypeAlias = Callable[[Any, Code, Scope], Iterator[Change]]

_COMPARISONS = {
    "<": ("<=", ">"), "<=": ("<", ">="), ">": (">=", "<"), ">=": (">", "<="), "==": ("!=", ">="),
    "!=": ("==",), "in": ("not in",), "not in": ("in",), "is": ("is not",), "is not": ("is",),
}  # fmt: skip
_ARITHMETIC = {
    "+": ("-",), "-": ("+",), "*": ("+", "/"), "/": ("*",), "//": ("%", "*"), "%": ("//",),
    "**": ("*",), "@": ("*",),
}  # fmt: skip
_UPDATES = {"+=": ("-=", "="), "-=": ("+=", "="), "*=": ("+=", "="), "//=": ("%=",), "%=": ("//=",)}
_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any", "prange": "range"}
_RANGES = ("range", "prange")
_PLAIN = (cst.Name, cst.Attribute, cst.Integer, cst.Call, cst.Subscript)


def flip_comparison(node: cst.ComparisonTarget, code: Code, _: Scope) -> Iterator[Change]:
    """``a < b`` as ``a <= b``, ``a > b``."""
    for new in _COMPARISONS.get(code(node.operator).strip(), ()):
        yield node.operator, f" {new} "


def swap_arithmetic(node: cst.BinaryOperation, code: Code, _: Scope) -> Iterator[Change]:
    """``a + b`` as ``a - b``."""
    for new in _ARITHMETIC.get(code(node.operator).strip(), ()):
        yield node.operator, f" {new} "


def swap_update(node: cst.AugAssign, code: Code, _: Scope) -> Iterator[Change]:
    """``a += b`` as ``a -= b``, ``a = b``."""
    for new in _UPDATES.get(code(node.operator).strip(), ()):
        yield node.operator, f" {new} "


def swap_operands(node: cst.BinaryOperation, code: Code, _: Scope) -> Iterator[Change]:
    """``a - b`` as ``b - a``; not where it makes no difference."""
    if not isinstance(node.operator, cst.Add | cst.Multiply):
        yield node, f"({code(node.right)}{code(node.operator)}{code(node.left)})"


def drop_term(node: cst.BinaryOperation, code: Code, _: Scope) -> Iterator[Change]:
    """``a + b`` as ``a``, ``b``."""
    yield node, code(node.left)
    yield node, code(node.right)


def swap_arguments(node: cst.Call, code: Code, _: Scope) -> Iterator[Change]:
    """``f(a, b)`` as ``f(b, a)``; not where it makes no difference."""
    if isinstance(node.func, cst.Name) and node.func.value in ("min", "max"):
        return
    for one, other in pairwise(node.args):
        if not (one.keyword or one.star or other.keyword or other.star):
            yield node, _with(node, code, {one: code(other.value), other: code(one.value)})


def swap_items(node: cst.Tuple, code: Code, _: Scope) -> Iterator[Change]:
    """``a, b`` as ``b, a``."""
    items = [code(element.value) for element in node.elements]
    if any(isinstance(element, cst.StarredElement) for element in node.elements):
        return
    for i in range(len(items) - 1):
        swapped = [*items[:i], items[i + 1], items[i], *items[i + 2 :]]
        yield node, ", ".join(swapped)


def change_integer(node: cst.Integer, *_: Any) -> Iterator[Change]:
    """``0`` as ``1``, ``2`` as ``3`` and ``1``."""
    value = node.evaluated_value
    yield node, str(value + 1)
    if value > 0:
        yield node, str(value - 1)


def change_float(node: cst.Float, *_: Any) -> Iterator[Change]:
    """``0.0`` as ``1.0``, any other as 0.0 and twice as much."""
    value = node.evaluated_value
    for new in (1.0,) if value == 0 else (0.0, 2 * value):
        yield node, repr(new)


def change_truth(node: cst.Name, *_: Any) -> Iterator[Change]:
    """``True`` as ``False``."""
    other = {"True": "False", "False": "True"}.get(node.value)
    if other:
        yield node, other


def shift_bound(node: cst.Call, code: Code, _: Scope) -> Iterator[Change]:
    """``range(n)`` as ``range(n - 1)``, ``range(n + 1)``."""
    if isinstance(node.func, cst.Name) and node.func.value in (*_RANGES, "len"):
        for arg in node.args:
            whole = node if node.func.value == "len" else arg.value
            text = code(whole) if isinstance(whole, _PLAIN) else f"({code(whole)})"
            yield whole, f"({text} - 1)"
            yield whole, f"({text} + 1)"


def shift_index(node: cst.Subscript, code: Code, _: Scope) -> Iterator[Change]:
    """``a[i]`` as ``a[i - 1]``, ``a[i + 1]``; also the ends of a slice."""
    for element in node.slice:
        part: Any = element.slice
        ends = [part.value] if isinstance(part, cst.Index) else [part.lower, part.upper]
        for end in ends:
            if end is not None and not isinstance(end, cst.SimpleString | cst.Integer):
                yield end, f"({code(end)}) - 1"
                yield end, f"({code(end)}) + 1"


def drop_statement(node: cst.SimpleStatementLine, *_: Any) -> Iterator[Change]:
    """A statement as ``pass``; docstrings, and what must end a function, are left."""
    first = node.body[0]
    is_text = isinstance(first, cst.Expr) and isinstance(
        first.value, cst.SimpleString | cst.ConcatenatedString
    )
    if not is_text and not isinstance(first, cst.Pass | cst.Return | cst.ImportFrom | cst.Import):
        yield node, "pass"


def drop_sign(node: cst.UnaryOperation, code: Code, _: Scope) -> Iterator[Change]:
    """``-a`` as ``a``, ``not a`` as ``a``."""
    yield node, code(node.expression)


def negate_condition(
    node: cst.If | cst.While | cst.IfExp | cst.CompIf, code: Code, _: Scope
) -> Iterator[Change]:
    """``if a`` as ``if not a``."""
    yield node.test, f"(not ({code(node.test)}))"


def change_logic(node: cst.BooleanOperation, code: Code, _: Scope) -> Iterator[Change]:
    """``a and b`` as ``a or b``, ``a``, ``b``."""
    yield node.operator, " or " if isinstance(node.operator, cst.And) else " and "
    yield node, code(node.left)
    yield node, code(node.right)


def change_call(node: cst.Call, *_: Any) -> Iterator[Change]:
    """``min(a, b)`` as ``max(a, b)``, ``prange(n)`` as ``range(n)``."""
    if isinstance(node.func, cst.Name) and node.func.value in _CALLS:
        yield node.func, _CALLS[node.func.value]


def drop_call(node: cst.Call, code: Code, _: Scope) -> Iterator[Change]:
    """``a.contiguous()`` as ``a``, ``list(a)`` as ``a``."""
    if isinstance(node.func, cst.Attribute) and not node.args:
        yield node, code(node.func.value)
    elif isinstance(node.func, cst.Name) and node.func.value not in _RANGES and len(node.args) == 1:
        [arg] = node.args
        if not (arg.star or arg.keyword):
            yield node, f"({code(arg.value)})"


def change_exit(node: cst.Break | cst.Continue, *_: Any) -> Iterator[Change]:
    """``break`` as ``continue``, and the other way round; ``pass`` is a dropped statement."""
    yield node, "continue" if isinstance(node, cst.Break) else "break"


def confuse_names(node: cst.Name, _: Code, scope: Scope) -> Iterator[Change]:
    """``a_shape`` as ``b_shape``: another variable of the same kind."""
    for name in scope.like(node):
        yield node, name


_OPERATORS: Mapping[type[cst.CSTNode], tuple[Operator, ...]] = {
    cst.AugAssign: (swap_update,),
    cst.BinaryOperation: (swap_arithmetic, swap_operands, drop_term),
    cst.BooleanOperation: (change_logic,),
    cst.Break: (change_exit,),
    cst.Call: (swap_arguments, shift_bound, change_call, drop_call),
    cst.ComparisonTarget: (flip_comparison,),
    cst.CompIf: (negate_condition,),
    cst.Continue: (change_exit,),
    cst.Float: (change_float,),
    cst.If: (negate_condition,),
    cst.IfExp: (negate_condition,),
    cst.Integer: (change_integer,),
    cst.Name: (change_truth, confuse_names),
    cst.SimpleStatementLine: (drop_statement,),
    cst.Subscript: (shift_index,),
    cst.Tuple: (swap_items,),
    cst.UnaryOperation: (drop_sign,),
    cst.While: (negate_condition,),
}

# What says nothing to a machine, or only to people: types, decorators, messages.
_SILENT = (cst.Annotation, cst.Decorator, cst.Parameters, cst.Raise, cst.FormattedString)


def find_edits(text: str) -> Iterator[Edit]:
    """Yield all edits of the functions of a file, from top to bottom.

    Args:
        text: the file's text.
    """
    wrapper = MetadataWrapper(cst.parse_module(text))
    finder = _Finder(wrapper.module, wrapper.resolve(ByteSpanPositionProvider))
    wrapper.module.visit(finder)
    yield from sorted(finder.edits, key=lambda edit: (edit.start, edit.end, edit.operator))


class _Finder(cst.CSTVisitor):
    """Asks the operators about each node inside of functions."""

    def __init__(self, module: cst.Module, spans: Mapping[cst.CSTNode, Any]) -> None:
        super().__init__()
        self.edits: list[Edit] = []
        self._module = module
        self._content = module.code.encode()
        self._spans = spans
        self._names: list[str] = []
        self._scopes: list[Scope | None] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, _SILENT) or (isinstance(node, cst.AnnAssign) and node.value is None):
            return False
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._names.append(node.name.value)
            self._scopes.append(
                Scope(node, self._spans) if isinstance(node, cst.FunctionDef) else None
            )
        scope = self._scopes[-1] if self._scopes else None
        if scope is not None:
            for operator in _OPERATORS.get(type(node), ()):
                for changed, new in operator(node, self._module.code_for_node, scope):
                    self._add(operator, changed, new)
        if isinstance(node, cst.Assert):
            node.test.visit(self)
            return False
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, cst.FunctionDef | cst.ClassDef):
            self._names.pop()
            self._scopes.pop()

    def _add(self, operator: Operator, node: cst.CSTNode, new: str) -> None:
        span = self._spans[node]
        name: str = getattr(operator, "__name__")  # noqa: B009  (a Callable has none, says mypy)
        end = span.start + span.length
        line = self._content.count(b"\n", 0, span.start) + 1
        new = new.strip() if isinstance(node, _SPACED) else new
        self.edits.append(Edit(name, ".".join(self._names), line, span.start, end, new))


# Their spans are without the blanks around them.
_SPACED = (cst.BaseBinaryOp, cst.BaseBooleanOp, cst.BaseCompOp, cst.BaseAugOp)


def _with(call: cst.Call, code: Code, new: Mapping[cst.Arg, str]) -> str:
    """Return the text of a call with some of its arguments replaced."""
    bare = {"comma": cst.MaybeSentinel.DEFAULT}
    args = [new.get(arg) or code(arg.with_changes(**bare)).strip() for arg in call.args]
    return f"{code(call.func)}({', '.join(args)})"
