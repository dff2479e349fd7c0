"""Task 1.2: numbers that remember how they were computed, forwards.

Write the ``forward`` of the functions in ``minitorch/scalar_functions.py``, and
the operators and methods of ``Scalar`` that call them. A Scalar is used like a number,
together with plain numbers too; each operation gives a new Scalar, whose ``data`` is what
Python would have computed, and which knows its history: it is neither leaf nor constant.

Left open: ``log`` may add the course's ``EPS`` of 1e-6 to its argument. Not asked are
``2 - x``, which the course does not define, and whole numbers after a minus, with which
some years' ``apply`` cannot deal.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from minigrade import Case, Minitorch, Task, property_check
from minigrade.authoring.judging import close
from minigrade.authoring.programs import evaluate, programs
from minigrade.authoring.strategies import Numbers, nonzero, numbers, pairs_apart
from minigrade.probing import compute, number, run_lines

TASK = Task(
    "1.2",
    title="Scalars, forward",
    points=10,
    hidden_points=3,
    files=("minitorch/scalar_functions.py", "minitorch/scalar.py"),
    link="https://minitorch.github.io/module1/module1/",
)

# From x = 0.5 on, EPS changes a logarithm by 2e-6 at most.
EITHER_LOG = close(rtol=1e-9, atol=2.1e-6)


def described(result: Any) -> dict[str, Any]:
    """Return the number in a Scalar, and whether the Scalar knows that it was computed."""
    return {
        "value": number(result),
        "computed": not result.is_leaf() and not result.is_constant(),
    }


def expect_described(form: str, **case: float) -> dict[str, Any]:
    """Return what `described` should find where plain numbers can be computed likewise."""
    return {"value": float(compute(form, **case)), "computed": True}


@property_check(
    each=("x + y", "x - y", "x * y", "x / y"),
    cases={"x": numbers(-40, 40), "y": nonzero(-40, 40)},
    examples=(Case(x=2.0, y=3.0), Case(x=-1.5, y=0.25)),
    expect=expect_described,
    count=140,
    weight=4,
)
def calculates(mt: Minitorch, form: str, x: float, y: float) -> Any:
    """`+`, `-`, `*` and `/` of two Scalars give a Scalar with the result and its history."""
    return described(compute(form, x=mt.Scalar(x), y=mt.Scalar(y)))


# Equal, a little apart and far apart, either way round, in one check: whoever
# always says yes, or always no, is wrong in each of them. 2**-10 is within `is_close`.
GAPS = (0, 0, 2**-10, -(2**-10), 0.25, -1, 7, -7)
RELATIONS = (Case(x=1.0, y=2.0), Case(x=2.0, y=1.0), Case(x=3.0, y=3.0), Case(x=-1.0, y=1.0))


@property_check(
    each=("x < y", "x > y", "x == y"),
    cases=pairs_apart(GAPS, -40, 40),
    examples=RELATIONS,
    expect=expect_described,
    count=140,
    weight=3,
)
def compares(mt: Minitorch, form: str, x: float, y: float) -> Any:
    """`<`, `>` and `==` of two Scalars give a Scalar: 1.0 where it holds, 0.0 where not."""
    return described(compute(form, x=mt.Scalar(x), y=mt.Scalar(y)))


FUNCTIONS: dict[str, tuple[Callable[[float], float], Numbers]] = {
    "-x": (lambda x: -x, nonzero(-40, 40)),
    "1 / x": (lambda x: 1 / x, nonzero(-40, 40)),
    "x.log()": (math.log, numbers(0.5, 40)),
    "x.exp()": (math.exp, numbers(-20, 20)),
    "x.sigmoid()": (lambda x: (1 + math.tanh(x / 2)) / 2, numbers(-20, 20)),
    "x.relu()": (lambda x: max(x, 0.0), numbers(-40, 40)),
}


@property_check(
    each=("-x", "1 / x", "x.log()", "x.exp()", "x.sigmoid()", "x.relu()"),
    cases=lambda form: {"x": FUNCTIONS[form][1]},
    examples={
        form: (Case(x=2.0), Case(x=0.5 if form == "x.log()" else -2.0)) for form in FUNCTIONS
    },
    expect=lambda form, x: {"value": FUNCTIONS[form][0](x), "computed": True},
    judge=EITHER_LOG,
    count=140,
    weight=6,
)
def applies(mt: Minitorch, form: str, x: float) -> Any:
    """A function of one Scalar gives a Scalar with the right number and its history."""
    return described(compute(form, x=mt.Scalar(x)))


def plain(form: str) -> st.SearchStrategy[float]:
    """Draw numbers but 0; whole ones as ints, as people write them, except after a minus."""
    steps = nonzero(-20, 20)
    if "-" in form:
        return steps
    return steps.map(lambda value: int(value) if value == int(value) else value)


@property_check(
    each=("x + n", "x - n", "x * n", "x / n", "n + x", "n * x", "n / x"),
    cases=lambda form: {"x": nonzero(-20, 20), "n": plain(form)},
    examples=(Case(x=3.0, n=2.0), Case(x=-0.5, n=1.5)),
    expect=expect_described,
    count=140,
    weight=4,
)
def calculates_with_plain_numbers(mt: Minitorch, form: str, x: float, n: float) -> Any:
    """A Scalar `x` and a plain number `n` give a Scalar, whichever comes first."""
    return described(compute(form, x=mt.Scalar(x), n=n))


@property_check(
    each=("x < n", "x > n", "x == n", "n < x", "n > x", "n == x"),
    cases=pairs_apart(GAPS, -40, 40).map(lambda pair: {"x": pair["x"], "n": pair["y"]}),
    examples=tuple(Case(x=case["x"], n=case["y"]) for case in RELATIONS),
    expect=expect_described,
    count=140,
    weight=3,
)
def compares_with_plain_numbers(mt: Minitorch, form: str, x: float, n: float) -> Any:
    """A Scalar `x` is compared with a plain number `n`, whichever comes first."""
    return described(compute(form, x=mt.Scalar(x), n=n))


# An operation that changed its operands would pass all the checks above.
@property_check(
    cases=st.one_of(programs(2, 5), programs(6, 12, shared=True)),
    examples=(
        Case(values={"a": 2.0, "b": 3.0}, lines=["c = a * b", "d = c + a", "e = d - b"]),
        Case(values={"a": 2.0}, lines=["b = a / 4.0", "c = b.exp()", "d = c.sigmoid() * a"]),
    ),
    expect=lambda values, lines: {"value": evaluate(values, lines), "leaves": values},
    judge=close(rtol=1e-9, atol=1e-9),
    weight=3,
)
def computes_line_by_line(mt: Minitorch, values: dict[str, float], lines: list[str]) -> Any:
    """Operations follow one another, share operands, and leave them as they are."""
    leaves = {name: mt.Scalar(value) for name, value in values.items()}
    names = run_lines(lines, leaves)
    result = names[next(reversed(names))]
    return {"value": number(result), "leaves": {name: number(x) for name, x in leaves.items()}}
