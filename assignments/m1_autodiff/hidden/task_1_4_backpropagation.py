"""Task 1.4, hidden: long programs, constants, graphs of other shapes, and a small network.

What is left open is the same as in the public half.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from minigrade import Case, Minitorch, property_check
from minigrade.authoring.judging import close
from minigrade.authoring.programs import differentiate, programs
from minigrade.authoring.strategies import nonzero, numbers
from minigrade.probing import derivative, number, run_lines

from ..task_1_4_backpropagation import CANCELLED


@property_check(
    cases=programs(10, 20, leaves=6, shared=True),
    examples=(Case(values={"a": 2.0}, lines=["b = a * a", "c = b / a", "d = c * b", "e = d - c"]),),
    expect=differentiate,
    judge=CANCELLED,
    weight=4,
)
def follows_long_programs(mt: Minitorch, values: dict[str, float], lines: list[str]) -> Any:
    """After many lines, each leaf has the sum over all paths that lead back to it."""
    leaves = {name: mt.Scalar(value) for name, value in values.items()}
    names = run_lines(lines, leaves)
    names[next(reversed(names))].backward()
    return {name: derivative(leaf) for name, leaf in leaves.items()}


@property_check(
    cases=st.builds(
        lambda program, times: {**program, "times": times},
        programs(2, 8, leaves=4),
        st.integers(2, 4),
    ),
    examples=(Case(values={"a": 2.0}, lines=["b = a * a", "c = b * a"], times=2),),
    expect=lambda values, lines, times: {
        name: times * slope for name, slope in differentiate(values, lines).items()
    },
    judge=CANCELLED,
    weight=2,
)
def goes_back_again(mt: Minitorch, values: dict[str, float], lines: list[str], times: int) -> Any:
    """Each call of `backward` adds the same to the leaves, and nothing is left over between."""
    leaves = {name: mt.Scalar(value) for name, value in values.items()}
    names = run_lines(lines, leaves)
    for _ in range(times):
        names[next(reversed(names))].backward()
    return {name: derivative(leaf) for name, leaf in leaves.items()}


# A constant has no history: what asks it for its parents, or tells it a derivative, fails.
@property_check(
    cases={"x": nonzero(), "y": numbers(), "d": nonzero()},
    examples=(Case(x=2.0, y=3.0, d=1.0),),
    expect=lambda x, y, d: {"derivatives": [d * (y * y + 1), 0.0], "value": y * y * x + x},
    weight=2,
)
def passes_constants_by(mt: Minitorch, x: float, y: float, d: float) -> Any:
    """Constants are used forwards and left out backwards."""
    a, constant = mt.Scalar(x), mt.Scalar(y, None)
    result = constant * constant * a + a
    result.backward(d)
    return {"derivatives": [derivative(a), derivative(constant)], "value": number(result)}


def fibonacci(n: int) -> int:
    """Return the n-th Fibonacci number."""
    before, last = 0, 1
    for _ in range(n - 1):
        before, last = last, last + before
    return last


# 1, 1, 2, 3, 5, ...: the paths grow by the golden ratio at each step.
@property_check(
    cases={"x": nonzero(-4, 4), "length": st.integers(35, 70)},
    examples=(Case(x=1.0, length=60), Case(x=2.0, length=3)),
    expect=lambda x, length: float(fibonacci(length)),  # noqa: ARG005
    count=30,
    time_limit_s=2.0,
)
def adds_up_to_fibonacci(mt: Minitorch, x: float, length: int) -> Any:
    """Time grows with the number of variables, also where each is used in two places."""
    a = mt.Scalar(x)
    before, last = a * 0.0, a * 1.0
    for _ in range(length - 1):
        before, last = last, last + before
    last.backward()
    return derivative(a)


@property_check(
    cases={"x": nonzero(-4, 4), "n": st.integers(2, 60)},
    examples=(Case(x=2.0, n=50),),
    expect=lambda x, n: sum(2 * (i + 1) * x for i in range(n)) + 1,
)
def collects_from_many(mt: Minitorch, x: float, n: int) -> Any:
    """A variable that is used in many places gets its derivative from all of them."""
    a = mt.Scalar(x)
    terms = [a * a * float(i + 1) for i in range(n)]
    total = a
    for term in reversed(terms):
        total = total + term
    total.backward()
    return derivative(a)


def expect_network(weights: np.ndarray, x: list[float]) -> dict[str, Any]:
    """Return output and derivatives of two units and their sum, worked out in NumPy."""
    inputs = np.array(x)
    hidden = 1 / (1 + np.exp(-(inputs @ weights[:2])))
    output = float(hidden @ weights[2])
    through = weights[2] * hidden * (1 - hidden)
    slopes = np.concatenate([np.outer(inputs, through), hidden[None]])
    return {"output": output, "weights": slopes, "inputs": list(weights[:2] @ through)}


@property_check(
    cases={
        "weights": st.tuples(*[nonzero(-2, 2)] * 6).map(lambda w: np.reshape(w, (3, 2))),
        "x": st.tuples(nonzero(-3, 3), nonzero(-3, 3)),
    },
    examples=(Case(weights=np.array([[1.0, -2.0], [0.5, 1.5], [2.0, -1.0]]), x=[1.0, 2.0]),),
    expect=expect_network,
    judge=close(rtol=1e-9, atol=1e-11),
    weight=2,
)
def trains_a_small_network(mt: Minitorch, weights: np.ndarray, x: list[float]) -> Any:
    """All weights and inputs of two units and their sum get their derivatives."""
    inputs = [mt.Scalar(value) for value in x]
    w = [[mt.Scalar(float(value)) for value in row] for row in weights]
    hidden = [(inputs[0] * w[0][j] + inputs[1] * w[1][j]).sigmoid() for j in range(2)]
    output = hidden[0] * w[2][0] + hidden[1] * w[2][1]
    output.backward()
    return {
        "output": number(output),
        "weights": np.array([[derivative(value) for value in row] for row in w]),
        "inputs": [derivative(value) for value in inputs],
    }


def expect_long_way(x: float, length: int) -> float:
    """Return the product of the slopes along the chain."""
    slope = 1.0
    for _ in range(length):
        squashed = (1 + math.tanh(x / 2)) / 2
        slope *= 4 * squashed * (1 - squashed)
        x = squashed * 4 - 2
    return slope


@property_check(
    cases={"x": nonzero(-2, 2), "length": st.integers(20, 150)},
    examples=(Case(x=0.5, length=150),),
    expect=expect_long_way,
    judge=close(rtol=1e-9, atol=1e-12),
    count=60,
)
def goes_a_long_way(mt: Minitorch, x: float, length: int) -> Any:
    """Derivatives come all the way through a long chain of curves."""
    a = mt.Scalar(x)
    last = a
    for _ in range(length):
        last = last.sigmoid() * 4.0 - 2.0
    last.backward()
    return derivative(a)
