"""Map and zip, with broadcasting: values and derivatives as PyTorch's."""

from __future__ import annotations

import operator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

pytestmark = pytest.mark.long

DRAWN = settings(max_examples=60, deadline=None)
SHAPES = st.lists(st.integers(0, 4), min_size=1, max_size=4).map(tuple)
# A plain number is a tensor of shape (1,), so most results have a dimension.
PAIRS = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4, min_side=0).filter(
    lambda shapes: shapes.result_shape
)
ADDED = 1e-6  # by the course's logarithm, to each number

REALS = st.one_of(
    st.integers(-40, 40).map(lambda i: i / 4), st.floats(-10, 10, allow_subnormal=False)
)
POSITIVE = st.floats(1e-3, 100)
NONZERO = st.builds(operator.mul, POSITIVE, st.sampled_from([1, -1]))

# Our function, PyTorch's, what it is called with, and the floor of `Against.pointwise`.
MAPS: dict[str, tuple[Any, Any, Any, float]] = {
    "neg": (operator.neg, operator.neg, REALS, 0.0),
    "inv": (lambda a: 1 / a, lambda x: 1 / x, NONZERO, 0.0),
    "sigmoid": (lambda a: a.sigmoid(), lambda x: x.sigmoid(), REALS, 1.0),
    "relu": (lambda a: a.relu(), lambda x: x.relu(), REALS, 0.0),
    "log": (lambda a: a.log(), lambda x: (x + ADDED).log(), POSITIVE, 0.0),
    "exp": (lambda a: a.exp(), lambda x: x.exp(), REALS, 0.0),
    "numbers": (lambda a: (2 - a) * 3 / 4, lambda x: (2 - x) * 3 / 4, REALS, 0.0),
    "copy": (lambda a: a.contiguous() * 1, lambda x: x.contiguous() * 1, REALS, 0.0),
}
ZIPS: dict[str, tuple[Any, Any, Any]] = {
    "add": (operator.add, operator.add, REALS),
    "sub": (operator.sub, operator.sub, REALS),
    "mul": (operator.mul, operator.mul, REALS),
    "div": (operator.truediv, operator.truediv, NONZERO),
    # Comparisons have no derivative, but what they let through has.
    "lt and gt": (
        lambda a, b: (a < b) * a + (a > b) * b * 3,
        lambda x, y: (x < y) * x + (x > y) * y * 3,
        REALS,
    ),
    "eq": (lambda a, b: (a == b) * a * b, lambda x, y: (x == y) * x * y, REALS),
    "is_close": (
        lambda a, b: a.is_close(b) * a * b,
        lambda x, y: ((x - y).abs() < 1e-2) * x * y,
        REALS,
    ),
}


@DRAWN
@pytest.mark.parametrize("name", MAPS)
@given(data=st.data(), shape=SHAPES)
def test_maps(against: Any, name: str, data: Any, shape: Any) -> None:
    ours, theirs, elements, floor = MAPS[name]
    leaf, seed = against.drawn(data, shape, elements), against.drawn(data, shape, wanted=False)
    against.pointwise(ours, theirs, [leaf], seed, floor)


@DRAWN
@pytest.mark.parametrize("name", ZIPS)
@given(data=st.data(), shapes=PAIRS)
def test_zips(against: Any, name: str, data: Any, shapes: Any) -> None:
    ours, theirs, elements = ZIPS[name]
    leaves = [against.drawn(data, shape, elements) for shape in shapes.input_shapes]
    against.pointwise(ours, theirs, leaves, against.drawn(data, shapes.result_shape, wanted=False))


@DRAWN
@given(data=st.data(), shapes=PAIRS)
def test_one_leaf_used_twice(against: Any, data: Any, shapes: Any) -> None:
    """Its derivative adds up over both uses, and over what it is repeated along in each."""
    x, y = (against.drawn(data, shape) for shape in shapes.input_shapes)
    seed = against.drawn(data, shapes.result_shape, wanted=False)
    against.sums(lambda a, b: a * b + a * 2, lambda a, b: a * b + a * 2, [x, y], seed,
                 terms=3 + 2 * seed.ours.size)  # fmt: skip


# Large enough for several threads.
@pytest.mark.parametrize(
    "shapes", [((512, 300), (512, 300)), ((64, 1, 50), (40, 50)), ((1,), (200_000,))]
)
@pytest.mark.parametrize("name", ["add", "mul", "div"])
@pytest.mark.parametrize("is_turned", [False, True])
def test_large_zips(fast: Any, name: str, shapes: Any, is_turned: bool) -> None:
    ours, theirs, _ = ZIPS[name]
    leaves = []
    for i, shape in enumerate(shapes):
        order = range(len(shape))[::-1] if is_turned and i == 0 else None
        leaves.append(fast.random(i, shape, order))
    result = theirs(*(x.theirs for x in leaves))
    fast.pointwise(ours, theirs, leaves, fast.random(2, tuple(result.shape), wanted=False))


@pytest.mark.parametrize("name", MAPS)
def test_large_maps(fast: Any, name: str) -> None:
    ours, theirs, elements, floor = MAPS[name]
    leaf = fast.random(0, (300, 400), (1, 0))
    if elements is not REALS:
        leaf = fast.laid(leaf.theirs.detach().abs().numpy() + 0.01, (1, 0))
    fast.pointwise(ours, theirs, [leaf], fast.random(1, (300, 400), wanted=False), floor)
