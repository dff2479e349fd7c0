"""Task 4.4: the largest numbers, probabilities, and dropout.

Write in ``minitorch/nn.py``: ``argmax`` (1.0 where a number is the largest along a
dimension, else 0.0), ``max`` with its derivative, ``softmax``, ``logsoftmax``,
``maxpool2d`` and ``dropout``. A dimension that was folded stays with size 1.

Softmax must hold for numbers such as 1000, whose exponential is no float: less the largest,
they give the same result. Left open: who of several largest gets how much of a derivative;
whether ``log`` adds the course's ``EPS`` of 1e-6; and whether dropout divides the numbers
that it keeps by how likely that is, as some libraries do and the course does not. The
derivatives of ``maxpool2d`` go through `mend_views`: see task 4.3.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import numpy as np

from minigrade import Case, Minitorch, Task, property_check
from minigrade.authoring.tensors import tensors, with_dim, with_upstream
from minigrade.probing import gradient, mend_views, tensor, values

from .dropping import dropouts, judge_dropout
from .oracles import (
    COMPILING_S,
    EITHER_LOG,
    IMAGES,
    SOFTMAXES,
    all_forwards,
    arranged,
    eps_changes,
    forwards,
    images,
    is_largest,
    judge_slopes,
    softmax_slopes,
    tiled,
    untiled,
)

TASK = Task(
    "4.4",
    title="Max, softmax and dropout",
    points=10,
    hidden_points=3,
    files=("minitorch/nn.py",),
    link="https://minitorch.github.io/module4/softmax/",
)

WAVES = np.where(np.indices((2, 3, 4)).sum(0) % 2, -1, 1) * arranged(2, 3, 4)
BLOCKS = tuple(
    Case(a=WAVES, a_order=order, dim=dim, d=arranged(*(1 if i == dim else n for i, n in sides)))
    for sides in [list(enumerate(WAVES.shape))]
    for order in ([0, 1, 2], [2, 0, 1])
    for dim in (0, 1, 2)
)
WHOLE = tuple(Case(**{**case, "d": arranged(*WAVES.shape)}) for case in BLOCKS)


# The largest


@property_check(
    each=("argmax", "max"),
    cases=with_dim(tensors()),
    examples=all_forwards(BLOCKS),
    expect=lambda name, a, dim, **_: {
        "result": a.max(dim, keepdims=True) if name == "max" else is_largest(a, dim),
        "a": a,
    },
    count=50,
    weight=3,
    time_limit_s=COMPILING_S,
    jit=True,
    compiles=True,
)
def finds_the_largest(mt: Minitorch, name: str, a: np.ndarray, a_order: list[int], dim: int) -> Any:
    """`max` gives the largest number along a dimension, and `argmax` where it is."""
    given = tensor(mt, a, a_order)
    result = getattr(mt.nn, name)(given, dim)
    return {"result": values(result), "a": values(given)}


@property_check(
    cases=with_upstream(with_dim(tensors()), lambda a, dim, **_: a.max(dim, keepdims=True)),
    examples=BLOCKS,
    expect=lambda a, dim, d, **_: {"grad": is_largest(a, dim) * d, "a": a},
    count=50,
    weight=2,
    jit=False,
)
def differentiates_max(
    mt: Minitorch, a: np.ndarray, a_order: list[int], dim: int, d: np.ndarray
) -> Any:
    """The largest number gets the derivative of `max`, and the others get nothing."""
    given = tensor(mt, a, a_order)
    mt.nn.max(given, dim).backward(tensor(mt, d, constant=True))
    return {"grad": gradient(given), "a": values(given)}


# Softmax


@property_check(
    each=tuple(SOFTMAXES),
    cases=with_dim(tensors(-6, 6)),
    examples=all_forwards(BLOCKS),
    expect=lambda name, a, dim, **_: {"result": SOFTMAXES[name](a, dim), "a": a},
    judge=EITHER_LOG,
    count=50,
    weight=4,
    jit=False,
)
def computes_probabilities(
    mt: Minitorch, name: str, a: np.ndarray, a_order: list[int], dim: int
) -> Any:
    """`softmax` gives probabilities along a dimension, and `logsoftmax` their logarithms."""
    given = tensor(mt, a, a_order)
    result = getattr(mt.nn, name)(given, dim)
    return {"result": values(result), "a": values(given)}


def far_out(step: float) -> Any:
    """Draw tensors whose numbers lie around 1000, around -1000, or `step` times further apart."""
    return with_dim(tensors()).map(
        lambda case: {
            **case,
            "a": case["a"] * step
            if case["a"].size % 2
            else case["a"] + (1000.0 if case["dim"] else -1000.0),
        }
    )


@property_check(
    each=tuple(SOFTMAXES),
    cases=far_out(100.0),
    examples=(
        Case(a=np.array([[1000.0, 1001.0, 999.0]]), a_order=[0, 1], dim=1),
        Case(a=np.array([[-1000.0], [-1002.0]]), a_order=[0, 1], dim=0),
        Case(a=np.array([1000.0, 0.0, -1000.0]), a_order=[0], dim=0),
    ),
    expect=lambda name, a, dim, **_: SOFTMAXES[name](a, dim),
    judge=EITHER_LOG,
    count=40,
    weight=2,
    jit=False,
)
def holds_for_large_numbers(
    mt: Minitorch, name: str, a: np.ndarray, a_order: list[int], dim: int
) -> Any:
    """Both hold for numbers such as 1000, whose exponential no float can hold."""
    given = tensor(mt, a, a_order)
    result = getattr(mt.nn, name)(given, dim)
    return values(result)


@property_check(
    each=tuple(SOFTMAXES),
    cases=with_upstream(with_dim(tensors(-6, 6)), lambda a, **_: a),
    examples=WHOLE,
    expect=lambda name, a, dim, d, **_: {
        "grad": softmax_slopes(name, a, dim, d),
        "eps changes": eps_changes(a, dim, d),
        "a": a,
    },
    judge=judge_slopes,
    count=40,
    weight=3,
    jit=False,
)
def differentiates_probabilities(
    mt: Minitorch, name: str, a: np.ndarray, a_order: list[int], dim: int, d: np.ndarray
) -> Any:
    """`backward(d)` gives the derivatives of `softmax` and of `logsoftmax`."""
    given = tensor(mt, a, a_order)
    result = getattr(mt.nn, name)(given, dim)
    result.backward(tensor(mt, d, constant=True))
    return {"grad": gradient(given), "a": values(given)}


# Pooling


@property_check(
    cases=forwards(images()),
    examples=all_forwards(IMAGES),
    expect=lambda a, kernel, **_: {"largest": tiled(a, kernel).max(-1), "a": a},
    count=50,
    weight=2,
    jit=False,
)
def pools_the_largest(mt: Minitorch, a: np.ndarray, a_order: list[int], kernel: list[int]) -> Any:
    """`maxpool2d` gives the largest number of each tile."""
    given = tensor(mt, a, a_order)
    return {"largest": values(mt.nn.maxpool2d(given, tuple(kernel))), "a": values(given)}


def to_largest(a: np.ndarray, d: np.ndarray, kernel: list[int]) -> np.ndarray:
    """Return the derivatives of tiles' largest numbers by all numbers."""
    return untiled(is_largest(tiled(a, kernel), -1) * d[..., None], kernel)


