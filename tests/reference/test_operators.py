"""The reference's operators, against `math`, NumPy and the definition of a derivative."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

EPS = 1e-6

numbers = st.floats(-100, 100)
lists = st.lists(numbers, max_size=20)

TWO: dict[str, Callable[[float, float], float]] = {
    "mul": operator.mul,
    "add": operator.add,
    "lt": lambda x, y: float(x < y),
    "eq": lambda x, y: float(x == y),
    "max": lambda x, y: float(np.maximum(x, y)),
    "is_close": lambda x, y: float(abs(x - y) < 0.01),
}
ONE: dict[str, Callable[[float], float]] = {
    "id": lambda x: x,
    "neg": operator.neg,
    "relu": lambda x: float(np.maximum(x, 0.0)),
    "exp": math.exp,
}


@pytest.mark.parametrize("name", TWO)
@given(x=numbers, y=numbers, same=st.booleans())
def test_functions_of_two_numbers(mt: Any, name: str, x: float, y: float, same: bool) -> None:
    y = x if same else y
    result = getattr(mt.operators, name)(x, y)
    assert type(result) is float
    assert result == TWO[name](x, y)


@pytest.mark.parametrize("name", ONE)
@given(x=numbers)
def test_functions_of_one_number(mt: Any, name: str, x: float) -> None:
    result = getattr(mt.operators, name)(x)
    assert type(result) is float
    assert result == ONE[name](x)


@pytest.mark.parametrize(("x", "y"), [(1.0, 1.009), (1.0, 0.991), (-3.0, -3.0)])
def test_close_numbers(mt: Any, x: float, y: float) -> None:
    assert mt.operators.is_close(x, y) == 1.0


@pytest.mark.parametrize(("x", "y"), [(1.0, 1.011), (1.0, 0.989), (-1.0, 1.0)])
def test_numbers_that_are_not_close(mt: Any, x: float, y: float) -> None:
    assert mt.operators.is_close(x, y) == 0.0


@given(x=st.floats(1e-3, 100))
def test_log_and_inv(mt: Any, x: float) -> None:
    assert mt.operators.log(x) == math.log(x + EPS)
    assert mt.operators.inv(x) == 1 / x
    assert mt.operators.inv(-x) == -1 / x


def test_log_of_zero_is_a_number(mt: Any) -> None:
    assert mt.operators.log(0.0) == pytest.approx(math.log(EPS))


@given(x=st.floats(-5000, 5000))
def test_sigmoid_is_stable_and_symmetric(mt: Any, x: float) -> None:
    result = mt.operators.sigmoid(x)
    assert 0.0 <= result <= 1.0
    assert result == pytest.approx(0.5 * (1 + math.tanh(x / 2)), abs=1e-15)
    assert result + mt.operators.sigmoid(-x) == pytest.approx(1.0)


def test_sigmoid_keeps_small_results(mt: Any) -> None:
    assert mt.operators.sigmoid(-700.0) == pytest.approx(math.exp(-700), rel=1e-12)


BACK: dict[str, Callable[[float], float]] = {
    "log": lambda x: 1 / (x + EPS),
    "inv": lambda x: -(x**-2),
    "relu": lambda x: float(np.heaviside(x, 0.0)),
}


@pytest.mark.parametrize("name", BACK)
@given(x=st.floats(0.01, 100), d=numbers, negative=st.booleans())
def test_derivatives(mt: Any, name: str, x: float, d: float, negative: bool) -> None:
    if negative and name != "log":
        x = -x
    result = getattr(mt.operators, f"{name}_back")(x, d)
    assert result == pytest.approx(d * BACK[name](x), rel=1e-12)


def test_relu_is_flat_at_zero(mt: Any) -> None:
    assert mt.operators.relu_back(0.0, 7.0) == 0.0


@pytest.mark.filterwarnings("default")
def test_numba_compiles_the_functions_of_numbers(mt: Any) -> None:
    numba: Any = pytest.importorskip("numba")
    for name in (*TWO, "log_back", "inv_back", "relu_back"):
        fn = getattr(mt.operators, name)
        assert numba.njit(fn)(1.5, 2.5) == pytest.approx(fn(1.5, 2.5))
    for name in (*ONE, "sigmoid", "log", "inv"):
        fn = getattr(mt.operators, name)
        assert numba.njit(fn)(1.5) == pytest.approx(fn(1.5))


@given(ls=lists)
def test_map(mt: Any, ls: list[float]) -> None:
    assert list(mt.operators.map(math.floor)(ls)) == [math.floor(x) for x in ls]
    assert list(mt.operators.negList(ls)) == [-x for x in ls]


@given(ls1=lists, ls2=lists)
def test_zip_with(mt: Any, ls1: list[float], ls2: list[float]) -> None:
    pairs = [(ls1[i], ls2[i]) for i in range(min(len(ls1), len(ls2)))]
    assert list(mt.operators.zipWith(operator.sub)(ls1, ls2)) == [x - y for x, y in pairs]
    assert list(mt.operators.addLists(ls1, ls2)) == [x + y for x, y in pairs]


@given(ls=lists, start=numbers)
def test_reduce_gives_the_next_number_first(mt: Any, ls: list[float], start: float) -> None:
    expected = functools.reduce(lambda result, x: x - result, ls, start)
    assert mt.operators.reduce(operator.sub, start)(ls) == expected


@given(ls=lists)
def test_sum_and_prod(mt: Any, ls: list[float]) -> None:
    assert mt.operators.sum(ls) == pytest.approx(math.fsum(ls), abs=1e-10)
    assert mt.operators.prod(ls) == pytest.approx(math.prod(ls))


def test_sum_and_prod_of_nothing(mt: Any) -> None:
    assert mt.operators.sum([]) == 0
    assert mt.operators.prod([]) == 1


def test_lists_may_be_generators(mt: Any) -> None:
    assert mt.operators.prod(x for x in (2.0, 3.0)) == 6.0
    assert list(mt.operators.addLists(iter([1.0]), iter([2.0]))) == [3.0]
