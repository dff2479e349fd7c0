"""The mathematical operators that everything else is built from.

All of them are small functions of floats. Later, Numba compiles them for CPU and
GPU, so keep to plain arithmetic, `math`, ``if`` and ``return`` in Task 0.1.

Source: https://minitorch.github.io/module0/module0/
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

EPS = 1e-6
"""What `log` adds to its argument, so that ``log(0)`` is a number."""


# Task 0.1: functions of numbers.


def mul(x: float, y: float) -> float:
    r"""Multiply two numbers: $f(x, y) = x \cdot y$."""
    # SOLUTION 0.1
    return x * y
    # END SOLUTION


def id(x: float) -> float:
    """Return the number itself: $f(x) = x$."""
    # SOLUTION 0.1
    return x
    # END SOLUTION


def add(x: float, y: float) -> float:
    """Add two numbers: $f(x, y) = x + y$."""
    # SOLUTION 0.1
    return x + y
    # END SOLUTION


def neg(x: float) -> float:
    """Negate a number: $f(x) = -x$."""
    # SOLUTION 0.1
    return -x
    # END SOLUTION


def lt(x: float, y: float) -> float:
    """Return 1.0 if `x` is less than `y`, else 0.0."""
    # SOLUTION 0.1
    return 1.0 if x < y else 0.0
    # END SOLUTION


def eq(x: float, y: float) -> float:
    """Return 1.0 if `x` is equal to `y`, else 0.0."""
    # SOLUTION 0.1
    return 1.0 if x == y else 0.0
    # END SOLUTION


def max(x: float, y: float) -> float:
    """Return the larger of two numbers."""
    # SOLUTION 0.1
    return x if x > y else y
    # END SOLUTION


def is_close(x: float, y: float) -> float:
    """Return 1.0 if `x` and `y` are less than 0.01 apart, else 0.0: $|x - y| < 10^{-2}$."""
    # SOLUTION 0.1
    return 1.0 if abs(x - y) < 1e-2 else 0.0
    # END SOLUTION


def sigmoid(x: float) -> float:
    r"""Squash a number into the range from 0 to 1.

    $f(x) = \frac{1}{1 + e^{-x}}$ if $x \geq 0$, else $\frac{e^x}{1 + e^x}$.

    The two are equal on paper. On a computer the first overflows for $x = -1000$,
    and the second for $x = 1000$.
    """
    # SOLUTION 0.1
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    z = math.exp(x)
    return z / (1.0 + z)
    # END SOLUTION


def relu(x: float) -> float:
    """Return `x` if it is greater than 0, else 0.0."""
    # SOLUTION 0.1
    return x if x > 0 else 0.0
    # END SOLUTION


def log(x: float) -> float:
    r"""Return the natural logarithm of `x`, a little to the right: $\ln(x + EPS)$."""
    # SOLUTION 0.1
    return math.log(x + EPS)
    # END SOLUTION


def exp(x: float) -> float:
    """Return the exponential of `x`: $f(x) = e^x$."""
    # SOLUTION 0.1
    return math.exp(x)
    # END SOLUTION


def inv(x: float) -> float:
    """Return the reciprocal of `x`: $f(x) = 1 / x$."""
    # SOLUTION 0.1
    return 1.0 / x
    # END SOLUTION


def log_back(x: float, d: float) -> float:
    r"""Return $d \cdot f'(x)$, where $f$ is `log`."""
    # SOLUTION 0.1
    return d / (x + EPS)
    # END SOLUTION


def inv_back(x: float, d: float) -> float:
    r"""Return $d \cdot f'(x)$, where $f$ is `inv`."""
    # SOLUTION 0.1
    return -d / (x * x)
    # END SOLUTION


def relu_back(x: float, d: float) -> float:
    r"""Return $d \cdot f'(x)$, where $f$ is `relu`. Take 0.0 as the slope at $x = 0$."""
    # SOLUTION 0.1
    return d if x > 0 else 0.0
    # END SOLUTION


# Task 0.3: functions of functions, and of lists.


def map(fn: Callable[[float], float]) -> Callable[[Iterable[float]], list[float]]:
    """Turn a function of a number into a function of a list of numbers.

    Args:
        fn: a function of one number.

    Returns:
        A function that takes a list, applies `fn` to each of its numbers, and
        returns the list of the results.
    """

    # SOLUTION 0.3
    def apply(ls: Iterable[float]) -> list[float]:
        return [fn(x) for x in ls]

    return apply
    # END SOLUTION


def zipWith(
    fn: Callable[[float, float], float],
) -> Callable[[Iterable[float], Iterable[float]], list[float]]:
    """Turn a function of two numbers into a function of two lists of numbers.

    Args:
        fn: a function of two numbers.

    Returns:
        A function that takes two lists, applies `fn` to their first numbers, to
        their second ones and so on, and returns the list of the results. The
        shorter list says where to stop.
    """

    # SOLUTION 0.3
    def apply(ls1: Iterable[float], ls2: Iterable[float]) -> list[float]:
        return [fn(x, y) for x, y in zip(ls1, ls2, strict=False)]

    return apply
    # END SOLUTION


def reduce(fn: Callable[[float, float], float], start: float) -> Callable[[Iterable[float]], float]:
    r"""Turn a function of two numbers into a function that folds a list into one number.

    Args:
        fn: a function of two numbers: the next one of the list, and the result so far.
        start: the result so far before the first number; the result for no numbers.

    Returns:
        A function that takes a list $[x_1, \ldots, x_n]$ and returns
        $fn(x_n, \ldots fn(x_2, fn(x_1, start)))$.
    """

    # SOLUTION 0.3
    def apply(ls: Iterable[float]) -> float:
        result = start
        for x in ls:
            result = fn(x, result)
        return result

    return apply
    # END SOLUTION


def negList(ls: Iterable[float]) -> Iterable[float]:
    """Negate each number of a list, with `map` and `neg`."""
    # SOLUTION 0.3
    return map(neg)(ls)
    # END SOLUTION


def addLists(ls1: Iterable[float], ls2: Iterable[float]) -> Iterable[float]:
    """Add two lists number by number, with `zipWith` and `add`."""
    # SOLUTION 0.3
    return zipWith(add)(ls1, ls2)
    # END SOLUTION


def sum(ls: Iterable[float]) -> float:
    """Add up a list, with `reduce` and `add`. Nothing adds up to 0."""
    # SOLUTION 0.3
    return reduce(add, 0.0)(ls)
    # END SOLUTION


def prod(ls: Iterable[float]) -> float:
    """Multiply the numbers of a list, with `reduce` and `mul`. The product of none is 1."""
    # SOLUTION 0.3
    return reduce(mul, 1.0)(ls)
    # END SOLUTION
