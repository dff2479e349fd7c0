"""Strategies for tensors: shapes, what they broadcast with, and how they lie in memory.

A tensor is an array and an order. The order says which dimension changes slowest in
memory, and so on down to the one whose neighbours are next to each other: ``[0, 1]`` for
an array as NumPy makes it, ``[1, 0]`` for one that is the transpose of such an array.
`minigrade.probing.tensor` builds the tensor. A function that ignores strides is right for
the first and wrong for the second.

Numbers of one tensor all differ where there are enough of them: equal ones would hide a
mix-up. One draw of bytes makes a case, which is cheap; what fails shrinks to few
dimensions, small sides and the plain order.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

Shape = list[int]
Cases = st.SearchStrategy[dict[str, Any]]

_SIDES = (2, 3, 1, 4, 5)
_BYTES = 14


class Bytes:
    """Small decisions, read from drawn bytes one after the other; all 0 is the simplest."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._next = 0

    def below(self, limit: int) -> int:
        """Return a number from 0 to just below `limit`."""
        byte = self._data[self._next] if self._next < len(self._data) else 0
        self._next += 1
        return byte % limit

    def shape(self, fewest: int = 1, most: int = 4, largest: int = 60) -> Shape:
        """Return a shape of `fewest` to `most` dimensions and at most `largest` elements."""
        sides = [
            _SIDES[self.below(len(_SIDES))] for _ in range(fewest + self.below(most - fewest + 1))
        ]
        for i in range(len(sides)):
            if math.prod(sides) > largest:
                sides[i] = min(sides[i], 2 if i % 2 else 1)
        return sides

    def order(self, dims: int) -> list[int]:
        """Return an order of `dims` dimensions; about one in three is the plain one."""
        if self.below(3) == 0:
            return list(range(dims))
        rest = list(range(dims))
        return [rest.pop(-1 - self.below(len(rest))) for _ in range(dims)]

    def partner(self, shape: Shape) -> tuple[Shape, Shape]:
        """Return two shapes that broadcast to `shape`, which may both be smaller."""
        way = self.below(5)
        if way == 0:
            return list(shape), list(shape)
        ones = [self.below(2) for _ in shape]
        small = [1 if one else side for one, side in zip(ones, shape, strict=True)]
        if way < 3:
            small = small[self.below(len(shape)) :]
            pair = (list(shape), small)
        else:  # each has a side of 1 where the other one has not
            other = [
                side if one or self.below(2) else 1 for one, side in zip(ones, shape, strict=True)
            ]
            pair = (small, other)
        return pair if self.below(2) else (pair[1], pair[0])

    def numbers(self, shape: Sequence[int], steps: Sequence[float]) -> np.ndarray:
        """Return an array of `shape` with numbers of `steps`, all different if that can be."""
        size = math.prod(shape)
        drawn = random.Random(self.below(256))  # noqa: S311  (no secret)
        found = drawn.sample(steps, size) if size <= len(steps) else drawn.choices(steps, k=size)
        return np.array(found, np.float64).reshape(tuple(shape))


def steps(low: float, high: float, *, zero: bool = False) -> list[float]:
    """Return the quarter steps from `low` to `high`, without 0 unless `zero`."""
    return [i / 4 for i in range(round(low * 4), round(high * 4) + 1) if i or zero]


def drawn(make: Any, length: int = _BYTES) -> Cases:
    """Draw what `make` reads from `Bytes`."""
    return st.binary(min_size=length, max_size=length).map(lambda data: make(Bytes(data)))


def shape_pairs(most: int = 4) -> Cases:
    """Draw ``{"left": …, "right": …}``: shapes, some two thirds of which broadcast."""

    def make(source: Bytes) -> dict[str, Any]:
        misfit = source.below(3) == 2
        left, right = source.partner(source.shape(1, most, 10_000))
        if misfit and left and right:
            side = 1 + source.below(min(len(left), len(right)))
            left[-side], right[-side] = 2 + source.below(3), 6 + source.below(3)
        return {"left": left, "right": right}

    return drawn(make)


def layouts(most: int = 4, largest: int = 40) -> Cases:
    """Draw ``{"storage": …, "shape": …, "strides": …}`` of tensors that fill their storage."""

    def make(source: Bytes) -> dict[str, Any]:
        shape = source.shape(1, most, largest)
        order = source.order(len(shape))
        storage = source.numbers([math.prod(shape)], steps(-20, 20))
        return {"storage": storage, "shape": shape, "strides": strides_of(shape, order)}

    return drawn(make)


