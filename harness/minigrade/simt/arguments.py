"""What a launch gives to its kernel: arrays, numbers, tuples of them."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from minigrade.simt import operators
from minigrade.simt.dtypes import SUPPORTED
from minigrade.simt.entities import Expr, Tuple
from minigrade.simt.errors import KernelError
from minigrade.simt.memory import ArrayDecl
from minigrade.simt.program import Program

Array = np.ndarray[Any, Any]
_OVERLAP_WORK = 10_000  # of the search for an element that two arrays share


class Arguments:
    """The arguments of one launch.

    An array that is given several times is one array to the kernel, under the
    name of the first parameter.

    Attributes:
        arrays: each array once, in the order of their declarations.
    """

    def __init__(self) -> None:
        self.arrays: list[Array] = []
        self._known: dict[Any, ArrayDecl] = {}

    def add(self, program: Program, name: str, value: Any) -> Any:
        """Return what the parameter `name` means when `value` is given for it.

        Raises:
            KernelError: no kernel can take it.
        """
        if isinstance(value, np.ndarray):
            return self._array(program, name, value)
        if isinstance(value, tuple):
            return Tuple(tuple(self.add(program, name, item) for item in value))
        expr = operators.constant(value)
        if expr is None:
            raise KernelError(
                f"the argument {name} is {value!r:.60}, neither an array nor a number"
            )
        return Expr(expr.dtype, expr.ev)  # a number that the compiler does not know

    def _array(self, program: Program, name: str, value: Array) -> ArrayDecl:
        if value.dtype not in SUPPORTED or not value.dtype.isnative:
            raise KernelError(f"the array {name} has elements of type {value.dtype}")
        key = (_address(value), value.shape, value.strides, value.dtype)
        if value.size and key in self._known:
            return self._known[key]
        decl = ArrayDecl(
            len(program.arrays), name, "global", value.dtype, value.shape, value.strides
        )
        program.arrays.append(decl)
        self.arrays.append(value)
        self._known[key] = decl
        return decl

    def check(self, program: Program) -> None:
        """See whether what the kernel writes can be written, and is in one array only.

        Raises:
            KernelError: it cannot, or is not.
        """
        pairs = list(zip(program.arrays, self.arrays, strict=False))
        for decl, array in pairs:
            if (decl.writable or decl.atomic) and not array.flags.writeable:
                _complain(program, decl, "which is read-only; give it a copy")
            if (decl.writable or decl.atomic) and _folded(array):
                _complain(program, decl, "whose elements share memory; give it a copy")
        for (decl, array), (other, beside) in combinations(pairs, 2):
            changed = any(each.writable or each.atomic for each in (decl, other))
            if changed and _overlap(array, beside):
                raise KernelError(
                    f"{decl.name} and {other.name} overlap without being one array, and one is "
                    f"written; pass a copy"
                )


def _address(array: Array) -> int:
    return int(array.__array_interface__["data"][0])


def _complain(program: Program, decl: ArrayDecl, why: str) -> None:
    site = next(each for each in program.sites if each.array is decl and each.verb != "read")
    raise KernelError(f"the kernel writes {decl.name}, {why}", line=site.line, file=site.file)


def _overlap(left: Array, right: Array) -> bool:
    try:
        return bool(np.shares_memory(left, right, max_work=_OVERLAP_WORK))  # type: ignore[arg-type]
    except np.exceptions.TooHardError:
        return True


def _folded(array: Array) -> bool:
    """Tell whether two elements may lie in one place, as in a broadcast array."""
    reach = array.itemsize
    steps = sorted((abs(step), side) for step, side in zip(array.strides, array.shape, strict=True)
                   if side > 1)  # fmt: skip
    for step, side in steps:
        if step < reach:
            return True
        reach = step * (side - 1) + reach
    return False
