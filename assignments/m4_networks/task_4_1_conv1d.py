"""Task 4.1: convolve rows of numbers with weights.

Write ``_tensor_conv1d`` in ``minitorch/fast_conv.py``, a compiled loop. With an
input of shape (batch, input channels, width) and a weight of shape (output channels, input
channels, width), each output is a sum over all input channels and numbers of the weight::

    out[b, o, w] = sum of input[b, i, w + k] * weight[o, i, k]

Nothing is flipped. Outside of the input there are zeros, and the output is as wide as it.

The course's ``Conv1dFun`` calls the loop forward, and backward for each derivative. There it
hands over tensors that were permuted, outputs with other sides than the input, and
``reverse``, which means ``input[b, i, w - k]``. So the loop is asked directly too, but never
for a `reverse` output that is wider than the input, as the course has none. Sums of these
products of quarter steps are exact, in any order.
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
    "4.1",
    title="1D convolution",
    points=10,
    hidden_points=3,
    files=("minitorch/fast_conv.py",),
    link="https://minitorch.github.io/module4/convolution/",
)

EXAMPLES = (
    convolution_case(np.array([[[0.0, 1.0, 2.0, 3.0]]]), np.array([[[1.0, 2.0, 3.0]]])),
    convolution_case(arranged(2, 2, 6), arranged(3, 2, 2)),
    convolution_case(arranged(2, 3, 4), arranged(2, 3, 3), turned=True),
    convolution_case(arranged(1, 2, 2), arranged(1, 2, 5)),  # a weight wider than the input
)

KERNELS = (
    Case(
        x=[arranged(4), [1, 1, 4], [4, 4, 1]],
        weight=[arranged(2), [1, 1, 2], [2, 2, 1]],
        out=[[1, 1, 4], [4, 4, 1]],
    ),
    Case(
        x=[arranged(12), [2, 2, 3], [1, 2, 4]],
        weight=[arranged(18), [3, 2, 3], [2, 1, 6]],
        out=[[2, 3, 2], [1, 2, 6]],
    ),
)


@property_check(
    cases=forwards(convolutions(1)),
    examples=all_forwards(EXAMPLES),
    expect=lambda x, weight, **_: {"out": convolve(x, weight), "inputs": [x, weight]},
    count=60,
    weight=3,
    jit=False,
)
def convolves_rows(
    mt: Minitorch, x: np.ndarray, x_order: list[int], weight: np.ndarray, weight_order: list[int]
) -> Any:
    """`conv1d` adds up input times weight, over all channels, with zeros outside the input."""
    given, taps = tensor(mt, x, x_order), tensor(mt, weight, weight_order)
    out = mt.fast_conv.conv1d(given, taps)
    return {"out": values(out), "inputs": [values(given), values(taps)]}


@property_check(
    each=("left", "right"),
    cases=lambda anchor: kernel_convolutions(1, wider=anchor == "left"),
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
    """`tensor_conv1d` anchors the weight at its left end, or its right end if `reverse`."""
    result, size = raw(np.zeros(math.prod(out[0])), *out), math.prod(out[0])
    given, taps = (raw(np.array(one[0]), *one[1:]) for one in (x, weight))
    mt.fast_conv.tensor_conv1d(*result, size, *given, *taps, anchor == "right")
    return {"out": lie(*result), "kept": unchanged(result, given, taps)}


@property_check(
    cases=convolutions(1),
    examples=EXAMPLES,
    expect=lambda x, weight, d, **_: {
        "grads": convolution_slopes(x, weight, d),
        "inputs": [x, weight],
    },
    count=40,
    weight=3,
    jit=False,
)
def differentiates_rows(
    mt: Minitorch, x: np.ndarray, x_order: list[int], weight: np.ndarray,
    weight_order: list[int], d: np.ndarray,
) -> Any:  # fmt: skip
    """`backward(d)` gives the derivatives of a convolution by its input and by its weight."""
    given, taps = tensor(mt, x, x_order), tensor(mt, weight, weight_order)
    mt.fast_conv.conv1d(given, taps).backward(tensor(mt, d, constant=True))
    return {
        "grads": [gradient(given), gradient(taps)],
        "inputs": [values(given), values(taps)],
    }


@property_check(
    cases=kernel_convolutions(1),
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
    """`tensor_conv1d` compiles, and gives on either side what it gives as plain Python."""
    given, taps = (raw(np.array(one[0]), *one[1:]) for one in (x, weight))
    found = []
    for reverse in (False, True):
        result, size = raw(np.zeros(math.prod(out[0])), *out), math.prod(out[0])
        mt.fast_conv.tensor_conv1d(*result, size, *given, *taps, reverse)
        found.append(lie(*result))
    return found


# How: the course gives the line that compiles, and asks for no loop through `prange`.


@compiled_check(each=("tensor_conv1d",), parallel=False, cap=Fraction(3, 4))
def compiles_without_races(mt: Minitorch, name: str) -> Any:
    """The loop is compiled by numba, and if it runs in parallel, iterations do not meet."""
    x = raw(np.arange(1.0, 21), [2, 2, 5], [10, 5, 1])
    taps = raw(np.arange(1.0, 13), [3, 2, 2], [4, 2, 1])
    cases: list[list[Any]] = []
    for strides in ([15, 5, 1], [1, 2, 6]):
        out = raw(np.zeros(30), [2, 3, 5], strides)
        cases += [[*out, 30, *x, *taps, reverse] for reverse in (False, True)]
    # More numbers than any kernel keeps to one core.
    many, results = (raw(np.arange(120_000.0), [30_000, 2, 2], [4, 2, 1]) for _ in range(2))
    cases.append([*results, 120_000, *many, *raw(np.arange(8.0), [2, 2, 2], [4, 2, 1]), False])
    a, of_many = tensor(mt, np.ones((1, 1, 3))), tensor(mt, np.ones((20, 1, 500)))
    return compilation(
        getattr(mt.fast_conv, name),
        *cases[0],
        call=lambda: mt.fast_conv.conv1d(a, a),
        large=lambda: values(mt.fast_conv.conv1d(of_many, a)),
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
    within=("tensor_conv1d", "Conv1dFun.forward", "Conv1dFun.backward"),
    instead="loops of your own",
    cap=0,
)
def convolves_by_itself() -> None:
    """The convolution is computed by loops of its own, and by no library."""
