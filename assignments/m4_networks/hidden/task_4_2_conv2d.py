"""Task 4.2, hidden: larger images, more channels, and convolutions in a row."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrade import Minitorch, property_check
from minigrade.authoring.tensors import lying
from minigrade.probing import gradient, lie, raw, tensor, values

from ..oracles import (
    COMPILING_S,
    arranged,
    convolution_case,
    convolution_slopes,
    convolutions,
    convolve,
    kernel_convolutions,
)

LONG = (
    convolution_case(arranged(1, 2, 12, 9), arranged(2, 2, 3, 3)),
    convolution_case(arranged(2, 4, 3, 5), arranged(3, 4, 2, 3), turned=True),
    convolution_case(arranged(1, 1, 2, 3), arranged(1, 1, 7, 9)),
)
# So much work that it is worth sharing.
LARGE = convolution_case(arranged(4, 4, 32, 32), arranged(8, 4, 5, 5))


@property_check(
    cases=convolutions(2, 6, 5),
    examples=(*LONG, LARGE),
    expect=lambda x, weight, d, **_: {
        "out": convolve(x, weight),
        "grads": convolution_slopes(x, weight, d),
    },
    count=40,
    weight=2,
    time_limit_s=COMPILING_S,
    jit=True,
    compiles=True,
)
def convolves_many_channels(
    mt: Minitorch, x: np.ndarray, x_order: list[int], weight: np.ndarray,
    weight_order: list[int], d: np.ndarray,
) -> Any:  # fmt: skip
    """`conv2d` is right, forward and backward, for larger images and many channels."""
    given, taps = tensor(mt, x, x_order), tensor(mt, weight, weight_order)
    out = mt.fast_conv.conv2d(given, taps)
    out.backward(tensor(mt, d, constant=True))
    return {"out": values(out), "grads": [gradient(given), gradient(taps)]}


@property_check(
    each=("left", "right"),
    cases=lambda anchor: kernel_convolutions(2, 6, 4, wider=anchor == "left"),
    expect=lambda anchor, x, weight, out: convolve(
        lying(*x), lying(*weight), out[0][2:], reverse=anchor == "right"
    ),
    count=60,
    weight=2,
    jit=False,
)
def anchors_large_weights(
    mt: Minitorch, anchor: str, x: list[Any], weight: list[Any], out: list[Any]
) -> Any:
    """`tensor_conv2d` is right on either side, whatever the three sides and their strides."""
    result, size = raw(np.zeros(math.prod(out[0])), *out), math.prod(out[0])
    given, taps = (raw(np.array(one[0]), *one[1:]) for one in (x, weight))
    mt.fast_conv.tensor_conv2d(*result, size, *given, *taps, anchor == "right")
    return lie(*result)


def expect_twice(x: np.ndarray, weight: np.ndarray, d: np.ndarray, **_: Any) -> dict[str, Any]:
    """Return the convolution with the square of itself, and its derivatives by the chain rule."""
    once = convolve(x, weight)
    by_square, _weight = convolution_slopes(once, square(weight), d)
    return {
        "out": convolve(once, square(weight)),
        "grads": convolution_slopes(x, weight, by_square),
    }


def square(weight: np.ndarray) -> np.ndarray:
    """Return a weight with as many input as output channels, made from another one."""
    return np.repeat(weight[:, :1], len(weight), axis=1) / 2


@property_check(
    cases=convolutions(2, 4),
    examples=LONG[:1],
    expect=expect_twice,
    count=30,
    jit=False,
)
def convolves_what_was_convolved(
    mt: Minitorch, x: np.ndarray, x_order: list[int], weight: np.ndarray,
    weight_order: list[int], d: np.ndarray,
) -> Any:  # fmt: skip
    """A convolution of a convolution is right, and passes derivatives on to the first one."""
    given, taps = tensor(mt, x, x_order), tensor(mt, weight, weight_order)
    second = tensor(mt, square(weight), weight_order, constant=True)
    out = mt.fast_conv.conv2d(mt.fast_conv.conv2d(given, taps), second)
    out.backward(tensor(mt, d, constant=True))
    return {"out": values(out), "grads": [gradient(given), gradient(taps)]}
