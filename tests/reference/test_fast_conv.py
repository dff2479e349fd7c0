"""Convolutions on the CPU, compiled, against their definition, in all layouts."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.slow  # compiling the kernels takes some seconds


def convolved(
    a: np.ndarray, weight: np.ndarray, sides: tuple[int, ...], *, reverse: bool
) -> np.ndarray:
    """Convolve as the course defines it, one number of the weight at a time."""
    out = np.zeros((a.shape[0], weight.shape[0], *sides))
    for tap in np.ndindex(*weight.shape[2:]):
        to, at = [], []
        for k, side, width in zip(tap, sides, a.shape[2:], strict=True):
            shift = -k if reverse else k
            first, last = max(0, -shift), min(side, width - shift)
            to.append(slice(first, max(first, last)))
            at.append(slice(first + shift, max(first, last) + shift))
        piece = np.moveaxis(a[(slice(None), slice(None), *at)], 1, -1)
        out[(slice(None), slice(None), *to)] += np.moveaxis(
            piece @ weight[(slice(None), slice(None), *tap)].T, -1, 1
        )
    return out


def test_the_definition_itself() -> None:
    a, weight = np.array([[[1.0, 2.0, 3.0, 4.0]]]), np.array([[[1.0, 10.0, 100.0]]])
    right = [[[321.0, 432.0, 43.0, 4.0]]]
    left = [[[1.0, 12.0, 123.0, 234.0]]]
    np.testing.assert_array_equal(convolved(a, weight, (4,), reverse=False), right)
    np.testing.assert_array_equal(convolved(a, weight, (4,), reverse=True), left)


def whole(seed: int, shape: tuple[int, ...], order: tuple[int, ...] | None = None) -> np.ndarray:
    """Return whole numbers, whose products and sums are exact, with dimensions in some order."""
    order = order or tuple(range(len(shape)))
    numbers = np.random.default_rng(seed).integers(-9, 10, [shape[d] for d in order])
    return numbers.astype(float).transpose(np.argsort(order))


def triple(array: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return storage, shape and strides of an array that begins where its storage does."""
    base = array if array.base is None else array.base
    strides = np.array([stride // 8 for stride in array.strides], np.int64)
    return base.reshape(-1), np.array(array.shape, np.int64), strides


def check(
    mt: ModuleType, a: np.ndarray, weight: np.ndarray, out: np.ndarray, *, reverse: bool
) -> None:
    """Convolve with a kernel, into numbers that must not matter, and check the result."""
    kernel = mt.fast_conv.tensor_conv1d if a.ndim == 3 else mt.fast_conv.tensor_conv2d
    out[...] = np.nan
    kernel(*triple(out), out.size, *triple(a), *triple(weight), reverse)
    np.testing.assert_array_equal(out, convolved(a, weight, out.shape[2:], reverse=reverse))


@st.composite
def convolutions(draw: Any, dims: int) -> tuple[Any, ...]:
    """Draw shapes of input, weight and output, an order of dimensions for each, `reverse`."""
    few, sides = st.integers(1, 9), st.tuples(*[st.integers(1, 14)] * dims)
    batch, channels, maps = draw(few), draw(few), draw(few)
    places, taps = draw(sides), draw(sides)
    outputs = draw(st.one_of(st.just(places), sides))
    orders = [draw(st.permutations(range(dims + 2))) for _ in range(3)]
    shapes = (batch, channels, *places), (maps, channels, *taps), (batch, maps, *outputs)
    arrays = [
        whole(i, shape, tuple(o)) for i, (shape, o) in enumerate(zip(shapes, orders, strict=True))
    ]
    return (*arrays, draw(st.booleans()))


@settings(max_examples=200, deadline=None)
@given(convolutions(1))
def test_rows_in_all_layouts(mt: ModuleType, drawn: Any) -> None:
    a, weight, out, reverse = drawn
    check(mt, a, weight, out, reverse=reverse)


@settings(max_examples=200, deadline=None)
@given(convolutions(2))
def test_images_in_all_layouts(mt: ModuleType, drawn: Any) -> None:
    a, weight, out, reverse = drawn
    check(mt, a, weight, out, reverse=reverse)


# Input, weight, output. Large enough for several threads, several strips of a frame, groups
# of images, and bands of an image; all with weights smaller and larger than the output.
LARGE = [
    ((16, 16, 32, 32), (32, 16, 3, 3), (16, 32, 32, 32)),
    ((16, 16, 32, 32), (32, 16, 32, 32), (16, 32, 3, 3)),
    ((1, 3, 300, 200), (5, 3, 5, 4), (1, 5, 300, 200)),
    ((3, 1, 300, 200), (5, 1, 300, 200), (3, 5, 5, 4)),
    ((2, 40, 90, 7), (3, 40, 7, 7), (2, 3, 90, 7)),
    ((50, 10, 24), (32, 10, 24), (50, 32, 5)),
    ((10, 50, 24), (32, 50, 5), (10, 32, 24)),
    ((1, 2, 70001), (3, 2, 9), (1, 3, 70001)),
    ((1, 2, 70001), (3, 2, 70001), (1, 3, 9)),
]


# A large weight that lies to the left occurs nowhere, and takes long.
SMALL_WEIGHTS = [shapes for shapes in LARGE if np.prod(shapes[1][2:]) < 200]


@pytest.mark.parametrize(
    ("shapes", "reverse"),
    [*((shapes, False) for shapes in LARGE), *((shapes, True) for shapes in SMALL_WEIGHTS)],
)
def test_large_ones(mt: ModuleType, shapes: Any, reverse: bool) -> None:
    a, weight, out = (whole(i, shape) for i, shape in enumerate(shapes))
    check(mt, a, weight, out, reverse=reverse)


@pytest.mark.parametrize("zero", range(7))
@pytest.mark.parametrize("large", [False, True])
def test_no_numbers(mt: ModuleType, zero: int, large: bool) -> None:
    sizes = [2, 3, 5, 4, 2, 2, 4]
    if large:
        sizes[5], sizes[6] = 4, 2
    sizes[zero] = 0
    batch, channels, maps, width, height, taps, outputs = sizes
    a, weight = whole(1, (batch, channels, height, width)), whole(2, (maps, channels, 2, taps))
    check(mt, a, weight, whole(3, (batch, maps, 2, outputs)), reverse=False)


def test_the_last_sums_do_not_stay(mt: ModuleType) -> None:
    a, weight = whole(1, (2, 3, 9)), whole(2, (4, 3, 9))
    out = whole(3, (2, 4, 2))
    for _ in range(2):
        check(mt, a, weight, out, reverse=False)


@pytest.mark.parametrize("name", ["tensor_conv1d", "tensor_conv2d"])
def test_is_compiled_once_and_in_parallel(mt: ModuleType, name: str) -> None:
    dims = int(name[-2])
    for order in (None, tuple(range(dims + 2))[::-1]):
        a = whole(1, (2, 3, *[5] * dims), order)
        check(
            mt, a, whole(2, (4, 3, *[2] * dims), order), whole(3, (2, 4, *[5] * dims)), reverse=True
        )
    kernel = getattr(mt.fast_conv, name)
    assert kernel.targetoptions["parallel"]
    (signature,) = kernel.signatures
    assert kernel.get_metadata(signature)["parfor_diagnostics"].count_parfors() == 1


SHAPES = [
    ((2, 3, 7), (4, 3, 2)),
    ((2, 3, 2), (4, 3, 5)),  # the weight is wider than the input
    ((2, 3, 5, 6), (4, 3, 3, 2)),
    ((1, 2, 1, 1), (2, 2, 2, 3)),
    ((16, 4, 28, 28), (8, 4, 3, 3)),
    ((10, 50, 24), (32, 50, 4)),
]


@pytest.mark.parametrize("shapes", SHAPES)
@pytest.mark.parametrize("turned", [False, True])
def test_derivatives(mt: ModuleType, shapes: Any, turned: bool) -> None:
    """A convolution is linear in both arguments, so differences are derivatives, exactly."""
    a, weight = whole(1, shapes[0]), whole(2, shapes[1])
    swap = (1, 0, *range(2, a.ndim))
    conv = mt.fast_conv.conv1d if a.ndim == 3 else mt.fast_conv.conv2d
    x = mt.tensor(a.transpose(swap) if turned else a, requires_grad=True)
    w = mt.tensor(weight.transpose(swap) if turned else weight, requires_grad=True)
    out = conv(x.permute(*swap), w.permute(*swap)) if turned else conv(x, w)
    back = whole(3, out.shape)
    out.backward(mt.tensor(back))

    def total(a: np.ndarray, weight: np.ndarray) -> float:
        return float((convolved(a, weight, a.shape[2:], reverse=False) * back).sum())

    np.testing.assert_array_equal(out.to_numpy(), convolved(a, weight, a.shape[2:], reverse=False))
    rng = np.random.default_rng(4)
    for leaf, array in ((x, a), (w, weight)):
        grad = leaf.grad.to_numpy().transpose(swap if turned else range(a.ndim))
        for index in rng.integers(0, array.shape, (8, array.ndim)):
            step = np.zeros_like(array)
            step[tuple(index)] = 1.0
            up, down = (
                (total(a + s, weight) if leaf is x else total(a, weight + s)) for s in (step, -step)
            )
            assert grad[tuple(index)] == (up - down) / 2
        # In all places at once: the derivative along any direction.
        step = whole(5, array.shape)
        up, down = (
            (total(a + s, weight) if leaf is x else total(a, weight + s)) for s in (step, -step)
        )
        assert (grad * step).sum() == (up - down) / 2


def test_a_derivative_that_nobody_wants(mt: ModuleType) -> None:
    x, w = mt.tensor(whole(1, (2, 3, 4, 5))), mt.tensor(whole(2, (1, 3, 2, 2)), requires_grad=True)
    mt.fast_conv.conv2d(x, w).sum().backward()
    assert x.grad is None
    assert w.grad.shape == w.shape


@pytest.mark.parametrize(
    ("dims", "shapes", "said"),
    [
        (1, ((2, 3, 4), (5, 2, 2)), "3 input channels do not fit 2 of the weight"),
        (2, ((2, 3, 4, 4), (5, 1, 2, 2)), "3 input channels do not fit 1 of the weight"),
        (1, ((2, 3, 4, 4), (5, 3, 2, 2)), "conv1d takes tensors of 3 dimensions"),
        (2, ((2, 3, 4), (5, 3, 2)), "conv2d takes tensors of 4 dimensions"),
        (2, ((2, 3, 4, 4), (5, 3, 2)), "conv2d takes tensors of 4 dimensions"),
    ],
)
def test_says_which_shapes_do_not_fit(mt: ModuleType, dims: int, shapes: Any, said: str) -> None:
    conv = (mt.fast_conv.conv1d, mt.fast_conv.conv2d)[dims - 1]
    with pytest.raises(mt.IndexingError, match=said) as raised:
        conv(*(mt.zeros(shape) for shape in shapes))
    assert all(str(shape) in str(raised.value) for shape in shapes)
