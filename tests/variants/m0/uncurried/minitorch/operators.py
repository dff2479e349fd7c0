"""Operators as the layout of 2024 leads to them: no signatures were given.

``map``, ``zipWith`` and ``reduce`` take their lists at once, comparisons are bools, and
``log`` adds nothing.
"""

import math
from typing import Callable, Iterable, List


def mul(x: float, y: float) -> float:
    return x * y


def id(x: float) -> float:
    return x


def add(x: float, y: float) -> float:
    return x + y


def neg(x: float) -> float:
    return float(-x)


def lt(x: float, y: float) -> bool:
    return x < y


def eq(x: float, y: float) -> bool:
    return x == y


def max(x: float, y: float) -> float:
    if x >= y:
        return x
    return y


def is_close(x: float, y: float) -> bool:
    return abs(x - y) < 1e-5


def sigmoid(x: float) -> float:
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    else:
        return math.exp(x) / (1.0 + math.exp(x))


def relu(x: float) -> float:
    return x if x > 0 else 0.0


def log(x: float) -> float:
    return math.log(x)


def exp(x: float) -> float:
    return math.exp(x)


def inv(x: float) -> float:
    return 1 / x


def log_back(x: float, d: float) -> float:
    return d / x


def inv_back(x: float, d: float) -> float:
    return -(1.0 / x**2) * d


def relu_back(x: float, d: float) -> float:
    return d if x > 0 else 0.0


def map(fn: Callable[[float], float], ls: Iterable[float]) -> List[float]:
    return [fn(x) for x in ls]


def zipWith(
    fn: Callable[[float, float], float], ls1: Iterable[float], ls2: Iterable[float]
) -> List[float]:
    return [fn(a, b) for a, b in zip(ls1, ls2)]


def reduce(fn: Callable[[float, float], float], ls: Iterable[float], start: float) -> float:
    total = start
    for x in ls:
        total = fn(total, x)
    return total


def negList(ls: List[float]) -> List[float]:
    return map(neg, ls)


def addLists(ls1: List[float], ls2: List[float]) -> List[float]:
    return zipWith(add, ls1, ls2)


def sum(ls: List[float]) -> float:
    return reduce(add, ls, 0)


def prod(ls: List[float]) -> float:
    return reduce(mul, ls, 1)
