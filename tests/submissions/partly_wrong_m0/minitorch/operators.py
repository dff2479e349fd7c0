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
    return x * y


def id(x: float) -> float:
    """Return the number itself: $f(x) = x$."""
    return x


def add(x: float, y: float) -> float:
    """Add two numbers: $f(x, y) = x + y$."""
    return x + y


def neg(x: float) -> float:
    """Negate a number: $f(x) = -x$."""
    return -x


def lt(x: float, y: float) -> float:
    """Return 1.0 if `x` is less than `y`, else 0.0."""
    return 1.0 if x < y else 0.0


def eq(x: float, y: float) -> float:
    """Return 1.0 if `x` is equal to `y`, else 0.0."""
    return 1.0 if x == y else 0.0


def max(x: float, y: float) -> float:
    """Return the larger of two numbers."""
    if x > y:
        return x
    return y


def is_close(x: float, y: float) -> float:
    """Return 1.0 if `x` and `y` are less than 0.01 apart, else 0.0: $|x - y| < 10^{-2}$."""
    return abs(x - y) < 1e-2


def sigmoid(x: float) -> float:
    r"""Squash a number into the range from 0 to 1.

    $f(x) = \frac{1}{1 + e^{-x}}$ if $x \geq 0$, else $\frac{e^x}{1 + e^x}$.

    The two are equal on paper. On a computer the first overflows for $x = -1000$,
    and the second for $x = 1000$.
    """
    return 1.0 / (1.0 + math.exp(-x))


def relu(x: float) -> float:
    """Return `x` if it is greater than 0, else 0.0."""
    if x > 0:
        return x
    return 0.0


def log(x: float) -> float:
    r"""Return the natural logarithm of `x`, a little to the right: $\ln(x + EPS)$."""
    return math.log(x + EPS)


def exp(x: float) -> float:
    """Return the exponential of `x`: $f(x) = e^x$."""
    return math.exp(x)


def inv(x: float) -> float:
    """Return the reciprocal of `x`: $f(x) = 1 / x$."""
    return 1.0 / x


def log_back(x: float, d: float) -> float:
    r"""Return $d \cdot f'(x)$, where $f$ is `log`."""
    return d / (x + EPS)


def inv_back(x: float, d: float) -> float:
    r"""Return $d \cdot f'(x)$, where $f$ is `inv`."""
    return d / (x**2)


def relu_back(x: float, d: float) -> float:
    r"""Return $d \cdot f'(x)$, where $f$ is `relu`. Take 0.0 as the slope at $x = 0$."""
    return d if x > 0 else 0.0


# Task 0.3: functions of functions, and of lists.


def map(fn: Callable[[float], float]) -> Callable[[Iterable[float]], list[float]]:
    """Turn a function of a number into a function of a list of numbers.

    Args:
        fn: a function of one number.

    Returns:
        A function that takes a list, applies `fn` to each of its numbers, and
        returns the list of the results.
    """

    def mapped(ls: Iterable[float]) -> list[float]:
        result = []
        for x in ls:
            result.append(fn(x))
        return result

    return mapped


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

    def zipped(ls1: Iterable[float], ls2: Iterable[float]) -> list[float]:
        return [fn(x, y) for x, y in zip(ls1, ls2)]

    return zipped


def reduce(fn: Callable[[float, float], float], start: float) -> Callable[[Iterable[float]], float]:
    r"""Turn a function of two numbers into a function that folds a list into one number.

    Args:
        fn: a function of two numbers: the next one of the list, and the result so far.
        start: the result so far before the first number; the result for no numbers.

    Returns:
        A function that takes a list $[x_1, \ldots, x_n]$ and returns
        $fn(x_n, \ldots fn(x_2, fn(x_1, start)))$.
    """

    def reduced(ls: Iterable[float]) -> float:
        total = start
        for x in ls:
            total = fn(x, total)
        return total

    return reduced


def negList(ls: Iterable[float]) -> Iterable[float]:
    """Negate each number of a list, with `map` and `neg`."""
    return map(neg)(ls)


def addLists(ls1: Iterable[float], ls2: Iterable[float]) -> Iterable[float]:
    """Add two lists number by number, with `zipWith` and `add`."""
    raise NotImplementedError("Need to implement for Task 0.3")


def sum(ls: Iterable[float]) -> float:
    """Add up a list, with `reduce` and `add`. Nothing adds up to 0."""
    return reduce(add, 0.0)(ls)


def prod(ls: Iterable[float]) -> float:
    """Multiply the numbers of a list, with `reduce` and `mul`. The product of none is 1."""
    return reduce(mul, 0.0)(ls)
