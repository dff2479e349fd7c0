"""At one place of each dimension, as the course's own tests of pooling."""

import minitorch
import pytest
from hypothesis import given
from minitorch import Tensor

from .tensor_strategies import tensors


@pytest.mark.task4_4
@given(tensors(shape=(2, 3, 4)))
def test_max(t: Tensor) -> None:
    out = minitorch.max(t, 0)
    assert out[0, 0, 0] == max(t[i, 0, 0] for i in range(2))
    out = minitorch.max(t, 1)
    assert out[0, 0, 0] == max([t[0, i, 0] for i in range(3)])
    out = minitorch.nn.max(t, 2)
    assert out[0, 0, 0] == max(t[0, 0, 0], t[0, 0, 1], t[0, 0, 2], t[0, 0, 3])
