"""Task 3.1, hidden: six dimensions, repeated inputs, sides of all sorts, several in a row."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from minigrade import Case, Minitorch, property_check
from minigrade.authoring.kernels import kernel_reductions, kernel_zips, plain
from minigrade.authoring.tensors import lying, tensor_pairs, with_order
from minigrade.probing import fast_backend, lie, raw, tensor, values

from ...m2_tensors.oracles import LECTURE, joined

LONG = np.arange(140.0).reshape(70, 2) / 4
CUBE = np.arange(64.0).reshape(2, 2, 2, 2, 2, 2) / 4


@property_check(
    cases=kernel_zips(6, 70),
    examples=(
        Case(a=plain(LONG), b=[LONG[:, 0].copy(), [70, 1], [1, 70]], out=[[70, 2], [1, 70]]),
        Case(a=plain(CUBE), b=plain(CUBE[0, 0]), out=[[2] * 6, [1, 2, 4, 8, 16, 32]]),
    ),
    expect=lambda a, b, out: {
        "zipped": lying(*a) * 5 - lying(*b),
        "mapped": 7 - np.broadcast_to(lying(*a), out[0]),
    },
    count=60,
    weight=3,
    jit=False,
)
def loops_over_many_dimensions(mt: Minitorch, a: list[Any], b: list[Any], out: list[Any]) -> Any:
    """`tensor_map` and `tensor_zip` are right in up to six dimensions, and on long sides."""
    zipped, mapped = (raw(np.full(math.prod(out[0]), 9.0), *out) for _ in range(2))
    mt.fast_ops.tensor_zip(lambda x, y: x * 5 - y)(*zipped, *raw(*a), *raw(*b))
    mt.fast_ops.tensor_map(lambda x: 7 - x)(*mapped, *raw(*a))
    return {"zipped": lie(*zipped), "mapped": lie(*mapped)}


@property_check(
    cases=kernel_reductions(3.0, 6, 90),
    examples=(
        Case(a=plain(LONG), dim=0, out=[[1, 2], [2, 1]], start=3.0),
        Case(a=plain(CUBE), dim=3, out=[[2, 2, 2, 1, 2, 2], [16, 8, 4, 4, 2, 1]], start=3.0),
    ),
    expect=lambda a, dim, out, start: start + lying(*a).sum(dim, keepdims=True),  # noqa: ARG005
    count=60,
    weight=2,
    jit=False,
)
def folds_many_dimensions(
    mt: Minitorch, a: list[Any], dim: int, out: list[Any], start: float
) -> Any:
    """`tensor_reduce` is right in up to six dimensions, and on long sides."""
    result = raw(np.full(math.prod(out[0]), start), *out)
    mt.fast_ops.tensor_reduce(lambda x, y: x + y)(*result, *raw(*a), dim)
    return lie(*result)


@property_check(
    cases=with_order(tensor_pairs(-5, 5)).filter(
        lambda case: joined(**case).ndim == case["a"].ndim
    ),
    examples=tuple(
        Case(**case, order=order) for case in LECTURE[:2] for order in ([1, 2, 0], [2, 0, 1])
    ),
    expect=lambda a, b, order, **_: {
        "doubled": 2 * a.transpose(order),
        "flat": a.transpose(order).reshape(-1),
        "sum": joined(a, b).sum(0, keepdims=True),
        "relu": np.maximum(joined(a, b), 0),
    },
    count=30,
    weight=3,
    jit=True,
)
def computes_with_permuted_tensors(
    mt: Minitorch, a: np.ndarray, a_order: list[int], b: np.ndarray, b_order: list[int],
    order: list[int],
) -> Any:  # fmt: skip
    """Compiled, what was permuted is computed with, added up and copied like any other tensor."""
    fast = fast_backend(mt)
    left, right = tensor(mt, a, a_order, backend=fast), tensor(mt, b, b_order, backend=fast)
    turned = left.permute(*order)
    return {
        "doubled": values(turned + turned),
        "flat": values(turned.contiguous().view(turned.size)),
        "sum": values((left + right).sum(0)),
        "relu": values((left + right).relu()),
    }


SHAPES = (
    Case(shape=[2, 66, 600], order=[1, 0, 2]),
    Case(shape=[70001], order=[0]),
    Case(shape=[257, 17, 19], order=[2, 1, 0]),
)


def ramp(shape: list[int]) -> np.ndarray:
    """Return quarter steps in a shape; a case need not carry them, and neighbours all differ."""
    return ((np.arange(math.prod(shape)) * 2_731 % 8_191 - 4_095) / 4).reshape(shape)


@property_check(
    cases=st.sampled_from(SHAPES).map(dict),
    examples=SHAPES,
    expect=lambda shape, order: {  # noqa: ARG005
        "negative": -ramp(shape),
        "doubled": 2 * ramp(shape),
        "sum": ramp(shape).sum(0, keepdims=True),
    },
    count=3,
    weight=2,
    jit=True,
)
def computes_large_tensors(mt: Minitorch, shape: list[int], order: list[int]) -> Any:
    """Compiled, large tensors come out right, however many threads share the work."""
    fast = fast_backend(mt)
    given, plain_one = tensor(mt, ramp(shape), order, backend=fast), ramp(shape)
    return {
        "negative": values(-given),
        "doubled": values(given + tensor(mt, plain_one, backend=fast)),
        "sum": values(given.sum(0)),
    }
