"""The types of scalars are numba's, for every pair of types."""

from __future__ import annotations

import itertools
import math
import operator

import numba
import pytest
from numba.core.registry import cpu_target

from minigrade.simt import dtypes

NAMES = ("bool_", "int8", "int16", "int32", "int64", "uint8", "uint32", "uint64", "float32",
         "float64")  # fmt: skip
OPERATORS = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mult": operator.mul,
    "Div": operator.truediv,
    "FloorDiv": operator.floordiv,
    "Mod": operator.mod,
    "BitAnd": operator.and_,
    "BitXor": operator.xor,
    "LShift": operator.lshift,
    "RShift": operator.rshift,
}


def numba_type(name):
    return numba.types.boolean if name == "bool_" else getattr(numba.types, name)


def resolved(function, *names):
    context = cpu_target.typing_context
    context.refresh()
    try:
        signature = context.resolve_function_type(function, [numba_type(n) for n in names], {})
    except numba.TypingError:
        return None
    return None if signature is None else dtypes.BY_NAME[str(signature.return_type)]


@pytest.mark.parametrize("name", OPERATORS)
def test_binary_operators(name):
    for left, right in itertools.product(NAMES, NAMES):
        ours = dtypes.binary_result(name, dtypes.BY_NAME[left], dtypes.BY_NAME[right])
        assert ours == resolved(OPERATORS[name], left, right), (left, name, right)


@pytest.mark.parametrize(
    ("name", "function"), [("USub", operator.neg), ("Invert", operator.invert)]
)
def test_unary_operators(name, function):
    for operand in NAMES:
        ours = dtypes.unary_result(name, dtypes.BY_NAME[operand])
        assert ours == resolved(function, operand), (name, operand)


def test_unification():
    for left, right in itertools.product(NAMES, NAMES):
        joined = cpu_target.typing_context.unify_pairs(numba_type(left), numba_type(right))
        ours = dtypes.unify(dtypes.BY_NAME[left], dtypes.BY_NAME[right])
        assert ours == dtypes.BY_NAME[str(joined)], (left, right)


@pytest.mark.parametrize("function", [math.exp, math.sqrt, math.tanh, math.fabs])
def test_math_functions(function):
    for operand in NAMES:
        assert dtypes.math_result(dtypes.BY_NAME[operand]) == resolved(function, operand)
