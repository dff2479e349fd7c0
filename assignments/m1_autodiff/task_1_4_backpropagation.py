"""Task 1.4: backpropagation.

Write ``topological_sort`` and ``backpropagate`` in ``minitorch/autodiff.py``, and
the ``backward`` of the functions in ``minitorch/scalar_functions.py``. From the last
variable, derivatives go back to the leaves: each variable waits until all that was computed
from it has told its part, then tells its inputs theirs. A leaf adds up what it is told.

Dual numbers, which carry derivatives forwards, say what to expect. Kinks are avoided. Left
open: a leaf that is not used may have the derivative 0.0 or None; ``log`` may add the
course's ``EPS`` of 1e-6; an order may or may not list leaves and plain numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from minigrade import Case, Minitorch, Task, property_check
from minigrade.authoring.judging import Mismatch, close
from minigrade.authoring.programs import differentiate, edges, programs
from minigrade.authoring.strategies import Numbers, nonzero, numbers, pairs_apart
from minigrade.probing import compute, derivative, run_lines

TASK = Task(
    "1.4",
    title="Backpropagation",
    points=10,
    hidden_points=3,
    files=("minitorch/autodiff.py", "minitorch/scalar_functions.py", "minitorch/scalar.py"),
    link="https://minitorch.github.io/module1/module1/",
)

# EPS changes d / x by d * 1e-6 / x**2 at most: 2e-5 for d = 5 and x = 0.5.
EITHER_LOG = close(rtol=1e-9, atol=2.1e-5)

SLOPES: dict[str, tuple[Callable[[float], float], Numbers]] = {
    "-x": (lambda x: -1, numbers(-20, 20)),  # noqa: ARG005
    "1 / x": (lambda x: -1 / x**2, nonzero(-20, 20)),
    "x.log()": (lambda x: 1 / x, numbers(0.5, 40)),
    "x.exp()": (math.exp, numbers(-10, 5)),
    "x.sigmoid()": (lambda x: 1 / (2 + math.exp(x) + math.exp(-x)), numbers(-10, 10)),
    "x.relu()": (lambda x: float(x > 0), nonzero(-20, 20)),
}


@property_check(
    each=("-x", "1 / x", "x.log()", "x.exp()", "x.sigmoid()", "x.relu()"),
    cases=lambda form: {"x": SLOPES[form][1], "d": nonzero(-5, 5)},
    examples=(Case(x=2.0, d=1.0), Case(x=0.5, d=-3.0)),
    expect=lambda form, x, d: SLOPES[form][0](x) * d,
    judge=EITHER_LOG,
    count=140,
    weight=6,
)
def differentiates_a_function(mt: Minitorch, form: str, x: float, d: float) -> Any:
    """`backward(d)` gives the derivative of a function of one variable, times `d`."""
    a = mt.Scalar(x)
    compute(form, x=a).backward(d)
    return derivative(a)


PARTIALS: dict[str, Callable[[float, float], list[float]]] = {
    "x + y": lambda x, y: [1, 1],  # noqa: ARG005
    "x - y": lambda x, y: [1, -1],  # noqa: ARG005
    "x * y": lambda x, y: [y, x],
    "x / y": lambda x, y: [1 / y, -x / y**2],
}


@property_check(
    each=("x + y", "x - y", "x * y", "x / y"),
    cases={"x": numbers(-20, 20), "y": nonzero(-20, 20), "d": nonzero(-5, 5)},
    examples=(Case(x=2.0, y=3.0, d=1.0), Case(x=2.0, y=-0.5, d=-3.0)),
    expect=lambda form, x, y, d: [slope * d for slope in PARTIALS[form](x, y)],
    count=140,
    weight=4,
)
def differentiates_an_operator(mt: Minitorch, form: str, x: float, y: float, d: float) -> Any:
    """`backward(d)` gives both derivatives of an operator, times `d`."""
    a, b = mt.Scalar(x), mt.Scalar(y)
    compute(form, x=a, y=b).backward(d)
    return [derivative(a), derivative(b)]


BESIDE: dict[str, Callable[[float, float], float]] = {
    "x + n": lambda x, n: 1,  # noqa: ARG005
    "x - n": lambda x, n: 1,  # noqa: ARG005
    "x * n": lambda x, n: n,  # noqa: ARG005
    "x / n": lambda x, n: 1 / n,  # noqa: ARG005
    "n + x": lambda x, n: 1,  # noqa: ARG005
    "n * x": lambda x, n: n,  # noqa: ARG005
    "n / x": lambda x, n: -n / x**2,
}


@property_check(
    each=("x + n", "x - n", "x * n", "x / n", "n + x", "n * x", "n / x"),
    cases={"x": nonzero(-20, 20), "n": nonzero(-20, 20), "d": nonzero(-5, 5)},
    examples=(Case(x=2.0, n=3.0, d=1.0), Case(x=-0.5, n=4.0, d=-3.0)),
    expect=lambda form, x, n, d: BESIDE[form](x, n) * d,
    count=140,
    weight=3,
)
def differentiates_beside_plain_numbers(
    mt: Minitorch, form: str, x: float, n: float, d: float
) -> Any:
    """A variable gets its derivative where the other operand is a plain number."""
    a = mt.Scalar(x)
    compute(form, x=a, n=n).backward(d)
    return derivative(a)


# The square is there for those who do nothing. What only a comparison uses must have been
# told 0.0, not nothing at all: `backward` gives one derivative an input.
@property_check(
    each=("x < y", "x > y", "x == y"),
    cases=pairs_apart((0.5, -0.5, 1, -1, 7, -7), -20, 20),
    examples=(Case(x=1.0, y=3.0), Case(x=3.0, y=1.0)),
    expect=lambda form, x, y: [6 * x, 0.0],  # noqa: ARG005
    weight=3,
)
def passes_nothing_through_comparisons(mt: Minitorch, form: str, x: float, y: float) -> Any:
    """A comparison passes 0.0 back to both sides, whichever way it comes out."""
    a, b = mt.Scalar(x), mt.Scalar(y)
    (compute(form, x=a, y=b) * 2.0 + a * a).backward(3.0)
    return [derivative(a), b.derivative]


def expect_derivatives(values: dict[str, float], lines: list[str], d: float) -> dict[str, float]:
    """Return each leaf's derivative, times `d`."""
    return {name: slope * d for name, slope in differentiate(values, lines).items()}