@property_check(
    cases=images(),
    examples=IMAGES,
    expect=lambda a, d, kernel, **_: to_largest(a, d, kernel),
    count=40,
    weight=2,
    jit=False,
)
def differentiates_pools(
    mt: Minitorch, a: np.ndarray, a_order: list[int], kernel: list[int], d: np.ndarray
) -> Any:
    """The largest number of a tile gets the derivative of `maxpool2d`, and the others nothing."""
    mend_views(mt)
    given = tensor(mt, a, a_order)
    mt.nn.maxpool2d(given, tuple(kernel)).backward(tensor(mt, d, constant=True))
    return gradient(given)


# Dropout


@property_check(
    cases=dropouts(),
    examples=(Case(shape=[40, 30], rate=0.25, seed=1), Case(shape=[40, 30], rate=0.75, seed=2)),
    expect=lambda shape, rate, seed: {  # noqa: ARG005
        "numbers": arranged(*shape),
        "rate": rate,
    },
    judge=judge_dropout,
    count=5,
    weight=Fraction(5, 2),
    jit=False,
)
def drops_at_random(mt: Minitorch, shape: list[int], rate: float, seed: int) -> Any:
    """`dropout` replaces that part of the numbers by 0, others each time; no more, no less.

    It may divide what it keeps by 1 - rate. So another check asks a rate of 1.
    """
    random.seed(seed)
    np.random.seed(seed)
    given = tensor(mt, np.arange(1.0, 1 + shape[0] * shape[1]).reshape(shape) / 4)
    first, second = mt.nn.dropout(given, rate), mt.nn.dropout(given, rate)
    nothing_dropped = mt.nn.dropout(given, 0.0)
    ignored = mt.nn.dropout(given, rate, ignore=True)
    first.backward(tensor(mt, values(given) * 2, constant=True))
    return {
        "results": [values(first), values(second)],
        "grad": gradient(given),
        "at a rate of 0": values(nothing_dropped),
        "ignored": values(ignored),
        "input": values(given),
    }


@property_check(
    cases=tensors(),
    expect=lambda a, a_order: {"at a rate of 1": 0 * a, "ignored": a},  # noqa: ARG005
    count=30,
    weight=Fraction(1, 2),
    jit=False,
)
def drops_everything(mt: Minitorch, a: np.ndarray, a_order: list[int]) -> Any:
    """At a rate of 1 `dropout` gives zeros, however it scales what it keeps: 1 - rate is 0."""
    given = tensor(mt, a, a_order)
    dropped, ignored = mt.nn.dropout(given, 1.0), mt.nn.dropout(given, 1.0, ignore=True)
    return {"at a rate of 1": values(dropped), "ignored": values(ignored)}
