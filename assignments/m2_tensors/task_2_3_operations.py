"""Task 2.3: operations on whole tensors, forwards.

Write ``tensor_map``, ``tensor_zip`` and ``tensor_reduce`` in
``minitorch/tensor_ops.py``, the ``forward`` of the functions in
``minitorch/tensor_functions.py`` and, where they are not given, the methods of ``Tensor``. NumPy
says what each gives. Inputs are part of the answer: they must stay as they are.

The three loops are asked directly too, with storages, shapes and strides: the tensors of
the course's own tests nearly all lie in plain order, where a loop that ignores strides is
right. Left open: the order of a fold, so only functions are folded that do not mind; which
number ``is_close`` takes for close, so pairs are equal, or apart by 2**-30, or by 0.25.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrade import Case, Minitorch, Task, property_check
from minigrade.authoring.judging import close
from minigrade.authoring.kernels import kernel_maps, kernel_reductions, kernel_zips, plain
from minigrade.authoring.tensors import (
    lying,
    tensors,
    views,
    with_number,
    with_order,
)
from minigrade.probing import compute, lie, raw, slopes_or_zeros, tensor, values

from .oracles import (
    ARITHMETIC,
    BESIDE,
    BLOCKS,
    BROADCAST,
    COLUMN,
    FOLDS,
    FUNCTIONS,
    GRID,
    LECTURE,
    PAIRS,
    RELATED,
    YES_AND_NO,
    compare_or_compute,
    expect_viewed,
    fold,
    paired,
    to_fold,
)

TASK = Task(
    "2.3",
    title="Tensor operations",
    points=10,
    hidden_points=3,
    files=(
        "minitorch/tensor_ops.py",
        "minitorch/tensor_functions.py",
        "minitorch/tensor.py",
    ),
    link="https://minitorch.github.io/module2/tensorops/",
)

# The three loops


@property_check(
    cases=kernel_maps(),
    examples=(
        Case(a=plain(GRID), out=[[2, 3], [3, 1]]),
        Case(a=[np.arange(6.0), [2, 3], [1, 2]], out=[[2, 3], [3, 1]]),
        Case(a=[np.arange(3.0), [3], [1]], out=[[2, 3], [1, 2]]),
    ),
    expect=lambda a, out: {"out": np.broadcast_to(2 * lying(*a) + 1, out[0]), "a": a[0]},
    count=60,
    weight=3,
)
def maps_storages(mt: Minitorch, a: list[Any], out: list[Any]) -> Any:
    """`tensor_map` broadcasts an input of any strides into an output of any strides."""
    result = raw(np.zeros(math.prod(out[0])), *out)
    mt.tensor_ops.tensor_map(lambda x: 2 * x + 1)(*result, *raw(*a))
    return {"out": lie(*result), "a": a[0]}


@property_check(
    cases=kernel_zips(),
    examples=(
        Case(a=plain(GRID), b=[np.arange(6.0), [2, 3], [1, 2]], out=[[2, 3], [3, 1]]),
        Case(a=[np.arange(2.0), [2, 1], [1, 1]], b=plain(GRID[0]), out=[[2, 3], [1, 2]]),
    ),
    expect=lambda a, b, out: {"out": lying(*a) - 3 * lying(*b), "inputs": [a[0], b[0]]},  # noqa: ARG005
    count=60,
    weight=3,
)
def zips_storages(mt: Minitorch, a: list[Any], b: list[Any], out: list[Any]) -> Any:
    """`tensor_zip` broadcasts two inputs of any strides into an output of any strides."""
    result = raw(np.zeros(math.prod(out[0])), *out)
    mt.tensor_ops.tensor_zip(lambda x, y: x - 3 * y)(*result, *raw(*a), *raw(*b))
    return {"out": lie(*result), "inputs": [a[0], b[0]]}


# Sums, products and maxima of a few quarter steps are exact, whatever their order.
STEPS: dict[str, Callable[[float, float], float]] = {
    "add": lambda x, y: x + y,
    "mul": lambda x, y: x * y,
    "max": lambda x, y: x if x > y else y,
}
NUMPY_STEPS: dict[str, Any] = {"add": np.add, "mul": np.multiply, "max": np.maximum}
STARTS = {"add": 0.0, "mul": 1.0, "max": -1e9}


# What stands in the output changes nothing here, but for those that use it twice. A fold
# that starts elsewhere is asked last, and for less: some start from the first number.
@property_check(
    each=("add", "mul", "max", "add to 10"),
    cases=lambda name: kernel_reductions(10.0 if name == "add to 10" else STARTS[name]),
    examples={
        name: (
            Case(a=plain(GRID), dim=0, out=[[1, 3], [3, 1]], start=start),
            Case(a=plain(GRID), dim=1, out=[[2, 1], [1, 1]], start=start),
            Case(a=[GRID.reshape(-1), [2, 3], [1, 2]], dim=1, out=[[2, 1], [1, 1]], start=start),
        )
        for name, start in (*STARTS.items(), ("add to 10", 10.0))
    },
    expect=lambda name, a, dim, out, start: {  # noqa: ARG005
        "out": NUMPY_STEPS[name[:3]].reduce(lying(*a), axis=dim, keepdims=True, initial=start),
        "a": a[0],
    },
    count=50,
    weight=4,
)
def folds_storages(
    mt: Minitorch, name: str, a: list[Any], dim: int, out: list[Any], start: float
) -> Any:
    """`tensor_reduce` folds one dimension, starting from what stands in the output."""
    result = raw(np.full(math.prod(out[0]), start), *out)
    mt.tensor_ops.tensor_reduce(STEPS[name[:3]])(*result, *raw(*a), dim)
    return {"out": lie(*result), "a": a[0]}


# Functions and methods

# From x = 0.5 on, EPS changes a logarithm by 2e-6 at most.
EITHER_LOG = {"a.log()": close(rtol=1e-9, atol=2.1e-6)}


@property_check(
    each=tuple(FUNCTIONS),
    cases=lambda form: FUNCTIONS[form].cases,
    examples={
        form: (
            Case(a=abs(GRID) if form == "a.log()" else GRID, a_order=[0, 1]),
            Case(a=abs(GRID) if form == "a.log()" else GRID, a_order=[1, 0]),
        )
        for form in FUNCTIONS
    },
    expect=lambda form, a, a_order: {"result": FUNCTIONS[form].value(a), "a": a},  # noqa: ARG005
    judge=EITHER_LOG,
    count=40,
    weight=6,
)
def applies(mt: Minitorch, form: str, a: np.ndarray, a_order: list[int]) -> Any:
    """A function of one tensor is applied to each of its numbers."""
    given = tensor(mt, a, a_order)
    return {"result": values(compute(form, a=given)), "a": values(given)}


# Whoever always says yes, or always no, is wrong in each comparison.
@property_check(
    each=(*PAIRS, *(form + BROADCAST for form in PAIRS)),
    cases=paired,
    examples={
        **dict.fromkeys(PAIRS, RELATED),
        **{form + BROADCAST: LECTURE if form in ARITHMETIC else COLUMN for form in PAIRS},
    },
    expect=lambda form, a, b, **_: {
        "result": compare_or_compute(form.removesuffix(BROADCAST), a, b),
        "inputs": [a, b],
    },
    count=40,
    weight=12,
)
def computes_pair_by_pair(
    mt: Minitorch, form: str, a: np.ndarray, a_order: list[int], b: np.ndarray, b_order: list[int]
) -> Any:
    """Two tensors are computed with pair by pair; comparisons give 1.0 or 0.0."""
    left, right = tensor(mt, a, a_order), tensor(mt, b, b_order)
    result = compute(form.partition(",")[0], a=left, b=right)
    return {"result": values(result), "inputs": [values(left), values(right)]}


@property_check(
    each=(*BESIDE, "a < n", "a > n", "a == n"),
    cases=with_number(tensors()),
    examples=(Case(a=GRID, a_order=[0, 1], n=4.0), Case(a=GRID, a_order=[1, 0], n=0.5)),
    expect=lambda form, a, n, **_: {"result": compute(form, a=a, n=n).astype(float), "a": a},
    count=30,
    weight=3,
)
def calculates_with_plain_numbers(
    mt: Minitorch, form: str, a: np.ndarray, a_order: list[int], n: float
) -> Any:
    """A tensor and a plain number give a tensor, with the number beside each of its own."""
    given = tensor(mt, a, a_order)
    return {"result": values(compute(form, a=given, n=n)), "a": values(given)}


@property_check(
    each=tuple(FOLDS),
    cases=to_fold,
    examples={form: YES_AND_NO if "all" in form else BLOCKS for form in FOLDS},
    expect=lambda form, a, a_order, dim: {"result": fold(form, a, dim), "a": a},  # noqa: ARG005
    count=40,
    weight=5,
)
def folds(mt: Minitorch, form: str, a: np.ndarray, a_order: list[int], dim: int) -> Any:
    """`sum`, `mean` and `all` fold one dimension, which stays with size 1, or the whole tensor."""
    given = tensor(mt, a, a_order)
    return {"result": values(compute(form, a=given, dim=dim)), "a": values(given)}


@property_check(
    cases=with_order(tensors()),
    examples=tuple(
        Case(a=np.arange(24.0).reshape(2, 3, 4), a_order=[0, 1, 2], order=order)
        for order in ([2, 0, 1], [1, 2, 0], [0, 2, 1])
    ),
    expect=lambda a, a_order, order: {"result": a.transpose(order), "a": a},  # noqa: ARG005
    count=50,
    weight=2,
)
def permutes(mt: Minitorch, a: np.ndarray, a_order: list[int], order: list[int]) -> Any:
    """`permute` puts the dimensions of a tensor in another order."""
    given = tensor(mt, a, a_order)
    return {"result": values(given.permute(*order)), "a": values(given)}


@property_check(
    cases=views(),
    examples=(
        Case(a=GRID, a_order=[0, 1], shape=[3, 2]),
        Case(a=GRID, a_order=[1, 0], shape=[3, 2]),
        Case(a=GRID, a_order=[0, 1], shape=[1, 6, 1]),
    ),
    expect=expect_viewed,
    count=50,
)
def views_in_another_shape(
    mt: Minitorch, a: np.ndarray, a_order: list[int], shape: list[int]
) -> Any:
    """`view` gives the same numbers in another shape, but not if they lie out of order."""
    given = tensor(mt, a, a_order)
    view: Any
    try:
        view = values(given.view(*shape))
    except AssertionError:
        view = "AssertionError"
    return {"view": view, "of a copy": values(given.contiguous().view(*shape))}


@property_check(
    cases=tensors(),
    examples=(Case(a=GRID, a_order=[0, 1]),),
    expect=lambda a, a_order: {  # noqa: ARG005
        "size": a.size,
        "dims": a.ndim,
        "shape": list(a.shape),
        "grad": a,
        "after zero_grad_": 0 * a,
        "is a leaf": True,
    },
    count=30,
)
def knows_itself(mt: Minitorch, a: np.ndarray, a_order: list[int]) -> Any:
    """A tensor knows its `size`, `dims` and `shape`, and `zero_grad_` forgets its `grad`."""
    given = tensor(mt, a, a_order)
    given.zero_grad_()  # there is nothing yet
    given.grad = tensor(mt, a, constant=True)
    before = values(given.grad)
    given.zero_grad_()
    return {
        "size": given.size,
        "dims": given.dims,
        "shape": list(given.shape),
        "grad": before,
        "after zero_grad_": slopes_or_zeros(given),
        "is a leaf": bool(given.is_leaf()),
    }
