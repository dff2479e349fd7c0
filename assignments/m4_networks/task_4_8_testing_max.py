"""Task 4.8: a property of `max`, as a test that students write.

Fill in ``test_max`` in ``tests/test_nn.py``, which is part of Task 4.4 in the course:
what `max` gives is the largest number along a dimension, and its derivative goes to where
that number was. A test is good if it passes whatever is right, and fails what is wrong.

The right ones here differ in what the course leaves open: who of several largest numbers
gets how much of the derivative. The wrong ones are wrong for most tensors. Nine give wrong
numbers and three wrong derivatives; seven caught are enough, so that a test of numbers, or of
some of them, earns all.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrade import Minitorch, Task, student_tests

TASK = Task(
    "4.8",
    title="Testing max",
    points=5,
    hidden_points=2,
    files=("tests/test_nn.py",),
    link="https://minitorch.github.io/module4/softmax/",
)

KINKS = (
    "Where several numbers are the largest, `max` has no derivative. Add small random numbers to "
    "the tensor before `grad_check`, so that they differ."
)


def largest(a: np.ndarray, dim: int) -> np.ndarray:
    """Return the largest number along a dimension, which stays with size 1."""
    found: np.ndarray = a.max(dim, keepdims=True)
    return found


def to_all(a: np.ndarray, dim: int, d: np.ndarray) -> np.ndarray:
    """Return the derivative: all of several largest numbers get it."""
    found: np.ndarray = d * (a == largest(a, dim))
    return found


def to_first(a: np.ndarray, dim: int, d: np.ndarray) -> np.ndarray:
    """Return the derivative: the first of several largest numbers gets it."""
    places = np.expand_dims(a.argmax(dim), dim)
    found = np.zeros(a.shape)
    np.put_along_axis(found, places, d, dim)
    return found


def shared(a: np.ndarray, dim: int, d: np.ndarray) -> np.ndarray:
    """Return the derivative: several largest numbers share it."""
    among = a == largest(a, dim)
    found: np.ndarray = d * among / among.sum(dim, keepdims=True)
    return found


def but_last(a: np.ndarray, dim: int) -> np.ndarray:
    """Return all numbers but those at the end of a dimension; one alone stays."""
    return a.take(range(max(1, a.shape[dim] - 1)), dim)


COURSE = {"max": (largest, to_all)}

RIGHT: dict[str, dict[str, Any]] = {
    "equal numbers all get the derivative": COURSE,
    "the first of equal numbers gets the derivative": {"max": (largest, to_first)},
    "equal numbers share the derivative": {"max": (largest, shared)},
}

VALUES: dict[str, Any] = {
    "gives the smallest number": lambda a, dim: a.min(dim, keepdims=True),
    "adds": lambda a, dim: a.sum(dim, keepdims=True),
    "takes the mean": lambda a, dim: a.mean(dim, keepdims=True),
    "gives the first number": lambda a, dim: a.take([0], dim),
    "gives the last number": lambda a, dim: a.take([-1], dim),
    "leaves out the last number": lambda a, dim: largest(but_last(a, dim), dim),
    "starts at 0, so that it never gives less": lambda a, dim: np.maximum(largest(a, dim), 0),
    "forgets the signs": lambda a, dim: largest(abs(a), dim),
    "gives the largest of the whole tensor": lambda a, dim: 0 * largest(a, dim) + a.max(),
}
SLOPES: dict[str, Any] = {
    "gives all numbers the derivative": lambda a, _dim, d: np.broadcast_to(d, a.shape),
    "gives no number a derivative": lambda a, _dim, _d: np.zeros(a.shape),
    "gives the smallest number the derivative": lambda a, dim, d: to_first(-a, dim, d),
}
WRONG: dict[str, dict[str, Any]] = {
    **{f"a `max` that {what}": {"max": (value, to_all)} for what, value in VALUES.items()},
    **{f"a `max` that {what}": {"max": (largest, slope)} for what, slope in SLOPES.items()},
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
def catches_wrong_maxima(_mt: Minitorch, implementation: str, name: str, args: list[Any]) -> Any:
    """`test_max` catches a `max` that gives a number which is not the largest, or bad slopes."""
    value, slope = {**RIGHT, **WRONG}[implementation][name]
    start = args.pop()["d"] if isinstance(args[-1], dict) else None
    a, [dim, *_] = np.array(args[0]), [*args[1:], None]
    shape = a.shape
    if dim is None:  # as some write it: of all numbers
        a, dim = a.reshape(-1), 0
    if start is None:
        return value(a, dim).tolist()
    return slope(a, dim, np.array(start)).reshape(shape).tolist()
