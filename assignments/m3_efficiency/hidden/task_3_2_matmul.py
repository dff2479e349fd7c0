"""Task 3.2, hidden: longer sides, a matrix beside a batch, products of products."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from minigrade import Case, Minitorch, property_check
from minigrade.authoring.kernels import kernel_products, matrix_pairs, plain
from minigrade.authoring.tensors import lying
from minigrade.probing import fast_backend, gradient, lie, raw, tensor, values

TALL = np.arange(134.0).reshape(1, 67, 2) / 4 - 16
FLAT = np.arange(138.0).reshape(1, 2, 69) / 4 - 17


@property_check(
    cases=kernel_products(5),
    examples=(
        Case(a=plain(TALL), b=plain(FLAT), out=[[1, 67, 69], [4623, 1, 67]]),
        Case(a=plain(FLAT), b=plain(FLAT.reshape(1, 69, 2)), out=[[1, 2, 2], [4, 2, 1]]),
    ),
    expect=lambda a, b, out: lying(*a) @ lying(*b),  # noqa: ARG005
    count=80,
    weight=2,
    jit=False,
)
def multiplies_storages_again(mt: Minitorch, a: list[Any], b: list[Any], out: list[Any]) -> Any:
    """The kernel is right on sides beyond 64 too, and writes over what stood in the output."""
    result = raw(np.full(math.prod(out[0]), -3.0), *out)
    mt.fast_ops.tensor_matrix_multiply(*result, *raw(*a), *raw(*b))
    return lie(*result)


@property_check(
    cases=matrix_pairs(),
    examples=(Case(a=TALL, a_order=[0, 2, 1], b=FLAT, b_order=[0, 1, 2]),),
    expect=lambda a, b, **_: {
        "product": a @ b,
        "transposed": np.swapaxes(a @ b, -1, -2),
        "square": np.swapaxes(b, -1, -2) @ b,
    },
    count=40,
    weight=2,
    jit=True,
)
def multiplies_what_was_permuted(
    mt: Minitorch, a: np.ndarray, a_order: list[int], b: np.ndarray, b_order: list[int]
) -> Any:
    """Compiled, products of permuted tensors are right: (a b) transposed is b' a'."""
    fast = fast_backend(mt)
    left, right = tensor(mt, a, a_order, backend=fast), tensor(mt, b, b_order, backend=fast)
    dims = len(right.shape)
    turn = [*range(dims - 2), dims - 1, dims - 2]
    return {
        "product": values(left @ right),
        "transposed": values(right.permute(*turn) @ left.permute(*turn)),
        "square": values(right.permute(*turn) @ right),
    }


@property_check(
    cases=matrix_pairs().filter(lambda case: case["a"].ndim == case["b"].ndim == 2),
    examples=(Case(a=TALL[0], a_order=[1, 0], b=FLAT[0], b_order=[0, 1]),),
    expect=lambda a, b, **_: [2 * (a @ b) @ b.T, 2 * a.T @ (a @ b)],
    count=30,
    weight=2,
    jit=True,
)
def differentiates_a_square(
    mt: Minitorch, a: np.ndarray, a_order: list[int], b: np.ndarray, b_order: list[int]
) -> Any:
    """Compiled, the derivatives of the sum of squares of a product are right."""
    fast = fast_backend(mt)
    left, right = tensor(mt, a, a_order, backend=fast), tensor(mt, b, b_order, backend=fast)
    found = left @ right
    (found * found).sum().backward()
    return [gradient(left), gradient(right)]


SHAPES = (
    Case(a_shape=[3, 80, 130], b_shape=[1, 130, 90], order=[2, 0, 1]),
    Case(a_shape=[1, 1, 700], b_shape=[1, 700, 1300], order=[0, 2, 1]),
)


def ramp(shape: list[int]) -> np.ndarray:
    """Return quarter steps in a shape; a case need not carry them, and neighbours all differ."""
    return ((np.arange(math.prod(shape)) * 731 % 1_021 - 510) / 4).reshape(shape)


@property_check(
    cases=st.sampled_from(SHAPES).map(dict),
    examples=SHAPES,
    expect=lambda a_shape, b_shape, order: ramp(a_shape) @ ramp(b_shape),  # noqa: ARG005
    count=2,
    jit=True,
)
def multiplies_large_matrices(
    mt: Minitorch, a_shape: list[int], b_shape: list[int], order: list[int]
) -> Any:
    """Compiled, large products come out right, however many threads share the work."""
    fast = fast_backend(mt)
    left = tensor(mt, ramp(a_shape), order, backend=fast)
    return values(left @ tensor(mt, ramp(b_shape), order, backend=fast))
