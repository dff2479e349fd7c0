"""Tensors to test with, in an order of their own in memory."""

import hypothesis.strategies as st
import minitorch
from hypothesis import settings

settings.register_profile("ci", deadline=None)
settings.load_profile("ci")


@st.composite
def tensors(draw, shape):
    size = int(minitorch.operators.prod(shape))
    numbers = draw(st.lists(st.floats(-100, 100, width=32), min_size=size, max_size=size))
    order = draw(st.permutations(range(len(shape))))
    sides = tuple(shape[dim] for dim in order)
    data = minitorch.TensorData(numbers, sides)
    back = [order.index(dim) for dim in range(len(shape))]
    return minitorch.Tensor(data.permute(*back), backend=minitorch.SimpleBackend)
