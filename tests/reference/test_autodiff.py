"""The reference's derivatives, against duals: numbers that carry their derivatives forward."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

FAR = 100_000  # far deeper than Python lets a function call itself


class Dual(NamedTuple):
    """A number, and its derivative with respect to each leaf."""

    value: float
    slope: np.ndarray


# Each step on Scalars, and on duals. Results stay small, and away from kinks and poles.
Step = tuple[Callable[..., Any], Callable[..., Dual]]


def _add(a: Dual, b: Dual) -> Dual:
    return Dual(a.value + b.value, a.slope + b.slope)


def _mul(a: Dual, b: Dual) -> Dual:
    return Dual(a.value * b.value, a.value * b.slope + b.value * a.slope)


def _through(f: Callable[[float], float], slope: Callable[[float], float]) -> Callable[..., Dual]:
    return lambda a, _b: Dual(f(a.value), slope(a.value) * a.slope)


def _logistic(x: float) -> float:
    return 0.5 + 0.5 * math.tanh(x / 2)


def _relu_of_shifted(a: Dual, _b: Dual) -> Dual:
    assume(abs(a.value + 0.5) > 1e-6)
    return Dual(a.value + 0.5, a.slope) if a.value > -0.5 else Dual(0.0, 0 * a.slope)


STEPS: dict[str, Step] = {
    "add": (lambda a, b: a + b, _add),
    "mul": (lambda a, b: a * b, _mul),
    "sub": (lambda a, b: a - b, lambda a, b: Dual(a.value - b.value, a.slope - b.slope)),
    "neg": (lambda a, _: -a, _through(lambda x: -x, lambda _: -1)),
    "shift": (lambda a, _: 3 - a, _through(lambda x: 3 - x, lambda _: -1)),
    "third": (lambda a, _: a / 3, _through(lambda x: x / 3, lambda _: 1 / 3)),
    "sigmoid": (
        lambda a, _: a.sigmoid(),
        _through(_logistic, lambda x: _logistic(x) * _logistic(-x)),
    ),
    "exp": (
        lambda a, _: a.sigmoid().exp(),
        _through(
            lambda x: math.exp(_logistic(x)),
            lambda x: math.exp(_logistic(x)) * _logistic(x) * _logistic(-x),
        ),
    ),
    "log": (
        lambda a, _: (a * a + 1).log(),
        _through(lambda x: math.log(x * x + 1 + 1e-6), lambda x: 2 * x / (x * x + 1 + 1e-6)),
    ),
    "inv": (
        lambda a, _: 1 / (a * a + 1),
        _through(lambda x: 1 / (x * x + 1), lambda x: -2 * x / (x * x + 1) ** 2),
    ),
    "relu": (lambda a, _: (a + 0.5).relu(), _relu_of_shifted),
    "gate": (lambda a, b: (a < b + 1e9) * a + (a == 1e9) + (a > 1e9), lambda a, _b: a),
}

indices = st.integers(0, 10**6)
programs = st.lists(st.tuples(st.sampled_from(sorted(STEPS)), indices, indices), max_size=25)
leaves = st.lists(st.integers(-8, 8).map(lambda i: i / 4 + 0.1), min_size=1, max_size=4)


def run(program: Sequence[tuple[str, int, int]], values: list[Any], side: int) -> Any:
    """Run each step on two of the values so far; add up all of them, so that all count."""
    values = list(values)
    for name, i, j in program:
        a, b = values[i % len(values)], values[j % len(values)]
        values.append(STEPS[name][side](a, b))
    total = values[0]
    for value in values[1:]:
        total = STEPS["add"][side](total, value)
    return total


@given(program=programs, numbers=leaves)
def test_random_graphs(mt: Any, program: Any, numbers: list[float]) -> None:
    slopes = np.eye(len(numbers))
    expected = run(program, [Dual(x, slope) for x, slope in zip(numbers, slopes, strict=True)], 1)
    assume(abs(expected.value) < 1e9)
    assume(np.all(np.abs(expected.slope) < 1e9))
    scalars = [mt.Scalar(x) for x in numbers]
    total = run(program, scalars, 0)
    total.backward()
    assert total.data == pytest.approx(expected.value, rel=1e-9, abs=1e-9)
    found = [scalar.derivative for scalar in scalars]
    assert found == pytest.approx(expected.slope.tolist(), rel=1e-6, abs=1e-6)


@given(program=programs)
def test_order_of_random_graphs(mt: Any, program: Any) -> None:
    total = run(program, [mt.Scalar(0.1), mt.Scalar(0.2)], 0)
    order = list(mt.topological_sort(total))
    place = {variable.unique_id: i for i, variable in enumerate(order)}
    assert order[0] is total
    assert len(place) == len(order)
    for variable in order:
        for parent in variable.parents:
            assert place[variable.unique_id] < place[parent.unique_id]


def test_deep_graphs_need_no_recursion(mt: Any) -> None:
    x = mt.Scalar(1.0)
    y = x
    for _ in range(FAR):
        y = y + x
    y.backward()
    assert len(list(mt.topological_sort(y))) == FAR + 1
    assert x.derivative == FAR + 1


def test_a_graph_with_exponentially_many_paths(mt: Any) -> None:
    x = mt.Scalar(1.0)
    y = x
    for _ in range(500):
        y = y + y
    y.backward()
    assert x.derivative == 2.0**500


def test_backward_twice_accumulates(mt: Any) -> None:
    x = mt.Scalar(3.0)
    y = x * x
    y.backward()
    y.backward(0.5)
    assert x.derivative == 6.0 + 3.0


def test_constants_are_left_out(mt: Any) -> None:
    x, c = mt.Scalar(3.0), mt.Scalar(4.0)
    c.requires_grad_(False)
    y = x * c
    assert [v.unique_id for v in mt.topological_sort(y)] == [y.unique_id, x.unique_id]
    y.backward()
    assert (x.derivative, c.derivative) == (4.0, None)
    assert list(mt.topological_sort(c)) == []
    c.backward()
    assert c.derivative is None


def test_a_leaf_is_its_own_derivative(mt: Any) -> None:
    x = mt.Scalar(3.0)
    x.backward(5.0)
    assert x.derivative == 5.0


def test_only_leaves_get_a_derivative(mt: Any) -> None:
    x = mt.Scalar(3.0)
    middle = x * 2.0
    (middle + 1.0).backward()
    assert middle.derivative is None
    with pytest.raises(AssertionError, match="only a leaf"):
        middle.accumulate_derivative(1.0)


class Node:
    """A `Variable` that is no Scalar, with an unhelpful equality and identifiers in no order."""

    def __init__(self, unique_id: int, *parents: Node) -> None:
        self.unique_id = unique_id
        self.parents = parents
        self.derivative = 0.0

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        raise TypeError("variables are told apart by unique_id")

    def is_leaf(self) -> bool:
        return not self.parents

    def is_constant(self) -> bool:
        return False

    def accumulate_derivative(self, x: float) -> None:
        self.derivative += x

    def chain_rule(self, d_output: float) -> list[tuple[Node, float]]:
        return [(parent, d_output * (i + 1)) for i, parent in enumerate(self.parents)]


@given(ids=st.permutations(range(5)))
def test_any_variable_will_do(mt: Any, ids: list[int]) -> None:
    left = Node(ids[0])
    upper, lower = Node(ids[1], left), Node(ids[2], left, left)
    right = Node(ids[3], upper, lower, left)
    order = [variable.unique_id for variable in mt.topological_sort(right)]
    assert order[0] == ids[3]
    assert order[-1] == ids[0]
    assert sorted(order[1:3]) == sorted(ids[1:3])
    mt.backpropagate(right, 10.0)
    assert left.derivative == 10 * 1 + 20 * (1 + 2) + 30


@pytest.mark.parametrize("arg", [0, 1, 2])
def test_central_difference(mt: Any, arg: int) -> None:
    x, y, z = 1.5, -2.0, 0.5
    expected = [2 * x * y, x * x, math.cos(z)][arg]
    found = mt.central_difference(lambda a, b, c: a * a * b + math.sin(c), x, y, z, arg=arg)
    assert found == pytest.approx(expected, abs=1e-6)


def test_central_difference_is_central(mt: Any) -> None:
    assert mt.central_difference(lambda x: x * x, 3, epsilon=0.5) == 6.0
    assert mt.central_difference(abs, 0.0) == 0.0


def test_context(mt: Any) -> None:
    ctx = mt.Context()
    assert ctx.saved_values == ()
    ctx.save_for_backward(1.0)
    assert ctx.saved_values == ctx.saved_tensors == (1.0,)
    silent = mt.Context(no_grad=True)
    silent.save_for_backward(1.0)
    assert silent.saved_values == ()