# Values stay below 200 and derivatives below 1e4; what cancels in a sum of paths leaves
# an error of 1e4 * 2**-52 for each of a dozen lines.
CANCELLED = close(rtol=1e-8, atol=1e-8)

GUIDE = {"values": {"a": 2.0, "b": 3.0}, "lines": ["c = a * b", "d = c + a", "e = d * d"]}
DIAMOND = {"values": {"a": 2.0}, "lines": ["b = a * 3.0", "c = b * b", "d = b + c", "e = d * c"]}
# Whoever goes back line by line, and not by who waits for whom, meets b too early.
SHORTCUT = {"values": {"a": 2.0}, "lines": ["b = a.exp()", "c = b * b", "d = b - c", "e = d * b"]}


@property_check(
    cases=st.builds(lambda program, d: {**program, "d": d}, programs(2, 6), nonzero(-4, 4)),
    examples=tuple(Case(**program, d=d) for program in (GUIDE, DIAMOND) for d in (1.0, -2.0)),
    expect=expect_derivatives,
    judge=CANCELLED,
    weight=4,
)
def follows_every_path(mt: Minitorch, values: dict[str, float], lines: list[str], d: float) -> Any:
    """After a few lines, each leaf has the sum over all paths that lead back to it, times `d`."""
    leaves = {name: mt.Scalar(value) for name, value in values.items()}
    names = run_lines(lines, leaves)
    names[next(reversed(names))].backward(d)
    return {name: derivative(leaf) for name, leaf in leaves.items()}


@property_check(
    cases=programs(6, 12, shared=True),
    examples=(Case(**DIAMOND), Case(**SHORTCUT)),
    expect=differentiate,
    judge=CANCELLED,
    weight=4,
)
def waits_for_shared_variables(mt: Minitorch, values: dict[str, float], lines: list[str]) -> Any:
    """A variable that is used many times passes on the whole of its derivative, once."""
    leaves = {name: mt.Scalar(value) for name, value in values.items()}
    names = run_lines(lines, leaves)
    names[next(reversed(names))].backward()
    return {name: derivative(leaf) for name, leaf in leaves.items()}


