"""Reductions, orders and views: values and derivatives as PyTorch's."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.long

DRAWN = settings(max_examples=60, deadline=None)
SHAPES = st.lists(st.integers(0, 4), min_size=1, max_size=4).map(tuple)
FULL = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)

# A long first, middle or last dimension, and one in which every number is alone. Two
# threads share what has more than 65,536 numbers.
LARGE = [((70_001,), 0), ((3, 30_000), 1), ((30_000, 3), 0), ((40, 50, 60), 1), ((90_000, 1), 1)]


def a_dim(data: Any, shape: Any) -> int:
    return int(data.draw(st.integers(0, len(shape) - 1)))


@DRAWN
@given(data=st.data(), shape=SHAPES)
def test_sums(against: Any, data: Any, shape: Any) -> None:
    dim = a_dim(data, shape)
    leaf = against.drawn(data, shape)
    against.sums(lambda a: a.sum(dim), lambda x: x.sum(dim, keepdim=True), [leaf])
    leaf = against.drawn(data, shape)
    against.sums(lambda a: a.sum(), lambda x: x.sum().reshape(1), [leaf])


@DRAWN
@given(data=st.data(), shape=FULL)
def test_means(against: Any, data: Any, shape: Any) -> None:
    dim = a_dim(data, shape)
    leaf = against.drawn(data, shape)
    against.sums(
        lambda a: a.mean(dim), lambda x: x.mean(dim, keepdim=True), [leaf], terms=shape[dim]
    )
    leaf = against.drawn(data, shape)
    against.sums(lambda a: a.mean(), lambda x: x.mean().reshape(1), [leaf], terms=math.prod(shape))


@DRAWN
@given(data=st.data(), shape=SHAPES)
def test_all(against: Any, data: Any, shape: Any) -> None:
    leaf = against.drawn(data, shape, st.sampled_from([0.0, 1.0, 1.0]), wanted=False)
    dim = a_dim(data, shape)
    against.check(leaf.ours.all(dim), leaf.theirs.all(dim, keepdim=True).double())
    against.check(leaf.ours.all(), leaf.theirs.all().reshape(1).double())


@DRAWN
@given(data=st.data(), shape=FULL)
def test_max_and_argmax(against: Any, data: Any, shape: Any) -> None:
    leaf, dim = against.distinct(data, shape), a_dim(data, shape)
    places = against.torch.zeros(shape, dtype=against.torch.float64)
    places.scatter_(dim, leaf.theirs.argmax(dim, keepdim=True), 1.0)
    against.check(against.mt.argmax(leaf.ours, dim), places)
    # Each derivative goes to one place, and no sum is rounded.
    found, expected = against.mt.max(leaf.ours, dim), leaf.theirs.amax(dim, keepdim=True)
    against.check(found, expected)
    seed = against.drawn(data, found.shape, wanted=False)
    found.backward(seed.ours)
    expected.backward(seed.theirs)
    against.check(leaf.ours.grad, leaf.theirs.grad)


@DRAWN
@given(data=st.data(), shape=SHAPES)
def test_orders_and_views(against: Any, data: Any, shape: Any) -> None:
    """Also one after the other, and with derivatives that lie in memory in another order."""
    leaf = against.drawn(data, shape)
    first, second = (data.draw(st.permutations(range(n))) for n in (len(shape), 3))
    flat = math.prod(shape)

    def ours(a: Any) -> Any:
        return a.permute(*first).contiguous().view(1, flat, 1).permute(*second)

    def theirs(x: Any) -> Any:
        return x.permute(*first).reshape(1, flat, 1).permute(*second)

    turned = theirs(leaf.theirs)
    seed = against.drawn(data, turned.shape, wanted=False)
    found = ours(leaf.ours)
    against.check(found, turned)
    found.backward(seed.ours)
    turned.backward(seed.theirs)
    against.check(leaf.ours.grad, leaf.theirs.grad)


@DRAWN
@given(data=st.data(), shape=SHAPES)
def test_permuted_and_folded(against: Any, data: Any, shape: Any) -> None:
    order, dim = data.draw(st.permutations(range(len(shape)))), a_dim(data, shape)
    leaf = against.drawn(data, shape)
    against.sums(
        lambda a: a.permute(*order).sum(dim) * 2,
        lambda x: x.permute(*order).sum(dim, keepdim=True) * 2,
        [leaf],
    )


@pytest.mark.parametrize(("shape", "dim"), LARGE)
@pytest.mark.parametrize("is_turned", [False, True])
def test_large_sums_and_means(fast: Any, shape: Any, dim: int, is_turned: bool) -> None:
    order = range(len(shape))[::-1] if is_turned else None
    leaf = fast.random(0, shape, order)
    fast.sums(lambda a: a.sum(dim), lambda x: x.sum(dim, keepdim=True), [leaf])
    leaf = fast.random(1, shape, order)
    fast.sums(lambda a: a.mean(), lambda x: x.mean().reshape(1), [leaf], terms=math.prod(shape))


@pytest.mark.parametrize(("shape", "dim"), LARGE)
def test_large_maxima(fast: Any, shape: Any, dim: int) -> None:
    leaf = fast.random(0, shape)  # no two of these are equal
    found, expected = fast.mt.max(leaf.ours, dim), leaf.theirs.amax(dim, keepdim=True)
    fast.check(found, expected)
    seed = fast.random(1, found.shape, wanted=False)
    found.backward(seed.ours)
    expected.backward(seed.theirs)
    fast.check(leaf.ours.grad, leaf.theirs.grad)
