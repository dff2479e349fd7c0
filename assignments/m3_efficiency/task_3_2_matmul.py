"""Task 3.2: matrix multiplication, compiled by numba and in parallel.

Write ``_tensor_matrix_multiply`` in ``minitorch/fast_matmul.py`` (in some years it stands in
``minitorch/fast_ops.py``, which has to know it in any case). It multiplies matrices in three
dimensions, of which the first counts them, and is broadcast where it is 1; compiled, and in
parallel. `@` and its derivatives are built on it.

As in Task 3.1, the text runs as Python first, on storages in all layouts, and is compiled
then. NumPy says what to expect. Numbers are quarter steps of at most 20, so that products
and their sums are exact, in whatever order they are added.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from minigrade import Case, Minitorch, Task, compiled_check, property_check, source_check
from minigrade.authoring.kernels import kernel_products, matrix_pairs, plain
from minigrade.authoring.tensors import lying, unbroadcast, with_upstream
from minigrade.probing import (
    compilation,
    fast_backend,
    gradient,
    lie,
    raw,
    tensor,
    unchanged,
    values,
)

TASK = Task(
    "3.2",
    title="Matrix multiplication",
    points=10,
    hidden_points=3,
    files=("minitorch/fast_ops.py", "minitorch/fast_matmul.py"),
    link="https://minitorch.github.io/module3/matrixmult/",
)

LEFT = np.array([[[1.0, -2.0, 3.0], [4.0, 0.5, -6.0]]])  # (1, 2, 3)
RIGHT = np.arange(24.0).reshape(2, 3, 4) / 4 - 2
# The lecture's layer: 784 inputs, 10 outputs, here of a batch of 3.
PIXELS = np.arange(2352.0).reshape(3, 784) % 17 / 4 - 2
WEIGHTS = np.arange(7840.0).reshape(784, 10) % 19 / 4 - 2.25


def product(a: np.ndarray, b: np.ndarray, **_: Any) -> np.ndarray:
    """Return the matrix product."""
    found: np.ndarray = a @ b
    return found


def expect_slopes(a: np.ndarray, b: np.ndarray, d: np.ndarray, **_: Any) -> dict[str, Any]:
    """Return the product, its derivatives times `d`, and the operands, which stay as they are."""
    return {
        "product": a @ b,
        "grads": [
            unbroadcast(d @ np.swapaxes(b, -1, -2), a.shape),
            unbroadcast(np.swapaxes(a, -1, -2) @ d, b.shape),
        ],
        "operands": [a, b],
    }


def case(a: np.ndarray, b: np.ndarray, turned: bool = False) -> Case:
    """Return two operands; `turned` ones are transposes in memory."""
    orders = [sorted(range(x.ndim), reverse=turned) for x in (a, b)]
    return Case(a=a, a_order=orders[0], b=b, b_order=orders[1])


def with_d(one: Case) -> Case:
    """Return a case with a derivative to start from, whose numbers differ."""
    shape = product(**one).shape
    return Case(**one, d=np.arange(1.0, 1 + math.prod(shape)).reshape(shape) % 23 / 4)


MATRICES = (
    case(LEFT, RIGHT),
    case(LEFT, RIGHT, turned=True),
    case(LEFT[0], RIGHT[1]),
    case(LEFT[0], RIGHT[1], turned=True),
    case(RIGHT, np.swapaxes(RIGHT, 1, 2).copy()),
    case(np.arange(70.0).reshape(70, 1), np.arange(4.0).reshape(1, 4)),
)


# As Python: all layouts


@property_check(
    cases=kernel_products(),
    examples=(
        Case(a=plain(LEFT), b=plain(RIGHT), out=[[2, 2, 4], [8, 4, 1]]),
        Case(a=plain(LEFT), b=plain(RIGHT), out=[[2, 2, 4], [1, 2, 4]]),
        Case(
            a=[LEFT.reshape(-1), [1, 2, 3], [6, 1, 2]],
            b=[RIGHT.reshape(-1), [2, 3, 4], [1, 2, 6]],
            out=[[2, 2, 4], [8, 4, 1]],
        ),
        Case(
            a=plain(RIGHT), b=plain(np.swapaxes(RIGHT, 1, 2)[:1].copy()), out=[[2, 3, 3], [9, 3, 1]]
        ),
    ),
    expect=lambda a, b, out: {"out": lying(*a) @ lying(*b), "kept": [out, a, b]},
    count=80,
    weight=3,
    jit=False,
)
def multiplies_storages(mt: Minitorch, a: list[Any], b: list[Any], out: list[Any]) -> Any:
    """The kernel multiplies matrices of any strides, and uses one of a batch of 1 for all."""
    result, left, right = raw(np.full(math.prod(out[0]), 7.0), *out), raw(*a), raw(*b)
    mt.fast_ops.tensor_matrix_multiply(*result, *left, *right)
    return {"out": lie(*result), "kept": unchanged(result, left, right)}


@property_check(
    cases=with_upstream(matrix_pairs(), product),
    examples=tuple(map(with_d, MATRICES)),
    expect=expect_slopes,
    count=60,
    weight=2,
    jit=False,
)
def multiplies_tensors(
    mt: Minitorch, a: np.ndarray, a_order: list[int], b: np.ndarray, b_order: list[int],
    d: np.ndarray,
) -> Any:  # fmt: skip
    """`a @ b` of two or three dimensions, in any order, has the right numbers and derivatives."""
    fast = fast_backend(mt)
    left, right = tensor(mt, a, a_order, backend=fast), tensor(mt, b, b_order, backend=fast)
    result = left @ right
    result.backward(tensor(mt, d, constant=True, backend=fast))
    return {
        "product": values(result),
        "grads": [gradient(left), gradient(right)],
        "operands": [values(left), values(right)],
    }


# Compiled


@property_check(
    cases=with_upstream(matrix_pairs(), product),
    examples=(*map(with_d, MATRICES), with_d(case(PIXELS, WEIGHTS))),
    expect=expect_slopes,
    count=40,
    weight=3,
    jit=True,
    compiles=True,
)
def multiplies_compiled(
    mt: Minitorch, a: np.ndarray, a_order: list[int], b: np.ndarray, b_order: list[int],
    d: np.ndarray,
) -> Any:  # fmt: skip
    """Compiled, `a @ b` has the right numbers and derivatives, also of a layer of 784 inputs."""
    fast = fast_backend(mt)
    left, right = tensor(mt, a, a_order, backend=fast), tensor(mt, b, b_order, backend=fast)
    result = left @ right
    result.backward(tensor(mt, d, constant=True, backend=fast))
    return {
        "product": values(result),
        "grads": [gradient(left), gradient(right)],
        "operands": [values(left), values(right)],
    }


@property_check(
    cases=matrix_pairs().filter(lambda found: found["a"].ndim == 2),
    examples=(case(LEFT[0], RIGHT[1]), case(PIXELS[:, :40], WEIGHTS[:40])),
    expect=lambda a, b, **_: {"matmul": a @ b, "zip and reduce": a @ b},
    count=20,
    jit=True,
    compiles=True,
)
def agrees_with_zip_and_reduce(
    mt: Minitorch, a: np.ndarray, a_order: list[int], b: np.ndarray, b_order: list[int]
) -> Any:
    """Compiled, `a @ b` is what broadcasting, `*` and `sum` make of the operands too."""
    fast = fast_backend(mt)
    left, right = tensor(mt, a, a_order, backend=fast), tensor(mt, b, b_order, backend=fast)
    rows, inner, columns = a.shape[0], a.shape[1], b.shape[1]
    pairs = left.contiguous().view(rows, inner, 1) * right.contiguous().view(1, inner, columns)
    return {
        "matmul": values(left @ right),
        "zip and reduce": values(pairs.sum(1)).reshape(rows, columns),
    }


LARGE = tuple(
    Case(a_shape=a_shape, b_shape=b_shape, order=order)
    for a_shape, b_shape, order in (
        ([2, 70, 131], [2, 131, 129], [0, 1, 2]),
        ([1, 129, 67], [3, 67, 66], [2, 1, 0]),
        ([1, 300, 5], [1, 5, 257], [1, 2, 0]),
    )
)


def ramp(shape: list[int]) -> np.ndarray:
    """Return quarter steps in a shape; a case need not carry them, and neighbours all differ."""
    return ((np.arange(math.prod(shape)) * 731 % 1_021 - 510) / 4).reshape(shape)


# The lines that any thread writes must be its own, and small products stay on one thread.
@property_check(
    cases=st.sampled_from(LARGE).map(dict),
    examples=LARGE,
    expect=lambda a_shape, b_shape, order: ramp(a_shape) @ ramp(b_shape),  # noqa: ARG005
    count=3,
    jit=True,
)
def multiplies_large_matrices(
    mt: Minitorch, a_shape: list[int], b_shape: list[int], order: list[int]
) -> Any:
    """Compiled, large products come out right, however many threads share the work."""
    fast = fast_backend(mt)
    left = tensor(mt, ramp(a_shape), order, backend=fast)
    return values(left @ tensor(mt, ramp(b_shape), order, backend=fast))


# How: these earn nothing, and cap the task.


@compiled_check(each=("tensor_matrix_multiply",), cap=Fraction(1, 2))
def compiles_parallel_loops(mt: Minitorch, name: str) -> Any:
    """The kernel is compiled by numba, once, and its main loop runs in parallel, without races."""
    one, other, turned = (
        raw(np.arange(12.0), shape, strides)
        for shape, strides in (
            ([1, 3, 4], [12, 4, 1]),
            ([1, 4, 3], [12, 3, 1]),
            ([1, 4, 3], [12, 1, 4]),
        )
    )
    batch = raw(np.arange(24.0), [2, 4, 3], [12, 3, 1])
    # More numbers than any kernel shares with no other core, by batches and by rows.
    batches = [raw(np.arange(120_000.0), [30_000, 2, 2], [4, 2, 1]) for _ in range(3)]
    rows = [raw(np.arange(120_000.0), [1, 60_000, 2], [0, 2, 1]) for _ in range(2)]
    cases = [
        [*raw(np.zeros(9), [1, 3, 3], [9, 3, 1]), *one, *other],
        [*raw(np.zeros(9), [1, 3, 3], [9, 1, 3]), *one, *turned],
        [*raw(np.zeros(18), [2, 3, 3], [9, 3, 1]), *one, *batch],
        [part for each in batches for part in each],
        [*rows[0], *rows[1], *raw(np.arange(4.0), [1, 2, 2], [4, 2, 1])],
    ]

    def product(side: int) -> np.ndarray:
        a = tensor(mt, np.ones((1, side, side)), backend=fast_backend(mt))
        return values(a @ a)

    return compilation(
        getattr(mt.fast_ops, name),
        *cases[0],
        call=lambda: product(2),
        large=lambda: product(400),
        cases=cases,
    )


@source_check(
    files=("minitorch/fast_ops.py",),
    parallel=("tensor_matrix_multiply",),
    instead="`for … in prange(…)` for the outermost loop, and buffers made in each iteration",
    cap=Fraction(1, 2),
)
def loops_through_prange() -> None:
    """The outermost loop of the product runs through `prange`."""


@source_check(
    files=("minitorch/fast_ops.py",),
    forbid_imports=("scipy", "torch"),
    forbid_calls=(
        "numpy.dot",
        "numpy.matmul",
        "numpy.einsum",
        "numpy.inner",
        "numpy.tensordot",
        "numpy.vdot",
        "numpy.linalg",
        "*.dot",
        "@",
    ),
    within=("tensor_matrix_multiply", "FastOps.matrix_multiply"),
    instead="loops of your own",
    cap=0,
)
def multiplies_by_itself() -> None:
    """The product is computed by loops of its own, and by no library."""