def expect_added_up(values: dict[str, float], lines: list[str], d: float) -> dict[str, float]:
    """Return what the last line gives, times `d`, and the line before it."""
    last, before = differentiate(values, lines), differentiate(values, lines[:-1])
    return {name: d * last[name] + before[name] for name in values}


@property_check(
    cases=st.builds(lambda program, d: {**program, "d": d}, programs(2, 6), nonzero(-4, 4)),
    examples=(Case(**GUIDE, d=1.0), Case(**DIAMOND, d=-2.0)),
    expect=expect_added_up,
    judge=CANCELLED,
    weight=2,
)
def adds_up_over_calls(mt: Minitorch, values: dict[str, float], lines: list[str], d: float) -> Any:
    """Called for two variables that share leaves, `backward` adds to what is there."""
    leaves = {name: mt.Scalar(value) for name, value in values.items()}
    names = run_lines(lines, leaves)
    before, last = list(names)[-2:]
    names[last].backward(d)
    names[before].backward()
    return {name: derivative(leaf) for name, leaf in leaves.items()}


def expect_order(values: dict[str, float], lines: list[str]) -> dict[str, Any]:
    """Return what must be in the order, and which of two must come first."""
    pairs = edges(lines)
    last = lines[-1].split(" = ")[0]
    reached = [last]
    for name in reached:
        reached += [parent for child, parent in pairs if child == name and parent not in reached]
    return {
        "variables": [name for name in reached if name not in values],
        "before": [pair for pair in pairs if pair[0] in reached],
    }


def in_order(expected: dict[str, Any], observed: Any) -> Mismatch | None:
    """Return what is wrong with an order, if it is one; there may be several right ones."""
    if not isinstance(observed, list) or not all(isinstance(name, str) for name in observed):
        return Mismatch("wrong_type", f"expected variables in some order, got {observed!r:.80}")
    twice = [name for name in observed if observed.count(name) > 1]
    if twice:
        return Mismatch("listed_twice", f"{twice[0]} is listed {observed.count(twice[0])} times")
    missing = [name for name in expected["variables"] if name not in observed]
    if missing:
        return Mismatch("not_listed", f"{missing[0]} is not listed")
    for child, parent in expected["before"]:
        if parent in observed and observed.index(parent) < observed.index(child):
            return Mismatch(
                "wrong_order",
                f"{parent} comes before {child}, which was computed from it: its derivative "
                f"would be passed on before {child} has told its part",
            )
    return None


@property_check(
    cases=programs(2, 9, shared=True),
    examples=(Case(**GUIDE), Case(**DIAMOND), Case(**SHORTCUT)),
    expect=expect_order,
    judge=in_order,
    weight=2,
)
def sorts_before_it_goes_back(mt: Minitorch, values: dict[str, float], lines: list[str]) -> Any:
    """`topological_sort` lists each variable once, before those that it was computed from."""
    names = run_lines(lines, {name: mt.Scalar(value) for name, value in values.items()})
    known = {id(variable): name for name, variable in names.items()}
    order = list(mt.topological_sort(names[next(reversed(names))]))
    return [known[id(variable)] for variable in order if id(variable) in known]


# There are 2**40 paths through 40 doublings, which nobody can follow one by one.
@property_check(
    cases={"x": numbers(), "doublings": st.integers(20, 60)},
    examples=(Case(x=1.0, doublings=40), Case(x=3.0, doublings=2)),
    expect=lambda x, doublings: 2.0**doublings,  # noqa: ARG005
    count=30,
    time_limit_s=2.0,
)
def visits_each_variable_once(mt: Minitorch, x: float, doublings: int) -> Any:
    """Time grows with the number of variables, not with that of the paths between them."""
    a = total = mt.Scalar(x)
    for _ in range(doublings):
        total = total + total
    total.backward()
    return derivative(a)


@property_check(
    cases={"x": nonzero(-2, 2), "length": st.integers(50, 150)},
    examples=(Case(x=1.0, length=150), Case(x=1.0, length=3)),
    expect=lambda x, length: 2.0 * length,  # noqa: ARG005
    count=30,
)
def goes_back_far(mt: Minitorch, x: float, length: int) -> Any:
    """A long chain of operations is no obstacle."""
    a = mt.Scalar(x)
    total = mt.Scalar(0.0)
    for _ in range(length):
        total = total + a * 2.0
    total.backward()
    return derivative(a)
