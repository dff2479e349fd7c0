"""Task 4.8, hidden: other right functions, and other wrong numbers, that nobody has seen.

Nearly half of the wrong numbers are too small, and the others are not in the tensor: who only
asks that nothing is larger, or that the number is there, catches one kind of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrade import Minitorch, student_tests

from ..task_4_8_testing_max import KINKS


def largest(a: np.ndarray, dim: int) -> np.ndarray:
    """Return the largest number along a dimension, which stays with size 1."""
    found: np.ndarray = np.sort(a, dim).take([-1], dim)
    return found


def to_all(a: np.ndarray, dim: int, d: np.ndarray) -> np.ndarray:
    """Return the derivative: all of several largest numbers get it."""
    return np.where(a == largest(a, dim), d, 0.0)


def to_last(a: np.ndarray, dim: int, d: np.ndarray) -> np.ndarray:
    """Return the derivative: the last of several largest numbers gets it."""
    places = a.shape[dim] - 1 - np.expand_dims(np.flip(a, dim).argmax(dim), dim)
    found = np.zeros(a.shape)
    np.put_along_axis(found, places, d, dim)
    return found


def by_weights(a: np.ndarray, dim: int, d: np.ndarray) -> np.ndarray:
    """Return a derivative of which the later of several largest numbers get more."""
    weights = (a == largest(a, dim)) * np.cumsum(np.ones(a.shape), dim)
    slopes: np.ndarray = d * weights / weights.sum(dim, keepdims=True)
    return slopes


def among(a: np.ndarray, dim: int, places: slice) -> np.ndarray:
    """Return the largest of those numbers along a dimension; of all, if there are none."""
    some = range(a.shape[dim])[places] or range(a.shape[dim])
    return largest(a.take(some, dim), dim)


def smallest(a: np.ndarray, dim: int) -> np.ndarray:
    """Return the smallest number along a dimension."""
    found: np.ndarray = np.sort(a, dim).take([0], dim)
    return found


COURSE = {"max": (largest, to_all)}
RIGHT: dict[str, dict[str, Any]] = {
    "equal numbers all get the derivative": COURSE,
    "the last of equal numbers gets the derivative": {"max": (largest, to_last)},
    "equal numbers get more the later they come": {"max": (largest, by_weights)},
}
VALUES: dict[str, Any] = {
    "gives the second largest number": lambda a, dim: among(np.sort(a, dim), dim, slice(0, -1)),
    "leaves out the first number": lambda a, dim: among(a, dim, slice(1, None)),
    "looks at the first two numbers": lambda a, dim: among(a, dim, slice(0, 2)),
    "starts at 0 and takes the smaller": lambda a, dim: np.minimum(largest(a, dim), 0),
    "gives the middle between the largest and the smallest": lambda a, dim: (
        (largest(a, dim) + smallest(a, dim)) / 2
    ),
    "is 1 too large": lambda a, dim: largest(a, dim) + 1,
    "doubles": lambda a, dim: 2 * largest(a, dim),
    "adds the distance to the smallest": lambda a, dim: 2 * largest(a, dim) - smallest(a, dim),
    "turns the sign": lambda a, dim: -largest(a, dim),
}
WRONG: dict[str, dict[str, Any]] = {
    f"a `max` that {what}": {"max": (value, to_all)} for what, value in VALUES.items()
}


@student_tests(
    file="tests/test_nn.py",
    module="nn",
    tests=("test_max",),
    right=RIGHT,
    wrong=WRONG,
    count=15,
    enough=7,
    remark=KINKS,
)
def catches_other_maxima(_mt: Minitorch, implementation: str, name: str, args: list[Any]) -> Any:
    """`test_max` catches other numbers that are not the largest."""
    value, slope = {**RIGHT, **WRONG}[implementation][name]
    start = args.pop()["d"] if isinstance(args[-1], dict) else None
    a, [dim, *_] = np.array(args[0]), [*args[1:], None]
    shape = a.shape
    if dim is None:  # as some write it: of all numbers
        a, dim = a.reshape(-1), 0
    if start is None:
        return value(a, dim).tolist()
    return slope(a, dim, np.array(start)).reshape(shape).tolist()
