"""All places of one dimension, and derivatives of numbers that noise sets apart."""

import minitorch
from hypothesis import given
from hypothesis import strategies as st


@given(st.lists(st.integers(-9, 9), min_size=24, max_size=24))
def test_max(numbers):
    t = minitorch.tensor([float(number) for number in numbers]).view(2, 3, 4)
    out = minitorch.max(t, dim=2)
    assert out.shape == (2, 3, 1)
    for i in range(2):
        for j in range(3):
            assert abs(out[i, j, 0] - max(t[i, j, k] for k in range(4))) < 1e-6
    noisy = t + minitorch.rand(t.shape)
    minitorch.grad_check(lambda x: minitorch.max(x, dim=2), noisy)
