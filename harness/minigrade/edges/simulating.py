"""``minigrade simt``: run one CUDA kernel without a GPU, show its findings and its traffic.

The kernel's arguments are a small language, read and never evaluated::

    zeros(64), arange(64, int32), random((8, 8), float64), [1, 2, 3], (4, 4), 64, 0.5

`zeros`, `ones`, `arange` and `random` (from 0 to 1, the same on each run) make
arrays of a shape and a type, float32 unless another is named; a list makes an
array too, of int64 or float64. Tuples and numbers stay what they are, and
numbers may be computed: ``2 * 3``, ``10**9``.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from minigrade.edges.cleaning import Cleaner
from minigrade.edges.kernel_page import render_kernel_page
from minigrade.edges.traffic import LineTraffic, Sheet, sheet_of
from minigrade.errors import UsageError
from minigrade.simt import InternalError, SimtError, Trace, launch

_MAKERS = ("zeros", "ones", "arange", "random")
_TYPES = ("bool", "int32", "int64", "float32", "float64")
_MOST_ELEMENTS = 2**22
_MOST_POWER = 64
_OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_EXAMPLE = '--args "zeros(64), arange(64), 64"'


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for; see `minigrade.edges.cli.simt`."""

    kernel: str
    grid: str
    block: str
    arguments: str
    html: Path | None


def simulate(wish: Wish) -> int:
    """Run, show and write; return 1 if there are findings, else 0.

    Raises:
        UsageError: the kernel, its launch or its arguments cannot be had.
    """
    grid, block = read_shape(wish.grid, "--grid"), read_shape(wish.block, "--block")
    arguments = read_arguments(wish.arguments)
    try:
        trace = launch(wish.kernel, grid, block, arguments)
    except InternalError:
        raise  # shown as any mistake of ours
    except SimtError as error:
        raise UsageError(Cleaner().block(str(error))) from None
    title = f"{wish.kernel}, {_by(grid)} blocks of {_by(block)} threads"
    console = Console(highlight=False)
    _print(sheet_of(trace, title, Cleaner(console.encoding)), trace, console)
    if wish.html is not None:
        page = render_kernel_page(sheet_of(trace, title, Cleaner()), trace)
        try:
            wish.html.write_text(page, "utf-8")
        except OSError as error:
            raise UsageError(f"cannot write {wish.html}: {error.strerror}") from None
    return 1 if trace.findings else 0


def read_shape(text: str, option: str) -> tuple[int, ...]:
    """Return the one to three numbers of ``4`` or ``4,4``.

    Raises:
        UsageError: it is something else.
    """
    parts = text.replace("x", ",").split(",")
    if not 1 <= len(parts) <= 3 or not all(p.strip().isdecimal() and len(p) < 12 for p in parts):
        raise UsageError(f"{option} is one to three numbers, such as 4 or 4,4; not {text[:60]!r}")
    return tuple(int(part) for part in parts)


