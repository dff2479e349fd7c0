"""Pooling, softmax, dropout, embeddings and the optimizer: as PyTorch's."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.long

DRAWN = settings(max_examples=60, deadline=None)
EPS = 2.0**-52
FULL = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)
BATCHES = st.tuples(st.integers(0, 3), st.integers(1, 3))
TILES = st.tuples(st.integers(1, 3), st.integers(1, 3))

POOLED = [((16, 16, 32, 32), (2, 2)), ((16, 8, 28, 28), (4, 4)), ((3, 5, 30, 49), (5, 7))]
CLASSES = [((16, 10), 1), ((128, 1000), 1), ((7, 20_001), 1), ((33, 5, 65), 1), ((500, 9), 0)]


def average(against: Any, leaf: Any, kernel: Any, seed: Any = None) -> None:
    pool = against.torch.nn.functional.avg_pool2d
    against.sums(
        lambda a: against.mt.avgpool2d(a, kernel),
        lambda x: pool(x, kernel),
        [leaf],
        seed,
        terms=kernel[0] * kernel[1] + 1,
    )


def largest(against: Any, leaf: Any, kernel: Any, seed: Any) -> None:
    """No number is computed, so none is rounded."""
    found = against.mt.maxpool2d(leaf.ours, kernel)
    expected = against.torch.nn.functional.max_pool2d(leaf.theirs, kernel)
    against.check(found, expected)
    found.backward(seed.ours)
    expected.backward(seed.theirs)
    against.check(leaf.ours.grad, leaf.theirs.grad)


@DRAWN
@given(data=st.data(), batch=BATCHES, kernel=TILES, count=TILES)
def test_pooling(against: Any, data: Any, batch: Any, kernel: Any, count: Any) -> None:
    shape = (*batch, kernel[0] * count[0], kernel[1] * count[1])
    seed = against.drawn(data, (*batch, *count), wanted=False)
    average(against, against.drawn(data, shape), kernel, seed)
    largest(against, against.distinct(data, shape), kernel, seed)


@pytest.mark.parametrize(("shape", "kernel"), POOLED)
@pytest.mark.parametrize("order", [None, (3, 2, 1, 0)])
def test_pooling_of_real_size(fast: Any, shape: Any, kernel: Any, order: Any) -> None:
    small = (*shape[:2], shape[2] // kernel[0], shape[3] // kernel[1])
    seed = fast.random(1, small, order, wanted=False)
    average(fast, fast.random(0, shape, order), kernel, seed)
    largest(fast, fast.random(2, shape, order), kernel, seed)


def compare_softmax(against: Any, leaf: Any, dim: int, seed: Any) -> None:
    """Compare values and derivatives of `softmax`.

    The exponent is off by a unit of rounding times itself, which is at most the `spread`
    of the numbers; the sum by one for each of its `count` terms; and some operations follow.
    """
    x, g = leaf.theirs.detach(), seed.theirs
    count = x.shape[dim]
    spread = x.amax(dim, keepdim=True) - x.amin(dim, keepdim=True)
    units = EPS * (2 * spread + count + 8)
    found, expected = against.mt.softmax(leaf.ours, dim), leaf.theirs.softmax(dim)
    y = expected.detach()
    against.check(found, expected, (units * y).numpy())
    found.backward(seed.ours)
    expected.backward(g)
    # y (g - sum of g y): each factor is a result as above, and the sum is one more.
    size = y * (g.abs() + (g.abs() * y).sum(dim, keepdim=True))
    against.check(leaf.ours.grad, leaf.theirs.grad, ((3 * units + count * EPS) * size).numpy())


def compare_logsoftmax(against: Any, leaf: Any, dim: int, seed: Any) -> None:
    """As `compare_softmax`; the logarithm makes relative errors of the sum absolute ones."""
    x, g = leaf.theirs.detach(), seed.theirs
    count = x.shape[dim]
    spread = x.amax(dim, keepdim=True) - x.amin(dim, keepdim=True)
    units = EPS * (2 * spread + count + 8)
    found, expected = against.mt.logsoftmax(leaf.ours, dim), leaf.theirs.log_softmax(dim)
    z = expected.detach()
    against.check(found, expected, (units + EPS * z.abs()).numpy())
    found.backward(seed.ours)
    expected.backward(g)
    # g - y (sum of g)
    size = g.abs() + z.exp() * g.abs().sum(dim, keepdim=True)
    against.check(leaf.ours.grad, leaf.theirs.grad, ((3 * units + count * EPS) * size).numpy())


@DRAWN
@pytest.mark.parametrize("compare", [compare_softmax, compare_logsoftmax])
@given(data=st.data(), shape=FULL, offset=st.sampled_from([0, 1000, -1000]))
def test_softmax(against: Any, compare: Any, data: Any, shape: Any, offset: int) -> None:
    elements = st.integers(-40, 40).map(lambda i: i / 4 + offset)
    leaf, seed = against.drawn(data, shape, elements), against.drawn(data, shape, wanted=False)
    compare(against, leaf, data.draw(st.integers(0, len(shape) - 1)), seed)


@pytest.mark.parametrize("compare", [compare_softmax, compare_logsoftmax])
@pytest.mark.parametrize(("shape", "dim"), CLASSES)
@pytest.mark.parametrize("is_turned", [False, True])
def test_softmax_of_real_size(
    fast: Any, compare: Any, shape: Any, dim: int, is_turned: bool
) -> None:
    order = range(len(shape))[::-1] if is_turned else None
    compare(fast, fast.random(0, shape, order), dim, fast.random(1, shape, wanted=False))


@DRAWN
@given(data=st.data(), shape=FULL, rate=st.sampled_from([0.0, 0.25, 0.9, 1.0]), draw=st.randoms())
def test_dropout(against: Any, data: Any, shape: Any, rate: float, draw: Any) -> None:
    """What stays is neither scaled nor rounded; nothing or all of it goes at the rates' ends."""
    leaf = against.drawn(data, shape, st.integers(1, 40).map(lambda i: i / 4))
    seed = against.drawn(data, shape, wanted=False)
    random.seed(draw.getrandbits(32))
    found = against.mt.dropout(leaf.ours, rate)
    is_kept = against.theirs((found.to_numpy() != 0) * 1.0)
    if rate in (0.0, 1.0):
        against.check(found, against.torch.nn.functional.dropout(leaf.theirs, rate))
    expected = leaf.theirs * is_kept
    against.check(found, expected)
    found.backward(seed.ours)
    expected.backward(seed.theirs)
    against.check(leaf.ours.grad, leaf.theirs.grad)
    assert against.mt.dropout(leaf.ours, rate, ignore=True) is leaf.ours


