"""Task 1.3: one step of the chain rule.

Write ``Scalar.chain_rule(d_output)`` in ``minitorch/scalar.py``. A computed
Scalar knows the function that made it, what that function kept, and its inputs. The
function's ``backward`` gives a derivative an input; ``chain_rule`` says which belongs to
which. It looks one step back, no further, and changes nothing.

The functions are made up here, so nothing but the ``apply`` of the course is needed. Left
open: what becomes of constants. The course's text has them filtered, its tests count them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from minigrade import Case, Minitorch, Task, property_check
from minigrade.authoring.strategies import nonzero, numbers
from minigrade.probing import scalar_function

TASK = Task(
    "1.3",
    title="Chain rule",
    points=10,
    hidden_points=3,
    files=("minitorch/scalar.py",),
    link="https://minitorch.github.io/module1/module1/",
)


def shift(ctx: Any, x: float, y: float) -> float:  # noqa: ARG001
    """Add two numbers and ten."""
    return x + y + 10.0


def shift_back(ctx: Any, d_output: float) -> tuple[float, ...]:  # noqa: ARG001
    """Return the derivatives of `shift`."""
    return d_output, d_output


def blend(ctx: Any, x: float, y: float) -> float:
    """Multiply two numbers and add the first."""
    ctx.save_for_backward(x, y)
    return x * y + x


def blend_back(ctx: Any, d_output: float) -> tuple[float, ...]:
    """Return the derivatives of `blend`."""
    x, y = ctx.saved_values
    return d_output * (y + 1), d_output * x


def lean(ctx: Any, x: float, y: float) -> float:  # noqa: ARG001
    """Weigh one number against another."""
    return 2.0 * x - 3.0 * y


def lean_back(ctx: Any, d_output: float) -> tuple[float, ...]:  # noqa: ARG001
    """Return the derivatives of `lean`."""
    return 2 * d_output, -3 * d_output


def cube(ctx: Any, x: float) -> float:
    """Take the third power of a number."""
    ctx.save_for_backward(x)
    return x * x * x


def cube_back(ctx: Any, d_output: float) -> Any:
    """Return the derivative of `cube`: one number, not a tuple of one."""
    (x,) = ctx.saved_values
    return 3 * x * x * d_output


def volume(ctx: Any, x: float, y: float, z: float) -> float:
    """Multiply three numbers."""
    ctx.save_for_backward(x, y, z)
    return x * y * z


def volume_back(ctx: Any, d_output: float) -> tuple[float, ...]:
    """Return the derivatives of `volume`."""
    x, y, z = ctx.saved_values
    return y * z * d_output, x * z * d_output, x * y * d_output


RULES: dict[str, tuple[Callable[..., float], Callable[..., Any]]] = {
    "shift": (shift, shift_back),
    "blend": (blend, blend_back),
    "lean": (lean, lean_back),
    "cube": (cube, cube_back),
    "volume": (volume, volume_back),
}

SLOPES: dict[str, Callable[..., list[float]]] = {
    "shift": lambda x, y: [1, 1],  # noqa: ARG005
    "blend": lambda x, y: [y + 1, x],
    "lean": lambda x, y: [2, -3],  # noqa: ARG005
    "cube": lambda x: [3 * x * x],
    "volume": lambda x, y, z: [y * z, x * z, x * y],
}
SIDES = {"shift": 2, "blend": 2, "lean": 2, "cube": 1, "volume": 3}
NAMES = "xyz"


def points(name: str) -> dict[str, st.SearchStrategy[Any]]:
    """Draw the inputs of a function and the derivative that comes from the right."""
    return {"vals": st.tuples(*[numbers()] * SIDES[name]), "d": nonzero()}


def paired(pairs: Any, variables: dict[str, Any]) -> list[list[Any]]:
    """Return ``[name, derivative]`` for each pair, leaving out what is none of `variables`."""
    names = {id(variable): name for name, variable in variables.items()}
    return [[names[id(variable)], d] for variable, d in pairs if id(variable) in names]


def expect_pairs(name: str, vals: list[float], d: float) -> list[list[Any]]:
    """Return each input's name and its derivative, in the order of the inputs."""
    return [[NAMES[i], slope * d] for i, slope in enumerate(SLOPES[name](*vals))]


