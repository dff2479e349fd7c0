"""What tensors should compute, in NumPy, and the cases that tasks 2.3 and 2.4 share.

A form is what a student would type, such as ``a + b``; `minigrade.probing.compute` evaluates
it. None of this reaches a worker.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from minigrade import Case
from minigrade.authoring.tensors import Cases, tensor_pairs, tensors, unbroadcast, with_dim
from minigrade.probing import compute

Of1 = Callable[[np.ndarray], np.ndarray]
Of2 = Callable[[np.ndarray, np.ndarray], Any]

GRID = np.array([[1.0, -2.0, 3.0], [4.0, 0.5, -6.0]])


class Function(NamedTuple):
    """A function of one array, number by number: its values, its slopes, where to ask."""

    value: Of1
    slope: Of1
    cases: Cases


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return the logistic function."""
    return (1 + np.tanh(x / 2)) / 2


FUNCTIONS = {
    "-a": Function(lambda a: -a, lambda a: 0 * a - 1, tensors()),
    "1 / a": Function(lambda a: 1 / a, lambda a: -1 / a**2, tensors()),
    "a.log()": Function(np.log, lambda a: 1 / a, tensors(0.5, 40)),
    "a.exp()": Function(np.exp, np.exp, tensors(-8, 5)),
    "a.sigmoid()": Function(sigmoid, lambda a: sigmoid(a) * sigmoid(-a), tensors(-8, 8)),
    "a.relu()": Function(lambda a: np.maximum(a, 0), lambda a: a > 0, tensors()),
}

ARITHMETIC = ("a + b", "a - b", "a * b", "a / b")

# Derivatives with respect to a and b. Those of a plain sum are given by the course.
PARTIALS: dict[str, Of2] = {
    "(a + b) * a": lambda a, b: (2 * a + b, a),
    "(a - b) * b": lambda a, b: (b, a - 2 * b),
    "a * b": lambda a, b: (b, a),
    "a / b": lambda a, b: (1 / b, -a / b**2),
}

BESIDE: dict[str, Callable[[np.ndarray, float], Any]] = {
    "a + n": lambda a, n: 1,  # noqa: ARG005
    "a - n": lambda a, n: 1,  # noqa: ARG005
    "a * n": lambda a, n: n,  # noqa: ARG005
    "a / n": lambda a, n: 1 / n,  # noqa: ARG005
    "n + a": lambda a, n: 1,  # noqa: ARG005
    "n * a": lambda a, n: n,  # noqa: ARG005
    "n / a": lambda a, n: -n / a**2,
}

RELATIONS: dict[str, Of2] = {
    "a < b": np.less,
    "a > b": np.greater,
    "a == b": np.equal,
    "a.is_close(b)": lambda a, b: abs(a - b) < 0.001,
}

# Each with whether it folds the whole tensor. The product of 1.0 and 0.0 is `all`.
FOLDS: dict[str, tuple[Any, bool]] = {
    "a.sum(dim)": (np.sum, False),
    "a.sum()": (np.sum, True),
    "a.mean(dim)": (np.mean, False),
    "a.mean()": (np.mean, True),
    "a.all(dim)": (np.prod, False),
    "a.all()": (np.prod, True),
}


# Two tensors of one shape, and two that are broadcast, are asked apart.
PAIRS = (*ARITHMETIC, *RELATIONS)
BROADCAST = ", broadcast"


def paired(form: str) -> Cases:
    """Draw two tensors; to compare, of few numbers, so that many are equal."""
    alike = not form.endswith(BROADCAST)
    if form.removesuffix(BROADCAST) in ARITHMETIC:
        return tensor_pairs(alike=alike)
    return tensor_pairs(-0.75, 0.75, near=(0, 2**-30), alike=alike)


