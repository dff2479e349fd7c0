"""Task 0.2, hidden: other right operators, and other wrong ones, that nobody has seen."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrade import Minitorch, student_tests

from ..task_0_2_properties import FILE, ROUNDED, SATURATED


def sigmoid(x: float) -> float:
    """Return the sigmoid, in the shortest way that does not overflow."""
    return 1 / (1 + math.exp(-max(-700.0, x)))


def pairs_added(ls1: list[float], ls2: list[float]) -> list[float]:
    """Return the sum of each pair."""
    return list(map(math.fsum, zip(ls1, ls2, strict=False)))


BY_NUMPY: dict[str, Any] = {
    "mul": lambda x, y: float(np.multiply(x, y)),
    "id": lambda x: +x,
    "add": lambda x, y: float(np.add(x, y)),
    "neg": lambda x: 0.0 - x,
    "lt": lambda x, y: 1.0 if x < y else 0.0,
    "eq": lambda x, y: 1.0 if x == y else 0.0,
    "max": lambda x, y: float(np.maximum(x, y)),
    "is_close": lambda x, y: -1e-2 < x - y < 1e-2,
    "sigmoid": sigmoid,
    "relu": lambda x: (x > 0) * x,
    "log": lambda x: float(np.log(x if x > 0 else x + 1e-6)),
    "exp": lambda x: math.e**x if abs(x) < 1 else math.exp(x),
    "inv": lambda x: x**-1,
    "log_back": lambda x, d: d * (1 / (x or 1e-6)),
    "inv_back": lambda x, d: -(d / x / x),
    "relu_back": lambda x, d: (x > 0) * d,
    "negList": lambda ls: [0.0 - x for x in ls],
    "addLists": pairs_added,
    "sum": lambda ls: float(np.sum(np.array(ls, float))),
    "prod": lambda ls: float(np.prod(np.array(ls, float))),
}
RIGHT: dict[str, dict[str, Any]] = {
    "by NumPy": BY_NUMPY,
    "comparisons give True and False, and `is_close` reaches 1e-3 far": {
        "lt": lambda x, y: y > x,
        "eq": lambda x, y: not (x < y or x > y),
        "is_close": lambda x, y: abs(y - x) < 1e-3,
        "sigmoid": lambda x: 0.5 * math.tanh(0.5 * x) + 0.5,
        "sum": lambda ls: math.fsum(sorted(ls)),
    },
    "comparisons give 1 and 0, and sums start at the end": {
        "lt": lambda x, y: 1 - int(x >= y),
        "eq": lambda x, y: int(x <= y) * int(x >= y),
        "sigmoid": lambda x: 1 - sigmoid(-x),
        "mul": lambda x, y: y * x,
        "add": lambda x, y: y - (0.0 - x),
        "sum": lambda ls: sum(ls[::-1], 0.0),
        "addLists": lambda ls1, ls2: [y + x for x, y in zip(ls1, ls2, strict=False)],
    },
}


def answer(implementation: str, name: str, args: list[Any]) -> Any:
    """Call a function of an implementation; what it leaves out is by NumPy."""
    return {**BY_NUMPY, **EVERY[implementation]}[name](*args)


SIGMOIDS = {
    "is a square": lambda x: sigmoid(x) ** 2,
    "lies between 0 and 2": lambda x: 2 * sigmoid(x),
    "lies between 0 and 0.5": lambda x: sigmoid(x) / 2,
    "lies 0.1 too high": lambda x: sigmoid(x) + 0.1,
    "stops at 0.5": lambda x: min(1.0, math.exp(min(x, 1.0))) / 2,
    "swings": lambda x: sigmoid(x) + 0.2 * math.sin(x),
    "is 0.4 at 0": lambda x: sigmoid(x - 0.4),
    "is never more than 0.5": lambda x: sigmoid(-abs(x)),
    "is negative": lambda x: -sigmoid(x),
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
def catches_other_sigmoids(_mt: Minitorch, *call: Any) -> Any:
    """`test_sigmoid` catches other wrong sigmoids."""
    return answer(*call)


ORDERS = {
    "holds where one number is above -5 and one is not": lambda x, y: (x > -5) != (y > -5),
    "holds where one number is below 3 and one is not": lambda x, y: (x < 3) != (y < 3),
    "holds where one number is above 7 and one is not": lambda x, y: (x > 7) != (y > 7),
    "holds where one number is below -2 and one is not": lambda x, y: (x < -2) != (y < -2),
    "holds where one number is near 0 and one is not": lambda x, y: (abs(x) < 20) != (abs(y) < 20),
    "holds for numbers an odd number of steps apart": lambda x, y: round(x) % 2 != round(y) % 2,
    "holds for numbers more than 12 apart": lambda x, y: abs(x - y) > 12,
    "holds for numbers more than 18 apart": lambda x, y: abs(x - y) > 18,
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
def catches_other_orders(_mt: Minitorch, *call: Any) -> Any:
    """`test_transitive` catches other comparisons that are no order."""
    return answer(*call)


ONE_SIDED = {
    "adds the second number once more": lambda x, y: x * y + y,
    "forgets the sign of the second number": lambda x, y: x * abs(y),
    "takes the first number twice": lambda x, y: x * x * y,
    "rounds the second number": lambda x, y: x * round(y) - y / 4,
    "subtracts twice the second number": lambda x, y: x - 2 * y,
    "takes a negative first number for 0": lambda x, y: max(x, 0.0) * y + x / 2,
    "is 1 too much if the first number is the larger": lambda x, y: x * y + float(x > y),
    "gives the second number if it is the larger": lambda x, y: y if y > x else x * y + 2,
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
def catches_other_products(_mt: Minitorch, *call: Any) -> Any:
    """`test_symmetric` catches other products that depend on the order."""
    return answer(*call)


UNEVEN: dict[str, dict[str, Any]] = {
    "mul": {
        "is 0.5 too much": lambda x, y: x * y + 0.5,
        "gives the smaller number": min,
        "subtracts": lambda x, y: x - y,
        "forgets the signs": lambda x, y: abs(x * y) + 1,
        "stops at -10": lambda x, y: max(x * y, -10.0),
    },
    "add": {
        "is 0.5 too little": lambda x, y: x + y - 0.5,
        "adds the product, too": lambda x, y: x + y + x * y,
        "gives 2": lambda x, y: 2.0,  # noqa: ARG005
        "takes the squares": lambda x, y: x * x - y * y + 1,
        "stops at -10": lambda x, y: max(x + y, -10.0),
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
def catches_other_sums(_mt: Minitorch, *call: Any) -> Any:
    """`test_distribute` catches others for which z (x + y) is not z x + z y."""
    return answer(*call)


LISTS: dict[str, dict[str, Any]] = {
    "sum": {
        "starts at -1": lambda ls: sum(ls) - 1,
        "adds positive numbers only": lambda ls: sum(max(x, 0.0) for x in ls),
        "adds the cubes": lambda ls: sum(x**3 for x in ls),
        "gives the smallest number": lambda ls: min(ls, default=0.0),
        "gives 4": lambda ls: 4.0,  # noqa: ARG005
    },
    "addLists": {
        "takes the second list twice": lambda a, b: [x + 2 * y for x, y in zip(a, b, strict=False)],
        "takes the mean": lambda a, b: [(x + y) / 2 for x, y in zip(a, b, strict=False)],
        "gives the second list": lambda a, b: b,  # noqa: ARG005
        "takes the first pair twice": lambda a, b: pairs_added(a[:1] + a, b[:1] + b),
        "gives the smaller numbers": lambda a, b: list(map(min, a, b)),
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
def catches_other_lists(_mt: Minitorch, *call: Any) -> Any:
    """`test_sum_distribute` catches others that lose or make up something."""
    return answer(*call)


EVERY = RIGHT | WRONG_SIGMOIDS | WRONG_ORDERS | WRONG_PRODUCTS | WRONG_SUMS | WRONG_LISTS