@property_check(
    each=("shift", "blend", "lean", "cube", "volume"),
    cases=points,
    examples={
        "shift": (Case(vals=[0.0, 0.0], d=5.0),),
        "blend": (Case(vals=[5.0, 10.0], d=5.0),),
        "lean": (Case(vals=[1.0, 1.0], d=1.0),),
        "cube": (Case(vals=[2.0], d=1.0),),
        "volume": (Case(vals=[2.0, 3.0, 5.0], d=1.0),),
    },
    expect=expect_pairs,
    weight=5,
)
def pairs_inputs_with_derivatives(mt: Minitorch, name: str, vals: list[float], d: float) -> Any:
    """`chain_rule` gives each input, itself and no copy, with its derivative times `d_output`."""
    inputs = {NAMES[i]: mt.Scalar(value) for i, value in enumerate(vals)}
    output = scalar_function(mt, *RULES[name]).apply(*inputs.values())
    return paired(output.chain_rule(d), inputs)


# Whether what stands for the plain number is in the result is left open, and so is its place.
@property_check(
    each=("first", "last"),
    cases={"x": numbers(), "n": numbers(), "d": nonzero()},
    examples=(Case(x=2.0, n=3.0, d=1.0), Case(x=2.0, n=3.0, d=-2.0)),
    expect=lambda place, x, n, d: [["x", d * (n + 1)] if place == "first" else ["x", d * n]],  # noqa: ARG005
    weight=2,
)
def keeps_to_variables(mt: Minitorch, place: str, x: float, n: float, d: float) -> Any:
    """Beside a plain number, a variable gets its own derivative, in either place."""
    a, function = mt.Scalar(x), scalar_function(mt, blend, blend_back)
    output = function.apply(a, n) if place == "first" else function.apply(n, a)
    return paired(output.chain_rule(d), {"x": a})


@property_check(
    cases={"x": numbers(), "d": nonzero()},
    examples=(Case(x=3.0, d=1.0), Case(x=3.0, d=2.0)),
    expect=lambda x, d: d * (2 * x + 1),
)
def meets_an_input_twice(mt: Minitorch, x: float, d: float) -> Any:
    """Where one variable is both inputs, its derivatives come to the right sum."""
    a = mt.Scalar(x)
    output = scalar_function(mt, blend, blend_back).apply(a, a)
    return sum(derivative for _, derivative in paired(output.chain_rule(d), {"x": a}))


# One step and no more: `x` and `y` are not inputs of the last function. Asking twice, for
# different `d`, meets a `chain_rule` that uses up or overwrites what was kept.
@property_check(
    cases={"x": numbers(), "y": numbers(), "d": nonzero()},
    examples=(Case(x=2.0, y=3.0, d=1.0),),
    expect=lambda x, y, d: {
        "first": [["between", d * (x + 1)], ["x", d * (x * y + x)]],
        "again": [["between", 3 * d * (x + 1)], ["x", 3 * d * (x * y + x)]],
        "derivatives": [None, None],
    },
    weight=2,
)
def takes_one_step(mt: Minitorch, x: float, y: float, d: float) -> Any:
    """`chain_rule` goes back to the inputs and no further, the same each time it is asked."""
    a, b, function = mt.Scalar(x), mt.Scalar(y), scalar_function(mt, blend, blend_back)
    between = function.apply(a, b)
    output = function.apply(between, a)
    variables = {"x": a, "y": b, "between": between}
    return {
        "first": paired(output.chain_rule(d), variables),
        "again": paired(output.chain_rule(3 * d), variables),
        "derivatives": [a.derivative, b.derivative],
    }