def compare_or_compute(form: str, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return what comes of each pair of two arrays; 1.0 or 0.0 for a comparison."""
    found: np.ndarray = (
        RELATIONS[form](a, b) if form in RELATIONS else compute(form, a=a, b=b)
    ) * 1.0
    return found


def fold(form: str, a: np.ndarray, dim: int) -> np.ndarray:
    """Return a fold of one dimension, which stays with size 1, or of all, of shape (1,)."""
    function, whole = FOLDS[form]
    found: np.ndarray = function(a).reshape(1) if whole else function(a, axis=dim, keepdims=True)
    return found


def to_fold(form: str) -> Cases:
    """Draw a tensor to add up; or one of 1.0 and 0.0, in plain order as ``all()`` demands."""
    if "all" not in form:
        return with_dim(tensors())
    return with_dim(tensors(-1, 6, largest=12)).map(
        lambda case: {**case, "a": (case["a"] > 0) * 1.0, "a_order": sorted(case["a_order"])}
    )


def expect_viewed(a: np.ndarray, a_order: list[int], shape: list[int]) -> dict[str, Any]:
    """Return the numbers in the other shape, or an error if they do not lie in plain order."""
    viewed = a.reshape(shape)
    plain = a_order == sorted(a_order)
    return {"view": viewed if plain else "AssertionError", "of a copy": viewed}


def joined(a: np.ndarray, b: np.ndarray, **_: Any) -> np.ndarray:
    """Return an array of the shape to which two broadcast."""
    return np.asarray(a + b)


def partials(form: str, a: np.ndarray, b: np.ndarray, d: np.ndarray) -> list[np.ndarray]:
    """Return both derivatives times `d`, added up where an operand was repeated."""
    slopes = PARTIALS[form](*np.broadcast_arrays(a, b))
    return [unbroadcast(slope * d, x.shape) for slope, x in zip(slopes, (a, b), strict=True)]


def fold_slopes(form: str, a: np.ndarray, dim: int) -> np.ndarray:
    """Return the derivative of a sum or of a mean with respect to each number."""
    count = a.shape[dim] if "dim" in form else a.size
    return np.full(a.shape, 1 / count if "mean" in form else 1.0)


# Examples

# From the lecture: (5, 3, 2) with each of these; two of them turned in memory as well.
LECTURE = tuple(
    Case(
        a=np.arange(30.0).reshape(5, 3, 2) / 4 - 3.875,
        a_order=[2, 0, 1] if turned else [0, 1, 2],
        b=np.arange(float(np.prod(shape))).reshape(shape) / 4 - 2.125,
        b_order=sorted(range(len(shape)), reverse=turned),
    )
    for shapes, turned in (
        (([3, 2], [5, 1, 2], [1, 3, 2], [5, 3, 1], [2], [1]), False),
        (([3, 2], [5, 1, 2]), True),
    )
    for shape in shapes
)
# Less, equal and greater; of one shape, and broadcast.
RELATED = (Case(a=GRID, a_order=[1, 0], b=GRID + np.array([0.0, 1.0, -1.0]), b_order=[0, 1]),)
COLUMN = (Case(a=GRID, a_order=[0, 1], b=GRID[:, 1:2], b_order=[0, 1]),)
BLOCKS = tuple(
    Case(a=np.arange(24.0).reshape(2, 3, 4) / 4, a_order=order, dim=dim)
    for order in ([0, 1, 2], [2, 0, 1])
    for dim in (0, 1, 2)
)
YES_AND_NO = tuple(
    Case(a=np.array(rows), a_order=[0, 1], dim=dim)
    for rows in ([[1.0, 0.0], [1.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]])
    for dim in (0, 1)
)


def with_d(case: Case, shape: tuple[int, ...]) -> Case:
    """Return a case with a derivative to start from, whose numbers all differ."""
    return Case(**case, d=np.arange(1.0, 1 + np.prod(shape)).reshape(shape) / 4)


# Also of the lecture: a layer of 10 outputs and 784 inputs, with a derivative an output.
WIDE = Case(
    a=np.arange(7840.0).reshape(10, 784) % 17 / 4 - 2,
    a_order=[0, 1],
    b=np.arange(784.0) % 13 / 4,
    b_order=[0],
    d=np.arange(1.0, 11).reshape(10, 1),
)
# An operand that is broadcast, and a derivative that is 0 in places.
WITH_ZEROS = Case(**COLUMN[0], d=np.array([[0.0, 1.5, -2.0], [3.0, 0.0, 0.5]]))
