"""Points in the unit square, each in one of two classes: something to learn.

Each function draws `N` points by Python's `random`, so seed that to get the same
points again.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass
class Graph:
    """A data set.

    Attributes:
        N: how many points there are.
        X: the points, as pairs of numbers.
        y: the class of each point, 0 or 1.
    """

    N: int
    X: list[tuple[float, float]]
    y: list[int]


def make_pts(N: int) -> list[tuple[float, float]]:
    """Draw `N` points from the unit square."""
    return [(random.random(), random.random()) for _ in range(N)]


def _labelled(N: int, rule: Callable[[float, float], bool]) -> Graph:
    """Draw `N` points; those that obey `rule` are of class 1."""
    X = make_pts(N)
    return Graph(N, X, [int(rule(x_1, x_2)) for x_1, x_2 in X])


def simple(N: int) -> Graph:
    """Return points whose class 1 is the left half."""
    return _labelled(N, lambda x_1, _: x_1 < 0.5)


def diag(N: int) -> Graph:
    """Return points whose class 1 is the corner at the lower left."""
    return _labelled(N, lambda x_1, x_2: x_1 + x_2 < 0.5)


def split(N: int) -> Graph:
    """Return points whose class 1 is a strip at the left and a strip at the right."""
    return _labelled(N, lambda x_1, _: x_1 < 0.2 or x_1 > 0.8)


def xor(N: int) -> Graph:
    """Return points whose class 1 is the upper left quarter and the lower right one."""
    return _labelled(N, lambda x_1, x_2: (x_1 < 0.5) != (x_2 < 0.5))


def circle(N: int) -> Graph:
    """Return points whose class 1 lies outside a circle around the middle."""
    return _labelled(N, lambda x_1, x_2: (x_1 - 0.5) ** 2 + (x_2 - 0.5) ** 2 > 0.1)


def spiral(N: int) -> Graph:
    """Return points on two spirals, one a class, that wind around each other.

    The points are always the same. Class 0 has one more of them if `N` is odd.
    """
    X = []
    for i in range(N):
        arm, step = i % 2, i // 2
        turn = 3.0 + 7.0 * step / max(1, (N - 1) // 2)  # the angle, and 20 times the radius
        sign = 1 - 2 * arm
        X.append((0.5 + sign * turn * math.cos(turn) / 20, 0.5 + sign * turn * math.sin(turn) / 20))
    return Graph(N, X, [i % 2 for i in range(N)])


datasets: dict[str, Callable[[int], Graph]] = {
    "Simple": simple,
    "Diag": diag,
    "Split": split,
    "Xor": xor,
    "Circle": circle,
    "Spiral": spiral,
}


class Batches:
    """A data set in batches, in another order each time that one goes through it.

    Such as in ``for images, labels in Batches(16, all_images, all_labels)``.

    Args:
        size: how many examples are in a batch. The last batch may have fewer.
        *columns: lists or arrays, each with an entry for each example.
        shuffle: whether to change the order, by Python's `random`.

    Raises:
        ValueError: the columns are not of the same length, or `size` is less than 1.
    """

    def __init__(self, size: int, *columns: Sequence[Any], shuffle: bool = True) -> None:
        lengths = [len(column) for column in columns]
        if size < 1 or len(set(lengths)) != 1:
            raise ValueError(f"cannot make batches of {size} from columns of lengths {lengths}")
        self.size = size
        self.columns = columns
        self.shuffle = shuffle

    def __len__(self) -> int:
        """Return how many batches there are."""
        return math.ceil(len(self.columns[0]) / self.size)

    def __iter__(self) -> Iterator[tuple[list[Any], ...]]:
        order = list(range(len(self.columns[0])))
        if self.shuffle:
            random.shuffle(order)
        for start in range(0, len(order), self.size):
            chosen = order[start : start + self.size]
            yield tuple([column[i] for i in chosen] for column in self.columns)
