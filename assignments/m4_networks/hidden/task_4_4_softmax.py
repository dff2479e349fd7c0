"""Task 4.4, hidden: more dimensions, only negative numbers, and functions in a row."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrade import Case, Minitorch, property_check
from minigrade.authoring.judging import close
from minigrade.authoring.tensors import tensors, with_dim, with_upstream
from minigrade.probing import gradient, mend_views, tensor, values

from ..oracles import (
    SOFTMAXES,
    arranged,
    image_case,
    images,
    is_largest,
    softmax_slopes,
    tiled,
)
from ..task_4_4_softmax import EITHER_LOG, to_largest

# What EPS changes, 1.6e-5 at most, times 2 a, 6 at most.
THROUGH_A_SQUARE = close(rtol=1e-9, atol=1e-4)
BELOW = tensors(-40, -1, most=5, largest=60)


@property_check(
    cases=with_upstream(with_dim(BELOW), lambda a, dim, **_: a.max(dim, keepdims=True)),
    examples=(Case(a=-arranged(70, 2), a_order=[1, 0], dim=0, d=arranged(1, 2)),),
    expect=lambda a, dim, d, **_: {
        "max": a.max(dim, keepdims=True),
        "argmax": is_largest(a, dim),
        "grad": is_largest(a, dim) * d * 2,
    },
    count=50,
    weight=2,
    jit=False,
)
def finds_the_largest_of_negative_numbers(
    mt: Minitorch, a: np.ndarray, a_order: list[int], dim: int, d: np.ndarray
) -> Any:
    """`max` and `argmax` are right where all numbers are negative, in five dimensions too."""
    given = tensor(mt, a, a_order)
    largest, where = mt.nn.max(given, dim), mt.nn.argmax(given, dim)
    (largest * 2.0).backward(tensor(mt, d, constant=True))
    return {"max": values(largest), "argmax": values(where), "grad": gradient(given)}


@property_check(
    each=tuple(SOFTMAXES),
    cases=with_dim(tensors(-6, 6, most=5, largest=60)),
    examples=(Case(a=arranged(2, 40), a_order=[1, 0], dim=1),),
    expect=lambda name, a, dim, **_: SOFTMAXES[name](a + 2000, dim),
    judge=EITHER_LOG,
    count=40,
    weight=2,
    jit=False,
)
def computes_probabilities_of_many(
    mt: Minitorch, name: str, a: np.ndarray, a_order: list[int], dim: int
) -> Any:
    """`softmax` and `logsoftmax` are right far from 0, in up to five dimensions."""
    return values(getattr(mt.nn, name)(tensor(mt, a, a_order) + 2000.0, dim))


@property_check(
    each=tuple(SOFTMAXES),
    cases=with_upstream(with_dim(tensors(-3, 3)), lambda a, **_: a),
    expect=lambda name, a, dim, d, **_: softmax_slopes(name, a * a, dim, d) * 2 * a,
    judge=THROUGH_A_SQUARE,
    count=30,
    jit=False,
)
def passes_derivatives_through_probabilities(
    mt: Minitorch, name: str, a: np.ndarray, a_order: list[int], dim: int, d: np.ndarray
) -> Any:
    """What `softmax` was computed from gets its derivative too."""
    given = tensor(mt, a, a_order)
    getattr(mt.nn, name)(given * given, dim).backward(tensor(mt, d, constant=True))
    return gradient(given)


@property_check(
    cases=images(120, 5),
    examples=(image_case(10, 3, [5, 3], [1, 3, 0, 2]), image_case(2, 12, [1, 6], [0, 1, 3, 2])),
    expect=lambda a, kernel, d, **_: {
        "largest": 3 * tiled(a - 100, kernel).max(-1),
        "grad": 3 * to_largest(a, d, kernel),
    },
    count=40,
    weight=2,
    jit=False,
)
def pools_with_large_kernels(
    mt: Minitorch, a: np.ndarray, a_order: list[int], kernel: list[int], d: np.ndarray
) -> Any:
    """`maxpool2d` is right, forward and backward, for larger kernels and negative numbers."""
    mend_views(mt)
    given = tensor(mt, a, a_order)
    pooled = mt.nn.maxpool2d(given - 100.0, tuple(kernel)) * 3.0
    pooled.backward(tensor(mt, d, constant=True))
    return {"largest": values(pooled), "grad": gradient(given)}


@property_check(
    cases=tensors(),
    expect=lambda a, a_order: {  # noqa: ARG005
        "nothing": a,
        "everything": 0 * a,
        "ignored": [a, a],
        "input": a,
    },
    count=40,
    jit=False,
)
def drops_everything_or_nothing(mt: Minitorch, a: np.ndarray, a_order: list[int]) -> Any:
    """`dropout` drops all at a rate of 1, nothing at 0, and nothing where it is ignored."""
    given = tensor(mt, a, a_order)
    return {
        "nothing": values(mt.nn.dropout(given, 0.0)),
        "everything": values(mt.nn.dropout(given, 1.0)),
        "ignored": [values(mt.nn.dropout(given, rate, ignore=True)) for rate in (0.5, 1.0)],
        "input": values(given),
    }
