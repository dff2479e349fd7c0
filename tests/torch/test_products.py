"""Products of matrices and convolutions: values and derivatives as PyTorch's."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

pytestmark = pytest.mark.long

DRAWN = settings(max_examples=60, deadline=None)
FEW = st.integers(1, 4)

# Layers, vectors from both sides, batches against one matrix, and sides that fill no tile.
LARGE = [
    ((16, 392), (392, 64)),
    ((128, 784), (784, 128)),
    ((257, 129), (129, 131)),
    ((1, 700), (700, 300)),
    ((700, 300), (300, 1)),
    ((10, 64, 48), (1, 48, 32)),
    ((1, 64, 48), (10, 48, 32)),
    ((48, 32), (2, 3, 32, 40)),
    ((50, 30, 20), (50, 20, 1)),
]
ROWS = [((10, 50, 24), (32, 50, 4)), ((16, 3, 500), (8, 3, 9)), ((2, 3, 2), (4, 3, 5))]
IMAGES = [
    ((16, 16, 32, 32), (32, 16, 3, 3)),
    ((16, 4, 28, 28), (8, 4, 3, 3)),
    ((2, 3, 64, 48), (5, 3, 7, 4)),
    ((3, 2, 2, 3), (2, 2, 4, 5)),  # the weight is larger than the image
]


@DRAWN
@given(
    data=st.data(),
    sides=st.tuples(*[st.integers(0, 4)] * 3),
    batches=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=2, max_side=3, min_side=0),
)
def test_products(against: Any, data: Any, sides: Any, batches: Any) -> None:
    rows, inner, columns = sides
    left, right = batches.input_shapes
    a = against.drawn(data, (*left, rows, inner))
    b = against.drawn(data, (*right, inner, columns))
    seed = against.drawn(data, (*batches.result_shape, rows, columns), wanted=False)
    against.sums(lambda a, b: a @ b, lambda x, y: x @ y, [a, b], seed)


@pytest.mark.parametrize("shapes", LARGE)
@pytest.mark.parametrize("is_turned", [False, True])
def test_large_products(fast: Any, shapes: Any, is_turned: bool) -> None:
    orders = [(*range(len(s) - 2), len(s) - 1, len(s) - 2) if is_turned else None for s in shapes]
    leaves = [fast.random(i, s, o) for i, (s, o) in enumerate(zip(shapes, orders, strict=True))]
    fast.sums(lambda a, b: a @ b, lambda x, y: x @ y, leaves)


def conv1d(against: Any, x: Any, weight: Any) -> Any:
    """Convolve as the course does: the weight begins at each place; behind the end are zeros."""
    functional = against.torch.nn.functional
    return functional.conv1d(functional.pad(x, (0, weight.shape[2] - 1)), weight)


def conv2d(against: Any, x: Any, weight: Any) -> Any:
    functional = against.torch.nn.functional
    height, width = weight.shape[2:]
    return functional.conv2d(functional.pad(x, (0, width - 1, 0, height - 1)), weight)


def compare(against: Any, leaves: list[Any], seed: Any = None) -> None:
    if leaves[0].ours.dims == 3:
        against.sums(against.mt.conv1d, lambda *t: conv1d(against, *t), leaves, seed)
    else:
        against.sums(against.mt.conv2d, lambda *t: conv2d(against, *t), leaves, seed)


@DRAWN
@pytest.mark.parametrize("dims", [1, 2])
@given(data=st.data(), batch=st.integers(0, 3), channels=FEW, maps=FEW)
def test_convolutions(
    against: Any, data: Any, dims: int, batch: int, channels: int, maps: int
) -> None:
    sides, window = (data.draw(st.tuples(*[st.integers(1, 5)] * dims)) for _ in range(2))
    leaves = [
        against.drawn(data, (batch, channels, *sides)),
        against.drawn(data, (maps, channels, *window)),
    ]
    compare(against, leaves, against.drawn(data, (batch, maps, *sides), wanted=False))


@pytest.mark.parametrize("shapes", [*ROWS, *IMAGES])
@pytest.mark.parametrize("is_turned", [False, True])
def test_convolutions_of_real_size(against: Any, shapes: Any, is_turned: bool) -> None:
    leaves = [
        against.random(i, shape, range(len(shape))[::-1] if is_turned else None)
        for i, shape in enumerate(shapes)
    ]
    if is_turned:  # the derivative is as well
        shape = (shapes[0][0], shapes[1][0], *shapes[0][2:])
        compare(against, leaves, against.random(9, shape, range(len(shape))[::-1], wanted=False))
    else:
        compare(against, leaves)
