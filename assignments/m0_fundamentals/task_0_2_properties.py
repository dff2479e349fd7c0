"""Task 0.2: properties of the operators, as tests that students write.

Fill in the tests in ``tests/test_operators.py``: of the sigmoid's shape, of
``lt``'s transitivity, of ``mul``'s symmetry and distributivity, of a property of
your choice, and of the sum of two lists. A test is good if it passes operators
that are right, however these are written, and fails those that lack the property.

So here are operators of both sorts. What the task leaves open, the right ones do in
different ways: comparisons give 1.0, 1 or True, ``is_close`` reaches 1e-2 or 1e-5
far, results differ in their last digit. The wrong ones are wrong at most numbers,
not at a few that a test may or may not try.
"""

from __future__ import annotations

import math
from typing import Any

from minigrade import Minitorch, Task, student_tests

TASK = Task(
    "0.2",
    title="Testing properties",
    points=10,
    hidden_points=3,
    files=("tests/test_operators.py",),
    link="https://minitorch.github.io/module0/module0/",
)

FILE = "tests/test_operators.py"


def sigmoid(x: float) -> float:
    """Return the sigmoid without overflow."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


# With or without `EPS` in its logarithm, a year's tests of it hold for this one.
COURSE: dict[str, Any] = {
    "mul": lambda x, y: x * y,
    "id": lambda x: x,
    "add": lambda x, y: x + y,
    "neg": lambda x: -x,
    "lt": lambda x, y: float(x < y),
    "eq": lambda x, y: float(x == y),
    "max": lambda x, y: x if x > y else y,
    "is_close": lambda x, y: float(abs(x - y) < 1e-2),
    "sigmoid": sigmoid,
    "relu": lambda x: x if x > 0 else 0.0,
    "log": lambda x: math.log(x) if x > 0 else math.log(x + 1e-6),
    "exp": math.exp,
    "inv": lambda x: 1 / x,
    "log_back": lambda x, d: d / (x or 1e-6),
    "inv_back": lambda x, d: -d / x**2,
    "relu_back": lambda x, d: d if x > 0 else 0.0,
    "negList": lambda ls: [-x for x in ls],
    "addLists": lambda ls1, ls2: [x + y for x, y in zip(ls1, ls2, strict=False)],
    "sum": lambda ls: sum(ls, 0.0),
    "prod": lambda ls: math.prod(ls, start=1.0),
}

RIGHT: dict[str, dict[str, Any]] = {
    "as the course writes them": COURSE,
    "comparisons give True and False, and `is_close` reaches 1e-5 far": {
        "lt": lambda x, y: x < y,
        "eq": lambda x, y: x == y,
        "is_close": lambda x, y: abs(x - y) < 1e-5,
        "sigmoid": lambda x: (1 + math.tanh(x / 2)) / 2,
        "mul": lambda x, y: y * x,
        "sum": lambda ls: sum(reversed(ls)),
    },
    "comparisons give 1 and 0, and sums are exact": {
        "lt": lambda x, y: int(x < y),
        "eq": lambda x, y: int(x == y),
        "is_close": lambda x, y: int(abs(x - y) < 1e-2),
        "sigmoid": lambda x: 1 - 1 / (1 + math.exp(x)) if x < 700 else 1.0,
        "add": lambda x, y: math.fsum((x, y)),
        "sum": math.fsum,
    },
}

ROUNDED = (
    "Floats are rounded. Two ways to compute the same differ in the last digit: compare with "
    "`is_close`."
)
SATURATED = (
    "Floats are rounded: the sigmoids of 40 and 41 are the same float, and so are those of 0 and "
    "1e-20. So compare with <=, or keep numbers small and well apart."
)


def answer(implementation: str, name: str, args: list[Any]) -> Any:
    """Call a function of an implementation; what it leaves out is as in the course."""
    return {**COURSE, **EVERY[implementation]}[name](*args)


SIGMOIDS = {
    "falls everywhere": lambda x: sigmoid(-x),
    "falls between -90 and 90": lambda x: sigmoid(-x if abs(x) < 90 else x),
    "lies between -0.5 and 1.5": lambda x: 2 * sigmoid(x) - 0.5,
    "lies between -1 and 1": math.tanh,
    "is a straight line": lambda x: 0.5 + x / 100,
    "is 0 at 0": lambda x: sigmoid(x) if x else 0.0,
    "is 0.73 at 0": lambda x: sigmoid(x + 1),
    "is never less than 0.25": lambda x: sigmoid(x) if x >= 0 else 0.25 + sigmoid(x) / 2,
    "is never less than 0.5": lambda x: sigmoid(abs(x)),
    "is 1 everywhere": lambda x: 1.0,  # noqa: ARG005
}
WRONG_SIGMOIDS = {f"a sigmoid that {name}": {"sigmoid": f} for name, f in SIGMOIDS.items()}


@student_tests(
    file=FILE,
    module="operators",
    tests=("test_sigmoid",),
    right=RIGHT,
    wrong=WRONG_SIGMOIDS,
    remark=SATURATED,
)
def catches_wrong_sigmoids(_mt: Minitorch, *call: Any) -> Any:
    """`test_sigmoid` catches sigmoids that leave 0 to 1, fall, or miss 0.5 or the symmetry."""
    return answer(*call)


# Comparisons by which a < b and b < c, and yet not a < c, for many numbers.
ORDERS = {
    "holds for numbers that differ": lambda x, y: x != y,
    "holds for numbers more than 1 apart": lambda x, y: abs(x - y) > 1,
    "holds for numbers more than 5 apart": lambda x, y: abs(x - y) > 5,
    "holds for numbers more than 20 apart": lambda x, y: abs(x - y) > 20,
    "holds where one number is above 0 and one is not": lambda x, y: (x > 0) != (y > 0),
    "holds where one number is above 10 and one is not": lambda x, y: (x > 10) != (y > 10),
    "holds where one number is small and one is not": lambda x, y: (abs(x) < 15) != (abs(y) < 15),
    "holds for numbers more than 10 apart": lambda x, y: abs(x - y) > 10,
}
WRONG_ORDERS = {
    f"an `lt` that {name}": {"lt": lambda x, y, holds=holds: float(holds(x, y))}
    for name, holds in ORDERS.items()
}


@student_tests(
    file=FILE,
    module="operators",
    tests=("test_transitive",),
    right=RIGHT,
    wrong=WRONG_ORDERS,
    count=100,
)
def catches_what_is_no_order(_mt: Minitorch, *call: Any) -> Any:
    """`test_transitive` catches comparisons by which a < b < c, and yet not a < c."""
    return answer(*call)


ONE_SIDED = {
    "gives its first number": lambda x, y: x,  # noqa: ARG005
    "gives its second number": lambda x, y: y,  # noqa: ARG005
    "subtracts": lambda x, y: x - y,
    "rounds the first number": lambda x, y: round(x) * y + x / 4,
    "adds the first number once more": lambda x, y: x * y + x,
    "takes the second number twice": lambda x, y: x * y * y,
    "takes half of the first number": lambda x, y: x * y - x / 2,
    "gives 0 if the first number is the larger": lambda x, y: 0.0 if x > y else x * y - 1,
}
WRONG_PRODUCTS = {f"a `mul` that {name}": {"mul": f} for name, f in ONE_SIDED.items()}


@student_tests(
    file=FILE,
    module="operators",
    tests=("test_symmetric",),
    right=RIGHT,
    wrong=WRONG_PRODUCTS,
    remark=ROUNDED,
)
def catches_one_sided_products(_mt: Minitorch, *call: Any) -> Any:
    """`test_symmetric` catches products that depend on the order of their numbers."""
    return answer(*call)


UNEVEN: dict[str, dict[str, Any]] = {
    "mul": {
        "is 1 too much": lambda x, y: x * y + 1,
        "is 5 too little": lambda x, y: x * y - 5,
        "gives the larger number": max,
        "adds": lambda x, y: x + y,
        "multiplies the squares": lambda x, y: (x * y) ** 2,
        "stops at 10": lambda x, y: min(x * y, 10.0),
    },
    "add": {
        "is 1 too much": lambda x, y: x + y + 1,
        "multiplies": lambda x, y: x * y,
        "is 3 too little": lambda x, y: x + y - 3,
        "gives 7": lambda x, y: 7.0,  # noqa: ARG005
        "adds the squares": lambda x, y: x * x + y * y,
        "stops at 10": lambda x, y: min(x + y, 10.0),
    },
}
WRONG_SUMS = {
    f"{'an' if name == 'add' else 'a'} `{name}` that {what}": {name: function}
    for name, functions in UNEVEN.items()
    for what, function in functions.items()
}


@student_tests(
    file=FILE,
    module="operators",
    tests=("test_distribute",),
    right=RIGHT,
    wrong=WRONG_SUMS,
    remark=ROUNDED,
)
def catches_what_does_not_distribute(_mt: Minitorch, *call: Any) -> Any:
    """`test_distribute` catches `mul` and `add` for which z (x + y) is not z x + z y."""
    return answer(*call)


# Of any operator. Not of `is_close`, with which tests compare: the emptiest would catch it.
SPOILT = {
    "gives its first argument": lambda f, *args: args[0],  # noqa: ARG005
    "gives its last argument": lambda f, *args: args[-1],  # noqa: ARG005
    "gives 0": lambda f, *args: 0.0,  # noqa: ARG005
    "gives too much": lambda f, *args: scaled(f(*args), 1, 1),
    "gives half": lambda f, *args: scaled(f(*args), 0.5, 0),
    "has the wrong sign": lambda f, *args: scaled(f(*args), -1, 0),
}


def scaled(value: Any, factor: float, more: float) -> Any:
    """Return a number, or each number of a list, times `factor` and some more."""
    if isinstance(value, list):
        return [factor * x + more for x in value]
    return factor * value + more


SPOILT_OPERATORS = {
    f"`{name}` {what}": {name: lambda *args, spoil=spoil, right=right: spoil(right, *args)}
    for name, right in COURSE.items()
    if name != "is_close"
    for what, spoil in SPOILT.items()
}


@student_tests(
    file=FILE,
    module="operators",
    tests=("test_other",),
    mark="task0_2",
    besides=("test_sigmoid", "test_transitive", "test_symmetric", "test_distribute"),
    right=RIGHT,
    wrong=SPOILT_OPERATORS,
    enough=2,
    remark=ROUNDED,
)
def catches_something_else(_mt: Minitorch, *call: Any) -> Any:
    """`test_other` catches something that is wrong with an operator of your choice."""
    return answer(*call)


LISTS: dict[str, dict[str, Any]] = {
    "sum": {
        "starts at 1": lambda ls: 1 + sum(ls),
        "forgets the signs": lambda ls: sum(map(abs, ls)),
        "adds the squares": lambda ls: sum(x * x for x in ls),
        "gives the largest number": lambda ls: max(ls, default=0.0),
        "counts": lambda ls: float(len(ls)),
        "multiplies": math.prod,
    },
    "addLists": {
        "subtracts": lambda ls1, ls2: [x - y for x, y in zip(ls1, ls2, strict=False)],
        "multiplies": lambda ls1, ls2: [x * y for x, y in zip(ls1, ls2, strict=False)],
        "gives the first list": lambda ls1, ls2: ls1,  # noqa: ARG005
        "forgets the last pair": lambda ls1, ls2: COURSE["addLists"](ls1[:-1], ls2[:-1]),
        "is 1 too much": lambda ls1, ls2: [x + y + 1 for x, y in zip(ls1, ls2, strict=False)],
        "gives the larger numbers": lambda ls1, ls2: list(map(max, ls1, ls2)),
    },
}
WRONG_LISTS = {
    f"{'an' if name == 'addLists' else 'a'} `{name}` that {what}": {name: function}
    for name, functions in LISTS.items()
    for what, function in functions.items()
}


@student_tests(
    file=FILE,
    module="operators",
    tests=("test_sum_distribute",),
    right=RIGHT,
    wrong=WRONG_LISTS,
    remark=ROUNDED,
)
def catches_wrong_sums_of_lists(_mt: Minitorch, *call: Any) -> Any:
    """`test_sum_distribute` catches a `sum` or `addLists` that loses or makes up something."""
    return answer(*call)


EVERY = RIGHT | WRONG_SIGMOIDS | WRONG_ORDERS | WRONG_PRODUCTS | WRONG_SUMS
EVERY |= SPOILT_OPERATORS | WRONG_LISTS
