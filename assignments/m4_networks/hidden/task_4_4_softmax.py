"""Task 4.4, hidden: more dimensions, only negative numbers, and functions in a row."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrade import Case, Minitorch, property_check
from minigrade.authoring.judging import Mismatch, close
from minigrade.authoring.tensors import tensors, with_dim, with_upstream
from minigrade.probing import gradient, mend_views, tensor, values

from ..oracles import (
    EITHER_LOG,
    SOFTMAXES,
    arranged,
    eps_changes,
    image_case,
    images,
    is_largest,
    judge_slopes,
    softmax_slopes,
    tiled,
)
from ..task_4_4_softmax import to_largest

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


def judge_shares(expected: Any, observed: Any) -> Mismatch | None:
    """Judge whether equal numbers share `d`: each gets a part of it, or all, together all.

    Which of them gets how much is left open: one of them everything, each as much as the
    others, or each everything. All that are smaller get nothing.
    """
    most, dim = expected["most"], expected["dim"]
    wrong = close()(0 * most, 0 * observed if isinstance(observed, np.ndarray) else observed)
    if wrong:
        return wrong
    if (observed < 0).any() or (observed > most * (1 + 1e-9)).any():
        return Mismatch("wrong_share", f"expected at most {most!r}, got {observed!r}")
    missing = most.max(dim) * (1 - 1e-9) > observed.sum(dim)
    if missing.any():
        return Mismatch("lost_share", f"expected {most!r} or parts of it, got {observed!r}")
    return None


@property_check(
    cases=with_upstream(
        with_dim(tensors(-0.25, 0.25)), lambda a, dim, **_: a.max(dim, keepdims=True), low=0.25
    ),
    examples=(Case(a=np.array([[2.0, 2.0, 1.0]]), a_order=[0, 1], dim=1, d=np.array([[1.5]])),),
    expect=lambda a, dim, d, **_: {"most": is_largest(a, dim) * d, "dim": dim},
    judge=judge_shares,
    count=40,
    jit=False,
)
def shares_among_equals(
    mt: Minitorch, a: np.ndarray, a_order: list[int], dim: int, d: np.ndarray
) -> Any:
    """Where several numbers are the largest, none gets more than the derivative of `max`."""
    given = tensor(mt, a, a_order)
    mt.nn.max(given, dim).backward(tensor(mt, d, constant=True))
    return gradient(given)


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
    expect=lambda name, a, dim, d, **_: {
        "grad": softmax_slopes(name, a * a, dim, d) * 2 * a,
        "eps changes": eps_changes(a * a, dim, d) * 2 * abs(a),
    },
    judge=judge_slopes,
    count=30,
    jit=False,
)
def passes_derivatives_through_probabilities(
    mt: Minitorch, name: str, a: np.ndarray, a_order: list[int], dim: int, d: np.ndarray
) -> Any:
    """What `softmax` was computed from gets its derivative too."""
    given = tensor(mt, a, a_order)
    getattr(mt.nn, name)(given * given, dim).backward(tensor(mt, d, constant=True))
    return {"grad": gradient(given)}


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
    """`dropout` gives zeros at a rate of 1, drops nothing at 0, and nothing if it is ignored."""
    given = tensor(mt, a, a_order)
    return {
        "nothing": values(mt.nn.dropout(given, 0.0)),
        "everything": values(mt.nn.dropout(given, 1.0)),
        "ignored": [values(mt.nn.dropout(given, rate, ignore=True)) for rate in (0.5, 1.0)],
        "input": values(given),
    }