def read_arguments(text: str) -> list[Any]:
    """Return the values that `text` describes; see the module.

    Raises:
        UsageError: it cannot be read; names the part.
    """
    try:
        tree = ast.parse(f"[{text}\n]", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise UsageError(f"--args cannot be read; write it as in {_EXAMPLE}") from None
    if not isinstance(tree, ast.List):
        raise UsageError(f"--args is a list of values, as in {_EXAMPLE}")
    return [_argument(node) for node in tree.elts]


def _argument(node: ast.expr) -> Any:
    if isinstance(node, ast.Call):
        return _made(node)
    value = _literal(node)
    if isinstance(value, list):
        try:
            array = np.asarray(value)
        except ValueError:
            array = np.asarray(None)
        if array.dtype.name not in _TYPES or not array.size:
            raise UsageError(f"--args: {_shown(node)} is no array of numbers")
        return array
    if isinstance(value, bool | int | float | tuple):
        return value
    raise UsageError(f"--args: {_shown(node)} is neither an array nor a number")


def _made(node: ast.Call) -> Any:
    """Return the array of ``zeros((8, 8), float32)`` and its like."""
    maker = node.func.id if isinstance(node.func, ast.Name) else ""
    named = {word.arg: word.value for word in node.keywords}
    given = [*node.args, *(named[name] for name in ("dtype",) if name in named)]
    if maker not in _MAKERS or named.keys() - {"dtype"} or not 1 <= len(given) <= 2:
        raise UsageError(f"--args: {_shown(node)} is none of {', '.join(_MAKERS)} (shape, type)")
    shape = _sides(given[0])
    kind = _kind(given[1]) if len(given) == 2 else "float32"
    if kind not in _TYPES:
        raise UsageError(f"--args: the type in {_shown(node)} is none of {', '.join(_TYPES)}")
    if maker == "random":
        return np.random.default_rng(0).random(shape).astype(kind)
    if maker == "arange":
        return np.arange(math.prod(shape)).reshape(shape).astype(kind)
    return np.zeros(shape, kind) if maker == "zeros" else np.ones(shape, kind)


def _kind(node: ast.expr) -> str:
    """Return the type that ``float32``, ``np.float32`` or ``'float32'`` names."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.attr if node.value.id in ("np", "numpy", "numba") else ""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return node.id if isinstance(node, ast.Name) else ""


def _sides(node: ast.expr) -> tuple[int, ...]:
    shape = _literal(node)
    sides = shape if isinstance(shape, tuple) else (shape,)
    whole = all(type(side) is int and 0 <= side <= _MOST_ELEMENTS for side in sides)
    if not whole or len(sides) > 32 or math.prod(sides) > _MOST_ELEMENTS:
        raise UsageError(
            f"--args: {_shown(node)} is no shape; write a number, or several as in (8, 8), "
            f"of at most {_MOST_ELEMENTS:,} elements"
        )
    return sides


def _literal(node: ast.expr) -> Any:
    try:
        return _value(node)
    except (ArithmeticError, ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise UsageError(f"--args: {_shown(node)} cannot be read; see {_EXAMPLE}") from None


def _value(node: ast.expr) -> Any:
    """Return a literal, or a number computed from literals."""
    if isinstance(node, ast.Tuple):
        return tuple(_value(part) for part in node.elts)
    if isinstance(node, ast.List):
        return [_value(part) for part in node.elts]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_number(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        left, right = _number(node.left), _number(node.right)
        if isinstance(node.op, ast.Pow) and (abs(right) > _MOST_POWER or abs(left) >= 2**64):
            raise ValueError("a number too large")
        value = _OPERATIONS[type(node.op)](left, right)
        if isinstance(value, complex) or abs(value) >= 2**64:
            raise ValueError("a number too large")
        return value
    return ast.literal_eval(node)


def _number(node: ast.expr) -> Any:
    value = _value(node)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("no number")
    return value


def _shown(node: ast.expr) -> str:
    return repr(Cleaner().line(ast.unparse(node), 60))


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _print(sheet: Sheet, trace: Trace, console: Console) -> None:
    console.print(Text(sheet.title, "bold"))
    for told in sheet.findings:
        console.print(Text(f"\n{told.kind}", "bold red"), Text(told.place))
        console.print(Text(f"  {told.source}"))
        console.print(Text(f"  {told.message}"))
        if told.threads:
            console.print(Text(f"  {told.threads}"))
    count = len(sheet.findings)
    words = "no findings" if not count else f"{count} finding{'s' if count > 1 else ''}"
    console.print(Text(f"\n{words}\n", "bold" if count else "green"))
    console.print(_table(sheet))
    totals = (
        f"{trace.barriers:,} barriers passed, {trace.divergent_branches:,} branches split a warp, "
        f"{trace.shared_bytes:,} bytes shared by a block"
    )
    console.print(Text(f"\n{totals}"))


def _table(sheet: Sheet) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in ("Line", "Reads", "Writes", "Sectors", "/request", "Banks"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Source", overflow="fold")  # the one column that gives way
    for part in sheet.parts:
        for line in part.lines:
            if line.used:
                table.add_row(*_cells(line), Text(line.source.strip()))
    return table


def _cells(line: LineTraffic) -> tuple[str, ...]:
    return (
        str(line.number),
        f"{line.reads:,}",
        f"{line.writes:,}",
        f"{line.sectors:,}" if line.requests else "",
        f"{line.sectors / line.requests:.1f}" if line.requests else "",
        line.banks,
    )
