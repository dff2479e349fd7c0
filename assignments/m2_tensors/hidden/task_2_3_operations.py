"""Task 2.3, hidden: more dimensions, longer sides, outputs given, several operations in a row."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrade import Case, Minitorch, property_check
from minigrade.authoring.kernels import kernel_reductions, kernel_zips, plain
from minigrade.authoring.tensors import (
    Bytes,
    Cases,
    drawn,
    lying,
    steps,
    strides_of,
    tensor_pairs,
    tensors,
    with_dim,
    with_order,
)
from minigrade.probing import compute, lie, raw, tensor, values

from ..oracles import ARITHMETIC, GRID, LECTURE, joined

LONG = np.arange(140.0).reshape(70, 2) / 4


@property_check(
    cases=kernel_zips(6, 60),
    examples=(
        Case(a=plain(LONG), b=[LONG[:, 0].copy(), [70, 1], [1, 70]], out=[[70, 2], [1, 70]]),
    ),
    expect=lambda a, b, out: {
        "zipped": lying(*a) * 5 - lying(*b),
        "mapped": 7 - np.broadcast_to(lying(*a), out[0]),
    },
    count=60,
    weight=3,
)
def loops_over_many_dimensions(mt: Minitorch, a: list[Any], b: list[Any], out: list[Any]) -> Any:
    """`tensor_map` and `tensor_zip` are right in up to six dimensions, and on long sides."""
    zipped, mapped = (raw(np.full(math.prod(out[0]), 9.0), *out) for _ in range(2))
    mt.tensor_ops.tensor_zip(lambda x, y: x * 5 - y)(*zipped, *raw(*a), *raw(*b))
    mt.tensor_ops.tensor_map(lambda x: 7 - x)(*mapped, *raw(*a))
    return {"zipped": lie(*zipped), "mapped": lie(*mapped)}


@property_check(
    cases=kernel_reductions(most=6, largest=80),
    examples=(
        Case(a=plain(LONG), dim=0, out=[[1, 2], [2, 1]], start=0.0),
        Case(a=plain(LONG), dim=1, out=[[70, 1], [1, 1]], start=0.0),
    ),
    expect=lambda a, dim, out, start: start + lying(*a).sum(dim, keepdims=True),  # noqa: ARG005
    count=60,
    weight=2,
)
def folds_many_dimensions(
    mt: Minitorch, a: list[Any], dim: int, out: list[Any], start: float
) -> Any:
    """`tensor_reduce` is right in up to six dimensions, and on long sides."""
    result = raw(np.full(math.prod(out[0]), start), *out)
    mt.tensor_ops.tensor_reduce(lambda x, y: x + y)(*result, *raw(*a), dim)
    return lie(*result)


@property_check(
    cases=with_dim(tensors(-4, 4)),
    examples=(Case(a=GRID, a_order=[0, 1], dim=1), Case(a=GRID, a_order=[1, 0], dim=0)),
    expect=lambda a, dim, **_: 3 + a.sum(dim, keepdims=True),
    count=40,
)
def folds_from_a_start(mt: Minitorch, a: np.ndarray, a_order: list[int], dim: int) -> Any:
    """`SimpleOps.reduce(fn, start)` makes a function that starts each fold from `start`."""
    fold = mt.tensor_ops.SimpleOps.reduce(lambda x, y: x + y, 3.0)
    return values(fold(tensor(mt, a, a_order, constant=True), dim))


def outputs() -> Cases:
    """Draw a tensor ``a``, and an output ``out`` into which it is broadcast, in any order."""

    def make(source: Bytes) -> dict[str, Any]:
        shape = source.shape(1, 4, 30)
        small = source.partner(shape)[source.below(2)]
        return {
            "a": source.numbers(small, steps(-8, 8)),
            "a_order": source.order(len(small)),
            "shape": shape,
            "strides": strides_of(shape, source.order(len(shape))),
        }

    return drawn(make, 30)


@property_check(
    cases=outputs(),
    examples=(Case(a=GRID[0], a_order=[0], shape=[2, 3], strides=[1, 2]),),
    expect=lambda a, shape, **_: np.broadcast_to(a * 2, shape),
    count=50,
)
def maps_into_an_output(
    mt: Minitorch, a: np.ndarray, a_order: list[int], shape: list[int], strides: list[int]
) -> Any:
    """`SimpleOps.map(fn)(a, out)` broadcasts `a` into `out`, whatever its strides."""
    out = mt.Tensor.make(
        np.zeros(math.prod(shape)), tuple(shape), tuple(strides), backend=mt.SimpleBackend
    )
    mt.tensor_ops.SimpleOps.map(lambda x: x * 2)(tensor(mt, a, a_order, constant=True), out)
    return values(out)


@property_check(
    each=ARITHMETIC,
    cases=tensor_pairs(-5, 5, most=6, largest=40),
    examples=LECTURE,
    expect=lambda form, a, b, **_: [compute(form, a=a, b=b), compute(form, a=b, b=a)],
    count=30,
    weight=4,
)
def computes_either_way_round(
    mt: Minitorch, form: str, a: np.ndarray, a_order: list[int], b: np.ndarray, b_order: list[int]
) -> Any:
    """Two tensors are broadcast in up to six dimensions, whichever comes first."""
    left, right = tensor(mt, a, a_order), tensor(mt, b, b_order)
    pairs = ((left, right), (right, left))
    return [values(compute(form, a=first, b=second)) for first, second in pairs]


def expect_chain(a: np.ndarray, order: list[int], b: np.ndarray, **_: Any) -> dict[str, Any]:
    """Return the results of the probe's lines."""
    turned = a.transpose(order)
    return {
        "turned": turned.transpose(order),
        "doubled": turned * 2 - turned,
        "total": (turned + 1).sum().reshape(1),
        "flat": turned.reshape(-1),
        "sum": (joined(a, b) * 3).sum(0, keepdims=True),
    }


@property_check(
    cases=with_order(tensor_pairs(-5, 5, most=5)).filter(
        lambda case: joined(**case).ndim == case["a"].ndim
    ),
    examples=tuple(
        Case(**{**case, "a_order": a_order}, order=order)
        for case in LECTURE[:2]
        for a_order in ([0, 1, 2], [1, 2, 0])
        for order in ([1, 2, 0], [2, 0, 1])
    ),
    expect=expect_chain,
    count=50,
    weight=2,
)
def computes_with_permuted_tensors(
    mt: Minitorch, a: np.ndarray, a_order: list[int], b: np.ndarray, b_order: list[int],
    order: list[int],
) -> Any:  # fmt: skip
    """What was permuted is computed with, added up and copied like any other tensor."""
    left, right = tensor(mt, a, a_order), tensor(mt, b, b_order)
    turned = left.permute(*order)
    return {
        "turned": values(turned.permute(*order)),
        "doubled": values(turned * 2.0 - turned),
        "total": values((turned + 1.0).sum()),
        "flat": values(turned.contiguous().view(turned.size)),
        "sum": values(((left + right) * 3.0).sum(0)),
    }
