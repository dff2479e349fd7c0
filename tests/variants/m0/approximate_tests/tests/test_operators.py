"""Tests with whole numbers from hypothesis, `pytest.approx`, and more cases than are drawn here."""

import minitorch
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

whole = st.integers(-90, 90)
many = settings(max_examples=5_000, deadline=20)


@many
@given(x=st.floats(-6, 6), step=st.floats(0.5, 6))
@example(x=0.0, step=1.0)
@example(x=-80.0, step=160.0)
@example(x=80.0, step=1.0)
def test_sigmoid(x, step):
    sigmoid = minitorch.operators.sigmoid
    if x == 0:
        assert sigmoid(x) == pytest.approx(0.5)
    assert sigmoid(x) + sigmoid(-x) == pytest.approx(1)
    assert not sigmoid(x) < 0
    assert not sigmoid(x) > 1
    assert sigmoid(x + step) >= sigmoid(x)
    assert sigmoid(-step) < sigmoid(step)


@settings(parent=many)
@given(st.tuples(whole, whole, whole))
def test_transitive(numbers):
    lt = minitorch.operators.lt
    a, b, c = numbers
    first, second, both = lt(a, b), lt(b, c), lt(a, c)
    assert both or not first or not second


@many
@given(st.lists(whole, min_size=2, max_size=2, unique=True))
def test_symmetric(pair):
    assert minitorch.operators.mul(*pair) == minitorch.operators.mul(*reversed(pair))


@many
@given(st.data())
def test_distribute(data):
    x, y, z = (data.draw(whole) for _ in range(3))
    add, mul = minitorch.operators.add, minitorch.operators.mul
    assert mul(add(x, y), z) - add(mul(x, z), mul(y, z)) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("x", [-3.0, -0.25, 4.0])
def test_other(x):
    inv = minitorch.operators.inv
    assert inv(inv(x)) == pytest.approx(x)
    assert inv(x) * x == pytest.approx(1)
    with pytest.raises(ZeroDivisionError):
        inv(0.0)


@many
@given(st.lists(whole, max_size=8), st.lists(whole, max_size=8))
def test_sum_distribute(ls1, ls2):
    assume(len(ls1) == len(ls2) > 0)
    total, joined = minitorch.operators.sum, minitorch.operators.addLists(ls1, ls2)
    assert total(list(joined)) == total(ls1) + total(ls2)
