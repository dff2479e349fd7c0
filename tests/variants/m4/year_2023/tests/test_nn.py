"""Tensors written down, one test for each dimension, and derivatives by central differences."""

import minitorch
import pytest

NUMBERS = [
    [[-3.0, 2.0, -7.5], [4.0, -1.0, 0.5], [-6.0, 9.0, 1.5]],
    [[-2.0, -8.0, -5.0], [3.5, 7.0, -4.0], [-9.5, -0.5, 6.0]],
]
SHAPE = (2, 3, 3)
EPSILON = 1e-4


def largest_of(t, dim, index):
    found = None
    for i in range(t.shape[dim]):
        number = t[index[:dim] + (i,) + index[dim + 1 :]]
        if found is None or number > found:
            found = number
    return found


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("dim", [0, 1, 2])
def test_max(dim, sign):
    t = minitorch.tensor(NUMBERS) * sign
    out = minitorch.max(t, dim)
    assert out.shape == tuple(1 if i == dim else side for i, side in enumerate(SHAPE))
    for index in out._tensor.indices():
        assert out[index] == pytest.approx(largest_of(t, dim, index))

    x = minitorch.tensor(NUMBERS)
    x.requires_grad_(True)
    weights = minitorch.rand(out.shape) + 1.0
    (minitorch.max(x, dim) * weights).sum().backward()
    for index in x._tensor.indices():
        step = minitorch.zeros(SHAPE)
        step[index] = EPSILON
        above = (minitorch.max(x.detach() + step, dim) * weights).sum()[0]
        below = (minitorch.max(x.detach() - step, dim) * weights).sum()[0]
        assert abs(x.grad[index] - (above - below) / (2 * EPSILON)) < 1e-3
