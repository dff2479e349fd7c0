"""Task 4.2: convolve images with weights.

Write ``_tensor_conv2d`` in ``minitorch/fast_conv.py``, a compiled loop. With an
input of shape (batch, input channels, height, width) and a weight of shape (output channels,
input channels, height, width), each output is a sum over all input channels and numbers of
the weight::

    out[b, o, h, w] = sum of input[b, i, h + k, w + l] * weight[o, i, k, l]

Nothing is flipped. Outside of the input there are zeros, and the output is as large as it.

The course's ``Conv2dFun`` calls the loop forward, and backward for each derivative. There it
hands over tensors that were permuted, outputs with other sides than the input, and
``reverse``, which means ``input[b, i, h - k, w - l]``. So the loop is asked directly too, but
never for a `reverse` output that is larger than the input, as the course has none. Sums of
these products of quarter steps are exact, in any order.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from minigrade import Case, Minitorch, Task, compiled_check, property_check, source_check
from minigrade.authoring.tensors import lying
from minigrade.probing import compilation, gradient, lie, raw, tensor, unchanged, values

from .oracles import (
    COMPILING_S,
    all_forwards,
    arranged,
    convolution_case,
    convolution_slopes,
    convolutions,
    convolve,
    forwards,
    kernel_convolutions,
)

TASK = Task(
    "4.2",
    title="2D convolution",
    points=10,
    hidden_points=3,
    files=("minitorch/fast_conv.py",),
    link="https://minitorch.github.io/module4/convolution/",
)

EXAMPLES = (
    convolution_case(arranged(1, 1, 4, 4), np.ones((1, 1, 2, 2))),
    convolution_case(arranged(2, 2, 4, 3), arranged(3, 2, 2, 1)),
    convolution_case(arranged(2, 3, 2, 4), arranged(2, 3, 1, 3), turned=True),
    convolution_case(arranged(1, 2, 2, 1), arranged(1, 2, 3, 4)),  # larger than the input
    convolution_case(arranged(4, 1, 12, 12), arranged(2, 1, 3, 3)),  # several, as of digits
    convolution_case(arranged(1, 1, 70, 2), arranged(1, 1, 2, 2)),  # a side beyond 64
    convolution_case(arranged(1, 1, 2, 67), arranged(1, 1, 1, 2), turned=True),
)

KERNELS = (
    Case(
        x=[arranged(6), [1, 1, 2, 3], [6, 6, 3, 1]],
        weight=[arranged(4), [1, 1, 2, 2], [4, 4, 2, 1]],
        out=[[1, 1, 2, 3], [6, 6, 3, 1]],
    ),
    Case(
        x=[arranged(24), [2, 2, 2, 3], [1, 2, 4, 8]],
        weight=[arranged(18), [3, 2, 3, 1], [2, 1, 6, 6]],
        out=[[2, 3, 2, 2], [1, 2, 6, 12]],
    ),
)


@property_check(
    cases=forwards(convolutions(2)),
    examples=all_forwards(EXAMPLES),
    expect=lambda x, weight, **_: {"out": convolve(x, weight), "inputs": [x, weight]},
    count=60,
    weight=3,
    jit=False,
)
def convolves_images(
    mt: Minitorch, x: np.ndarray, x_order: list[int], weight: np.ndarray, weight_order: list[int]
) -> Any:
    """`conv2d` adds up input times weight, over all channels, with zeros outside the input."""
    given, taps = tensor(mt, x, x_order), tensor(mt, weight, weight_order)
    out = mt.fast_conv.conv2d(given, taps)
    return {"out": values(out), "inputs": [values(given), values(taps)]}


@property_check(
    each=("left", "right"),
    cases=lambda anchor: kernel_convolutions(2, wider=anchor == "left"),
    examples=KERNELS,
    expect=lambda anchor, x, weight, out: {
        "out": convolve(lying(*x), lying(*weight), out[0][2:], reverse=anchor == "right"),
        "kept": [out, x, weight],
    },
    count=60,
    weight=4,
    jit=False,
)
def anchors_the_weight(
    mt: Minitorch, anchor: str, x: list[Any], weight: list[Any], out: list[Any]
) -> Any:
    """`tensor_conv2d` anchors the weight at its top left, or its bottom right if `reverse`."""
    result, size = raw(np.zeros(math.prod(out[0])), *out), math.prod(out[0])
    given, taps = (raw(np.array(one[0]), *one[1:]) for one in (x, weight))
    mt.fast_conv.tensor_conv2d(*result, size, *given, *taps, anchor == "right")
    return {"out": lie(*result), "kept": unchanged(result, given, taps)}


@property_check(
    cases=convolutions(2),
    examples=EXAMPLES,
    expect=lambda x, weight, d, **_: {
        "grads": convolution_slopes(x, weight, d),
        "inputs": [x, weight],
    },
    count=40,
    weight=3,
    jit=False,
)
def differentiates_images(
    mt: Minitorch, x: np.ndarray, x_order: list[int], weight: np.ndarray,
    weight_order: list[int], d: np.ndarray,
) -> Any:  # fmt: skip
    """`backward(d)` gives the derivatives of a convolution by its input and by its weight."""
    given, taps = tensor(mt, x, x_order), tensor(mt, weight, weight_order)
    mt.fast_conv.conv2d(given, taps).backward(tensor(mt, d, constant=True))
    return {
        "grads": [gradient(given), gradient(taps)],
        "inputs": [values(given), values(taps)],
    }


@property_check(
    cases=kernel_convolutions(2),
    examples=KERNELS,
    expect=lambda x, weight, out: [
        convolve(lying(*x), lying(*weight), out[0][2:], reverse=reverse)
        for reverse in (False, True)
    ],
    count=40,
    weight=2,
    time_limit_s=COMPILING_S,
    jit=True,
    compiles=True,
)
def is_right_compiled(mt: Minitorch, x: list[Any], weight: list[Any], out: list[Any]) -> Any:
    """`tensor_conv2d` compiles, and gives on either side what it gives as plain Python."""
    given, taps = (raw(np.array(one[0]), *one[1:]) for one in (x, weight))
    found = []
    for reverse in (False, True):
        result, size = raw(np.zeros(math.prod(out[0])), *out), math.prod(out[0])
        mt.fast_conv.tensor_conv2d(*result, size, *given, *taps, reverse)
        found.append(lie(*result))
    return found


# How: the course gives the line that compiles, and asks for no loop through `prange`.


@compiled_check(each=("tensor_conv2d",), parallel=False, cap=Fraction(3, 4))
def compiles_without_races(mt: Minitorch, name: str) -> Any:
    """The loop is compiled by numba, and if it runs in parallel, iterations do not meet."""
    x = raw(np.arange(1.0, 37), [2, 2, 3, 3], [18, 9, 3, 1])
    taps = raw(np.arange(1.0, 17), [2, 2, 2, 2], [8, 4, 2, 1])
    cases: list[list[Any]] = []
    for strides in ([18, 9, 3, 1], [1, 2, 4, 12]):
        out = raw(np.zeros(36), [2, 2, 3, 3], strides)
        cases += [[*out, 36, *x, *taps, reverse] for reverse in (False, True)]
    # More numbers than any kernel keeps to one core.
    many, results = (raw(np.arange(120_000.0), [15_000, 2, 2, 2], [8, 4, 2, 1]) for _ in range(2))
    cases.append([*results, 120_000, *many, *taps, False])
    a, of_many = tensor(mt, np.ones((1, 1, 2, 2))), tensor(mt, np.ones((20, 1, 25, 20)))
    return compilation(
        getattr(mt.fast_conv, name),
        *cases[0],
        call=lambda: mt.fast_conv.conv2d(a, a),
        large=lambda: values(mt.fast_conv.conv2d(of_many, a)),
        cases=cases,
    )


@source_check(
    files=("minitorch/fast_conv.py",),
    forbid_imports=("scipy", "torch"),
    forbid_calls=(
        "numpy.dot",
        "numpy.matmul",
        "numpy.einsum",
        "numpy.inner",
        "numpy.tensordot",
        "numpy.vdot",
        "numpy.linalg",
        "numpy.convolve",
        "numpy.correlate",
        "*.dot",
        "@",
    ),
    within=("tensor_conv2d", "Conv2dFun.forward", "Conv2dFun.backward"),
    instead="loops of your own",
    cap=0,
)
def convolves_by_itself() -> None:
    """The convolution is computed by loops of its own, and by no library."""
