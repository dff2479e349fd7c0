"""Tests with marks, a neighbour's strategies, and the property of one's own under another name."""

import minitorch
import pytest
from hypothesis import given
from hypothesis.strategies import lists
from minitorch import MathTest
from minitorch.operators import add, addLists, eq, lt, max, mul, relu, sigmoid, sum

from .strategies import assert_close, small_floats

one_arg, two_arg, _ = MathTest._tests()


@pytest.mark.task0_2
@given(small_floats)
def test_sigmoid(a: float) -> None:
    value = sigmoid(a)
    assert value >= 0.0
    assert value <= 1.0
    assert_close(1.0 - value, minitorch.operators.sigmoid(-a))
    assert sigmoid(0.0) == 0.5
    for step in range(-8, 8):
        assert sigmoid(step) < sigmoid(step + 1)


@pytest.mark.task0_2
@given(small_floats, small_floats, small_floats)
def test_transitive(a: float, b: float, c: float) -> None:
    if lt(a, b) == 1.0 and lt(b, c) == 1.0:
        assert lt(a, c) == 1.0


@pytest.mark.task0_2
@pytest.mark.parametrize("factor", [0.5, -3])
@given(a=small_floats)
def test_symmetric(factor: float, a: float) -> None:
    assert_close(mul(a, factor), mul(factor, a))
    assert eq(mul(3, a), mul(a, 3))


@pytest.mark.task0_2
@given(small_floats, small_floats, small_floats)
def test_distribute(x: float, y: float, z: float) -> None:
    assert_close(mul(add(x, y), z), add(mul(x, z), mul(y, z)))


@pytest.mark.task0_2
@given(small_floats, small_floats)
def test_relu_and_max(a: float, b: float) -> None:
    assert relu(a) == max(a, 0.0)
    assert max(a, b) == max(b, a)


@pytest.mark.task0_3
@given(lists(small_floats, min_size=5, max_size=5), lists(small_floats, min_size=5, max_size=5))
def test_sum_distribute(ls1: list[float], ls2: list[float]) -> None:
    assert_close(sum(ls1) + sum(ls2), sum(addLists(ls1, ls2)))