def tensors(
    low: float = -10, high: float = 10, *, most: int = 4, largest: int = 24, name: str = "a"
) -> Cases:
    """Draw ``{"a": array, "a_order": order}``; no number is 0."""
    known = steps(low, high)

    def make(source: Bytes) -> dict[str, Any]:
        shape = source.shape(1, most, largest)
        order = source.order(len(shape))
        return {name: source.numbers(shape, known), f"{name}_order": order}

    return drawn(make)


def tensor_pairs(
    low: float = -10,
    high: float = 10,
    *,
    most: int = 4,
    largest: int = 24,
    near: Sequence[float] = (),
    alike: bool = False,
) -> Cases:
    """Draw two tensors that broadcast together, as ``a``, ``a_order``, ``b``, ``b_order``.

    Args:
        low: the smallest number.
        high: the largest number.
        most: dimensions.
        largest: elements of what they broadcast to.
        near: for comparisons: the numbers are few, and those of `b` are moved by these.
        alike: give both the same shape.
    """
    known = steps(low, high, zero=bool(near))

    def make(source: Bytes) -> dict[str, Any]:
        shape = source.shape(1, most, largest)
        a_shape, b_shape = (shape, shape) if alike else source.partner(shape)
        a_order, b_order = source.order(len(a_shape)), source.order(len(b_shape))
        b_known = [number + gap for number in known for gap in near] if near else known
        return {
            "a": source.numbers(a_shape, known),
            "a_order": a_order,
            "b": source.numbers(b_shape, b_known),
            "b_order": b_order,
        }

    return drawn(make, 2 * _BYTES)


def with_dim(cases: Cases) -> Cases:
    """Add ``dim``, one of the dimensions of the array ``a``."""
    return st.builds(
        lambda case, pick: {**case, "dim": pick % case["a"].ndim}, cases, st.integers(0, 11)
    )


def with_number(cases: Cases) -> Cases:
    """Add ``n``, one of the numbers in the array ``a``."""
    return st.builds(
        lambda case, pick: {**case, "n": float(case["a"].flat[pick % case["a"].size])},
        cases,
        st.integers(0, 23),
    )


def with_order(cases: Cases) -> Cases:
    """Add ``order``, in which the dimensions of the array ``a`` are to be put."""

    def add(case: dict[str, Any], data: bytes) -> dict[str, Any]:
        return {**case, "order": Bytes(data).order(case["a"].ndim)}

    return st.builds(add, cases, st.binary(min_size=6, max_size=6))


def views() -> Cases:
    """Draw a tensor ``a``, ``a_order``, and another ``shape`` for its numbers.

    No side is 1: whether such a tensor lies in plain order is for each to say.
    """

    def make(source: Bytes) -> dict[str, Any]:
        shape = [2 + source.below(2) for _ in range(1 + source.below(3))]
        order = source.order(len(shape))
        array = source.numbers(shape, steps(-10, 10))
        primes = list(reversed(shape))
        while len(primes) > 1 and source.below(2):
            primes.append(primes.pop(0) * primes.pop(0))
        if source.below(4) == 0:
            primes.insert(source.below(len(primes) + 1), 1)
        return {"a": array, "a_order": order, "shape": primes}

    return drawn(make, 20)


def with_upstream(cases: Cases, result: Any, low: float = -3, high: float = 3) -> Cases:
    """Add ``d``, a derivative to start from: numbers in the shape of ``result(**case)``.

    They differ from 1 and from one another, and none is 0.
    """
    known = steps(low, high)

    def add(case: dict[str, Any], seed: int) -> dict[str, Any]:
        shape = np.shape(result(**case))
        return {**case, "d": Bytes(bytes([seed])).numbers(shape, known)}

    return st.builds(add, cases, st.integers(0, 255))


def strides_of(shape: Sequence[int], order: Sequence[int]) -> list[int]:
    """Return the strides of a tensor of `shape` that lies in memory in `order`."""
    strides, step = [0] * len(shape), 1
    for dim in reversed(order):
        strides[dim] = step
        step *= shape[dim]
    return strides


def lying(storage: np.ndarray, shape: Sequence[int], strides: Sequence[int]) -> np.ndarray:
    """Return, as an array of its own, what a storage holds by a shape and strides."""
    positions = sum(
        (np.arange(side) * stride).reshape([-1 if j == i else 1 for j in range(len(shape))])
        for i, (side, stride) in enumerate(zip(shape, strides, strict=True))
    )
    found: np.ndarray = np.asarray(storage)[np.broadcast_to(positions, tuple(shape))]
    return found


def unbroadcast(slopes: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """Add up the derivatives of an array's elements where it was repeated to a larger shape."""
    slopes = slopes.sum(tuple(range(slopes.ndim - len(shape))))
    repeated = tuple(i for i, side in enumerate(shape) if side == 1 and slopes.shape[i] != 1)
    return slopes.sum(repeated, keepdims=True) if repeated else slopes
