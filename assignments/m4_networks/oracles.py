"""What networks should compute, in NumPy, and the cases that tasks share.

All of it is written for any number of dimensions, and as far from the loops of a student as
may be: a convolution is a sum over shifted copies of the whole input. None of this reaches
a worker.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrade import Case
from minigrade.authoring.judging import Mismatch, close
from minigrade.authoring.tensors import Bytes, Cases, drawn, steps, strides_of

# A first call compiles: seconds in which nothing is wrong.
COMPILING_S = 40.0

_SMALL = steps(-5, 5)
_MANY = steps(-20, 20)


# Convolutions


def shifted(
    x: np.ndarray, offset: Sequence[int], sides: Sequence[int], *, reverse: bool
) -> np.ndarray:
    """Return the part of `x` with certain sides that starts at `offset`, zeros outside of it.

    Args:
        x: batch, channels, and then the dimensions that are shifted.
        offset: where the part starts; if `reverse`, before the beginning.
        sides: the sides of the part.
        reverse: see above.
    """
    for axis, (step, side) in enumerate(zip(offset, sides, strict=True), start=2):
        places = np.arange(side) + (-step if reverse else step)
        inside = (places >= 0) & (places < x.shape[axis])
        part = x.take(np.where(inside, places, 0), axis)
        x = part * inside.reshape([-1 if i == axis else 1 for i in range(x.ndim)])
    return x


def convolve(
    x: np.ndarray, weight: np.ndarray, sides: Sequence[int] = (), *, reverse: bool = False
) -> np.ndarray:
    """Return ``out[b, o, w] = sum of x[b, i, w + k] * weight[o, i, k]`` over `i` and `k`.

    Args:
        x: batch, input channels, width; or height and width.
        weight: output channels, input channels, width; or height and width.
        sides: of the output; those of `x` if left out.
        reverse: take ``w - k`` for ``w + k``.
    """
    sides = sides or x.shape[2:]
    out = np.zeros((len(x), len(weight), *sides))
    for offset in np.ndindex(*weight.shape[2:]):
        taps = weight[(slice(None), slice(None), *offset)]
        out += np.einsum("bi...,oi->bo...", shifted(x, offset, sides, reverse=reverse), taps)
    return out


def convolution_slopes(x: np.ndarray, weight: np.ndarray, d: np.ndarray) -> list[np.ndarray]:
    """Return the derivatives of the sum of ``convolve(x, weight) * d`` by `x` and `weight`."""
    to_x, to_weight = np.zeros_like(x), np.zeros_like(weight)
    for offset in np.ndindex(*weight.shape[2:]):
        at = (slice(None), slice(None), *offset)
        moved = shifted(x, offset, x.shape[2:], reverse=False)
        to_weight[at] = np.einsum("bin,bon->oi", *(y.reshape(*y.shape[:2], -1) for y in (moved, d)))
        back = shifted(d, offset, x.shape[2:], reverse=True)
        to_x += np.einsum("bo...,oi->bi...", back, weight[at])
    return [to_x, to_weight]


def convolutions(dims: int, widest: int = 5, channels: int = 3) -> Cases:
    """Draw an input ``x``, a ``weight``, how both lie in memory, and an upstream ``d``.

    The weight is often wider than the input.
    """

    def make(source: Bytes) -> dict[str, Any]:
        batch, *many = (1 + source.below(most) for most in (3, channels, channels))
        x_sides = [1 + source.below(widest) for _ in range(dims)]
        weight_sides = [1 + source.below(widest) for _ in range(dims)]
        x_shape, weight_shape = [batch, many[0], *x_sides], [many[1], many[0], *weight_sides]
        return {
            "x": source.numbers(x_shape, _MANY),
            "x_order": source.order(len(x_shape)),
            "weight": source.numbers(weight_shape, _SMALL),
            "weight_order": source.order(len(weight_shape)),
            "d": source.numbers([batch, many[1], *x_sides], _SMALL),
        }

    return drawn(make, 24)


def kernel_convolutions(
    dims: int, widest: int = 5, channels: int = 3, *, wider: bool = False
) -> Cases:
    """Draw what the loop under a convolution gets: storages, shapes and strides.

    ``x`` and ``weight`` are ``[storage, shape, strides]``, and ``out`` is ``[shape,
    strides]``, with sides of its own, which are longer than those of ``x`` only if `wider`.
    """

    def make(source: Bytes) -> dict[str, Any]:
        batch, *many = (1 + source.below(most) for most in (3, channels, channels))
        x, weight, out = ([1 + source.below(widest) for _ in range(dims)] for _ in range(3))
        out = out if wider else [min(sides) for sides in zip(x, out, strict=True)]
        out_shape = [batch, many[1], *out]
        return {
            "x": _lying(source, [batch, many[0], *x], _MANY),
            "weight": _lying(source, [many[1], many[0], *weight], _SMALL),
            "out": [out_shape, strides_of(out_shape, source.order(len(out_shape)))],
        }

    return drawn(make, 28)


def _lying(source: Bytes, shape: list[int], known: Sequence[float]) -> list[Any]:
    strides = strides_of(shape, source.order(len(shape)))
    return [source.numbers([math.prod(shape)], known), shape, strides]


def arranged(*shape: int) -> np.ndarray:
    """Return an array of different quarter steps, none of them 0."""
    return np.arange(1.0, 1 + math.prod(shape)).reshape(shape) / 4


def convolution_case(x: np.ndarray, weight: np.ndarray, *, turned: bool = False) -> Case:
    """Return a case of `convolutions`; both lie in memory the other way round if `turned`."""
    order = list(range(x.ndim))
    order = order[::-1] if turned else order
    d = arranged(len(x), len(weight), *x.shape[2:])
    return Case(x=x, x_order=order, weight=weight, weight_order=order, d=d)


def forwards(cases: Cases) -> Cases:
    """Draw the same cases without ``d``, the derivative to start from."""
    return cases.map(lambda case: {name: case[name] for name in case if name != "d"})


def all_forwards(examples: Sequence[Case]) -> tuple[Case, ...]:
    """Return the same examples without ``d``."""
    return tuple(Case(**{name: case[name] for name in case if name != "d"}) for case in examples)


# Pooling


def tiled(x: np.ndarray, kernel: Sequence[int]) -> np.ndarray:
    """Return the tiles of images: batch, channel, rows, columns, numbers of a tile."""
    (batch, channel, height, width), (kh, kw) = x.shape, kernel
    rows, columns = height // kh, width // kw
    cut = x.reshape(batch, channel, rows, kh, columns, kw).transpose(0, 1, 2, 4, 3, 5)
    return cut.reshape(batch, channel, rows, columns, kh * kw)


def untiled(tiles: np.ndarray, kernel: Sequence[int]) -> np.ndarray:
    """Put the tiles that `tiled` returned together again."""
    (batch, channel, rows, columns, _), (kh, kw) = tiles.shape, kernel
    cut = tiles.reshape(batch, channel, rows, columns, kh, kw).transpose(0, 1, 2, 4, 3, 5)
    return cut.reshape(batch, channel, rows * kh, columns * kw)


def images(largest: int = 72, longest: int = 3) -> Cases:
    """Draw images ``a``, a ``kernel`` that divides them, and ``d`` for what is pooled.

    No two numbers are equal, so each tile has one largest number.
    """

    def make(source: Bytes) -> dict[str, Any]:
        kernel = [1 + source.below(longest) for _ in range(2)]
        tiles = [1 + source.below(3) for _ in range(2)]
        shape = [1 + source.below(2), 1 + source.below(3)]
        sides = [k * t for k, t in zip(kernel, tiles, strict=True)]
        if math.prod(shape + sides) > largest:
            shape, sides = [1, 1], kernel
            tiles = [1, 1]
        return {
            "a": source.numbers([*shape, *sides], _MANY),
            "a_order": source.order(4),
            "kernel": kernel,
            "d": source.numbers([*shape, *tiles], _SMALL),
        }

    return drawn(make, 16)


def image_case(height: int, width: int, kernel: list[int], order: Sequence[int]) -> Case:
    """Return a case of `images`: two images with two channels, that are no plain ramp."""
    a = np.roll(arranged(2, 2, height, width), 3, -1)[:, ::-1]
    a = np.where(np.indices(a.shape).sum(0) % 2, a, -a)
    d = arranged(2, 2, height // kernel[0], width // kernel[1])
    return Case(a=a, a_order=list(order), kernel=kernel, d=d)


IMAGES = (
    *(
        image_case(4, 6, kernel, order)
        for kernel in ([2, 2], [2, 3], [4, 1], [1, 2], [2, 1])
        for order in ([0, 1, 2, 3], [3, 2, 1, 0])
    ),
    image_case(70, 2, [2, 2], [0, 1, 2, 3]),  # a side beyond 64
    image_case(3, 66, [3, 1], [0, 1, 3, 2]),
)


# Softmax


def is_largest(a: np.ndarray, dim: int) -> np.ndarray:
    """Return 1.0 where a number is the largest along `dim`, else 0.0."""
    return np.asarray(a == a.max(dim, keepdims=True), float)


def logsoftmax(a: np.ndarray, dim: int) -> np.ndarray:
    """Return ``a - log(sum(exp(a)))`` along `dim`, for large numbers too."""
    less = a - a.max(dim, keepdims=True)
    return np.asarray(less - np.log(np.exp(less).sum(dim, keepdims=True)))


def softmax(a: np.ndarray, dim: int) -> np.ndarray:
    """Return ``exp(a) / sum(exp(a))`` along `dim`, for large numbers too."""
    return np.asarray(np.exp(logsoftmax(a, dim)))


def softmax_slopes(name: str, a: np.ndarray, dim: int, d: np.ndarray) -> np.ndarray:
    """Return the derivative of the sum of `d` times softmax, or logsoftmax, by `a`."""
    parts = softmax(a, dim)
    if name == "logsoftmax":
        return np.asarray(d - parts * d.sum(dim, keepdims=True))
    return np.asarray(parts * (d - (d * parts).sum(dim, keepdims=True)))


SOFTMAXES = {"softmax": softmax, "logsoftmax": logsoftmax}

# EPS is added to a sum of exponentials, which is 1 at least: 1e-6 at most in a logarithm, and
# that part of each probability, if that is the exponential of a logarithm.
EITHER_LOG = {
    "softmax": close(rtol=1.1e-6),
    "logsoftmax": close(rtol=1e-9, atol=1.1e-6),
}


def eps_changes(a: np.ndarray, dim: int, d: np.ndarray) -> np.ndarray:
    """Return how much EPS may change a derivative of softmax or logsoftmax by `a`."""
    return np.asarray(1.1e-6 * softmax(a, dim) * (abs(d) + 2 * abs(d).sum(dim, keepdims=True)))


def judge_slopes(expected: Any, observed: Any) -> Mismatch | None:
    """Judge derivatives ``grad``, each of which EPS may change by so much, and all else."""
    exactly = {name: value for name, value in expected.items() if name != "eps changes"}
    room = expected["eps changes"] + 1e-11 + 1e-9 * abs(expected["grad"])
    wrong = close(rtol=1e-9, atol=float(room.max()))(exactly, observed)
    if wrong:
        return wrong
    off = abs(observed["grad"] - expected["grad"]) - room
    if (off <= 0).all():
        return None
    index = np.unravel_index(int(np.argmax(off)), off.shape)
    right, found = expected["grad"][index].item(), observed["grad"][index].item()
    place = f"at ['grad'] at index {[int(i) for i in index]}"
    return Mismatch("wrong_value", f"{place}: expected {right!r}, got {found!r}")
