"""Operators of one expression each, and functions of lists as lambdas in lambdas."""

import math
from typing import Callable, Iterable

EPS = 1e-6


def mul(x: float, y: float) -> float:
    return x * y


def id(x: float) -> float:
    return x


def add(x: float, y: float) -> float:
    return x + y


def neg(x: float) -> float:
    return 0.0 - x


def lt(x: float, y: float) -> float:
    return float(x < y)


def eq(x: float, y: float) -> float:
    return float(x == y)


def max(x: float, y: float) -> float:
    return y if y > x else x


def is_close(x: float, y: float) -> float:
    return float(abs(x - y) < 1e-2)


def relu(x: float) -> float:
    return x * (x > 0)


def log(x: float) -> float:
    return math.log(x + EPS)


def exp(x: float) -> float:
    return math.e**x if abs(x) < 1 else math.exp(x)


def inv(x: float) -> float:
    return x**-1


def log_back(x: float, d: float) -> float:
    return d * inv(x + EPS)


def inv_back(x: float, d: float) -> float:
    return -d * x**-2


def relu_back(x: float, d: float) -> float:
    return d * lt(0, x)


def sigmoid(x: float) -> float:
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


def map(fn: Callable[[float], float]) -> Callable[[Iterable[float]], Iterable[float]]:
    return lambda ls: [fn(x) for x in ls]


def zipWith(
    fn: Callable[[float, float], float],
) -> Callable[[Iterable[float], Iterable[float]], Iterable[float]]:
    return lambda ls1, ls2: [fn(*pair) for pair in zip(ls1, ls2)]


def reduce(fn: Callable[[float, float], float], start: float) -> Callable[[Iterable[float]], float]:
    return lambda ls: fn(ls[-1], reduce(fn, start)(ls[:-1])) if len(ls) else start


negList = lambda ls: map(neg)(ls)
addLists = lambda ls1, ls2: zipWith(add)(ls1, ls2)
sum = reduce(add, 0.0)
prod = reduce(mul, 1.0)
