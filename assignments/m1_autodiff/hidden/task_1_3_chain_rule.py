"""Task 1.3, hidden: many inputs, real constants, functions that keep what they computed."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import strategies as st

from minigrade import Case, Minitorch, property_check
from minigrade.authoring.strategies import nonzero, numbers
from minigrade.probing import scalar_function


def paired(pairs: Any, variables: list[Any]) -> list[list[Any]]:
    """Return ``[index, derivative]`` for each pair, leaving out what is none of `variables`."""
    places = {id(variable): i for i, variable in enumerate(variables)}
    return [[places[id(variable)], d] for variable, d in pairs if id(variable) in places]


def weigh(ctx: Any, *inputs: float) -> float:
    """Add the first input, twice the second, and so on."""
    ctx.save_for_backward(len(inputs))
    return float(sum((i + 1) * x for i, x in enumerate(inputs)))


def weigh_back(ctx: Any, d_output: float) -> tuple[float, ...]:
    """Return the derivatives of `weigh`."""
    (count,) = ctx.saved_values
    return tuple((i + 1) * d_output for i in range(count))


@property_check(
    cases={"vals": st.lists(numbers(), min_size=2, max_size=8), "d": nonzero()},
    examples=(Case(vals=[1.0, 2.0, 3.0, 4.0, 5.0], d=2.0),),
    expect=lambda vals, d: [[i, (i + 1) * d] for i in range(len(vals))],
    weight=2,
)
def pairs_many_inputs(mt: Minitorch, vals: list[float], d: float) -> Any:
    """`chain_rule` pairs each of many inputs with its derivative, in their order."""
    inputs = [mt.Scalar(value) for value in vals]
    output = scalar_function(mt, weigh, weigh_back).apply(*inputs)
    return paired(output.chain_rule(d), inputs)


# A constant has no history at all: what asks it for its inputs fails.
@property_check(
    cases={"x": nonzero(), "n": nonzero(), "place": st.integers(0, 2), "d": nonzero()},
    examples=tuple(Case(x=2.0, n=3.0, place=place, d=1.0) for place in range(3)),
    expect=lambda x, n, place, d: [[0, (place + 1) * d]],  # noqa: ARG005
    weight=2,
)
def bears_with_constants(mt: Minitorch, x: float, n: float, place: int, d: float) -> Any:
    """Among constants, the one variable gets its own derivative."""
    variable = mt.Scalar(x)
    inputs = [mt.Scalar(n, None), mt.Scalar(n, None)]
    inputs.insert(place, variable)
    output = scalar_function(mt, weigh, weigh_back).apply(*inputs)
    return paired(output.chain_rule(d), [variable])


def grow(ctx: Any, x: float) -> float:
    """Take e to the power of a quarter of a number."""
    result = math.exp(x / 4)
    ctx.save_for_backward(result)
    return result


def grow_back(ctx: Any, d_output: float) -> float:
    """Return the derivative of `grow`, from what `grow` computed."""
    (result,) = ctx.saved_values
    return d_output * float(result) / 4


@property_check(
    cases={"vals": st.lists(numbers(), min_size=1, max_size=5), "d": nonzero()},
    examples=(Case(vals=[1.0, 2.0, 3.0], d=1.0),),
    expect=lambda vals, d: [[i, d * math.exp(x / 4) / 4] for i, x in enumerate(vals)],
)
def keeps_calls_apart(mt: Minitorch, vals: list[float], d: float) -> Any:
    """Each result of one function remembers its own call."""
    inputs = [mt.Scalar(value) for value in vals]
    function = scalar_function(mt, grow, grow_back)
    outputs = [function.apply(x) for x in inputs]
    return [pair for output in outputs for pair in paired(output.chain_rule(d), inputs)]
