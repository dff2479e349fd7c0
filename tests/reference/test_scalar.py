"""The reference's Scalar: numbers, histories, the chain rule, and `derivative_check`."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

quarters = st.integers(-40, 40).map(lambda i: i / 4)
positive = st.integers(1, 40).map(lambda i: i / 4)

BINARY: dict[str, Callable[[Any, Any], Any]] = {
    name: getattr(operator, name) for name in ("add", "sub", "mul", "truediv")
}
COMPARISONS = {name: getattr(operator, name) for name in ("lt", "gt", "eq")}
UNARY: dict[str, Callable[[float], float]] = {
    "log": lambda x: math.log(x + 1e-6),
    "exp": math.exp,
    "sigmoid": lambda x: 0.5 + 0.5 * math.tanh(x / 2),
    "relu": lambda x: x,
    "__neg__": operator.neg,
}


@pytest.mark.parametrize("name", BINARY)
@given(x=quarters, y=positive)
def test_arithmetic(mt: Any, name: str, x: float, y: float) -> None:
    expected = pytest.approx(BINARY[name](x, y))
    for a, b in [(mt.Scalar(x), mt.Scalar(y)), (mt.Scalar(x), y), (x, mt.Scalar(y))]:
        result = BINARY[name](a, b)
        assert isinstance(result, mt.Scalar)
        assert result.data == expected


@pytest.mark.parametrize("name", COMPARISONS)
@given(x=quarters, y=quarters)
def test_comparisons(mt: Any, name: str, x: float, y: float) -> None:
    for a, b in [(mt.Scalar(x), mt.Scalar(y)), (mt.Scalar(x), y), (x, mt.Scalar(y))]:
        result = COMPARISONS[name](a, b)
        assert isinstance(result, mt.Scalar)
        assert type(result.data) is float
        assert result.data == COMPARISONS[name](x, y)
        assert bool(result) == COMPARISONS[name](x, y)


@pytest.mark.parametrize("name", UNARY)
@given(x=positive)
def test_functions(mt: Any, name: str, x: float) -> None:
    assert getattr(mt.Scalar(x), name)().data == pytest.approx(UNARY[name](x))


def test_relu_of_the_negative(mt: Any) -> None:
    assert mt.Scalar(-2).relu().data == 0.0


def test_a_new_scalar_is_a_leaf(mt: Any) -> None:
    x, y = mt.Scalar(2), mt.Scalar(2)
    assert type(x.data) is float
    assert (x.is_leaf(), x.is_constant(), list(x.parents)) == (True, False, [])
    assert (x.derivative, repr(x)) == (None, "Scalar(2.0)")
    assert x.unique_id != y.unique_id


def test_a_result_remembers(mt: Any) -> None:
    x = mt.Scalar(2.0)
    y = x * 5
    assert (y.is_leaf(), y.is_constant(), y.history.last_fn) == (False, False, mt.Mul)
    first, second = y.parents
    assert first is x
    assert (second.data, second.is_leaf()) == (5.0, True)


def test_requires_grad(mt: Any) -> None:
    x = mt.Scalar(2.0) * 3.0
    x.requires_grad_(False)
    assert x.is_constant()
    assert not x.is_leaf()
    x.requires_grad_()
    assert x.is_leaf()


@given(x=quarters, y=quarters, d=quarters)
def test_chain_rule(mt: Any, x: float, y: float, d: float) -> None:
    a, b = mt.Scalar(x), mt.Scalar(y)
    (left, d_left), (right, d_right) = (a * b).chain_rule(d)
    assert left is a
    assert right is b
    assert (d_left, d_right) == (y * d, x * d)


def test_chain_rule_names_constants_too(mt: Any) -> None:
    (_, d_left), (right, d_right) = (mt.Scalar(2.0) * 5).chain_rule(3.0)
    assert (d_left, right.data, d_right) == (15.0, 5.0, 6.0)


def test_chain_rule_of_one_input(mt: Any) -> None:
    x = mt.Scalar(4.0)
    ((variable, derivative),) = x.sigmoid().log().parents[0].chain_rule(8.0)
    assert variable is x
    assert derivative == pytest.approx(8 * math.exp(-4) / (1 + math.exp(-4)) ** 2)


def test_chain_rule_needs_a_history(mt: Any) -> None:
    with pytest.raises(AssertionError, match="a leaf was computed from nothing"):
        mt.Scalar(1.0).chain_rule(1.0)


def test_scalars_make_no_keys(mt: Any) -> None:
    with pytest.raises(TypeError, match="unhashable"):
        {mt.Scalar(1.0)}


def test_forward_must_return_a_float(mt: Any) -> None:
    class Floor(mt.ScalarFunction):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, a: float) -> int:
            return math.floor(a)

    with pytest.raises(AssertionError, match=r"Floor\.forward must return a float, not 1"):
        Floor.apply(1.5)


def _functions(mt: Any, group: int) -> list[tuple[str, Any, Any]]:
    return list(mt.MathTestVariable._comp_testing()[group])


def test_math_test_has_all_functions(mt: Any) -> None:
    one, two, red = mt.MathTest._tests()
    assert (len(one), len(two), len(red)) == (14, 6, 3)
    assert [name for name, _ in one] == sorted(name for name, _ in one)


@given(x=quarters, y=quarters)
def test_both_versions_agree(mt: Any, x: float, y: float) -> None:
    x, y = x + 0.1, y + 0.1
    for name, plain, fn in _functions(mt, 0):
        assert fn(mt.Scalar(x)).data == pytest.approx(plain(x), abs=1e-12), name
    for name, plain, fn in _functions(mt, 1):
        assert fn(mt.Scalar(x), mt.Scalar(y)).data == pytest.approx(plain(x, y), abs=1e-12), name


@given(ls=st.lists(quarters, min_size=1))
def test_reductions_of_numbers(mt: Any, ls: list[float]) -> None:
    results = {name: fn(ls) for name, fn in mt.MathTest._tests()[2]}
    mean = math.fsum(ls) / len(ls)
    assert results == pytest.approx(
        {"sum_red": math.fsum(ls), "mean_red": mean, "mean_full_red": mean}
    )


@given(x=quarters, y=quarters)
def test_derivative_check_accepts_the_right(mt: Any, x: float, y: float) -> None:
    # No sum of quarters lies within a step of a kink, once moved by 0.06 and 0.1.
    a, b = mt.Scalar(x + 0.06), mt.Scalar(y + 0.1)
    for _, _, fn in _functions(mt, 0):
        mt.derivative_check(fn, a)
    for _, _, fn in _functions(mt, 1):
        mt.derivative_check(fn, a, b)
    assert a.derivative is None


def test_derivative_check_rejects_the_wrong(mt: Any) -> None:
    class Double(mt.ScalarFunction):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, a: float) -> float:
            return 2 * a

        @staticmethod
        def backward(ctx: Any, d_output: float) -> float:
            return 3 * d_output

    with pytest.raises(AssertionError, match=r"f\(1\.5\)\.backward\(\) found 3\.0 for argument 0"):
        mt.derivative_check(Double.apply, mt.Scalar(1.5))
    with pytest.raises(AssertionError, match="argument 1 without a derivative"):
        mt.derivative_check(lambda a, b: a + b.data, mt.Scalar(1.5), mt.Scalar(2.5))