@DRAWN
@given(data=st.data(), words=st.integers(1, 6), width=st.integers(1, 4), shape=FULL)
def test_embeddings(against: Any, data: Any, words: int, width: int, shape: Any) -> None:
    layer = against.mt.Embedding(words, width, against.backend)
    table = against.drawn(data, (words, width))
    layer.weights.update(table.ours)
    count = int(np.prod(shape))
    ids = np.array(data.draw(st.lists(st.integers(0, words - 1), min_size=count, max_size=count)))
    ids = ids.reshape(shape)
    seed = against.drawn(data, (*shape, width), wanted=False)

    def look_up(x: Any) -> Any:
        return against.torch.nn.functional.embedding(against.torch.tensor(ids), x)

    against.check(layer(ids.tolist()), look_up(table.theirs))  # a row is copied, not rounded
    against.sums(lambda _: layer(ids.tolist()), look_up, [table], seed)


@DRAWN
@given(
    data=st.data(),
    shapes=st.lists(FULL, min_size=1, max_size=3),
    rate=st.floats(1e-3, 2),
    steps=st.integers(1, 5),
)
def test_steps_of_the_optimizer(
    against: Any, data: Any, shapes: Any, rate: float, steps: int
) -> None:
    """A step rounds a product and a difference; the derivatives here do not depend on the steps."""
    leaves = [against.drawn(data, shape) for shape in shapes]
    idle = against.drawn(data, shapes[0])
    parameters = [against.mt.Parameter(leaf.ours) for leaf in [*leaves, idle]]
    ours = against.mt.SGD(parameters, rate)
    theirs = against.torch.optim.SGD([leaf.theirs for leaf in [*leaves, idle]], lr=rate)
    sizes = [leaf.theirs.detach().abs() for leaf in leaves]
    for _ in range(steps):
        ours.zero_grad()
        theirs.zero_grad()
        for i, leaf in enumerate(leaves):
            slope = against.drawn(data, leaf.ours.shape, wanted=False)
            parameters[i].value.requires_grad_(True)
            (parameters[i].value * slope.ours).sum().backward()
            (leaf.theirs * slope.theirs).sum().backward()
            sizes[i] = sizes[i] + rate * slope.theirs.abs()
        ours.step()
        theirs.step()
        for parameter, leaf, size in zip(parameters, leaves, sizes, strict=False):
            against.check(parameter.value, leaf.theirs, (2 * steps * EPS * size).numpy())
    against.check(parameters[-1].value, idle.theirs)
    ours.zero_grad()
    assert all(parameter.value.grad is None for parameter in parameters)
