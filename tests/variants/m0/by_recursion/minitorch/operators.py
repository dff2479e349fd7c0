"""Operators in terms of one another, and functions of lists that call themselves."""

import math

EPS = 1e-6


def mul(x: float, y: float) -> float:
    "$f(x, y) = x * y$"
    return x * y


def id(x: float) -> float:
    "$f(x) = x$"
    return x


def add(x: float, y: float) -> float:
    "$f(x, y) = x + y$"
    return x + y


def neg(x: float) -> float:
    "$f(x) = -x$"
    return mul(-1, x)


def lt(x: float, y: float) -> float:
    "$f(x, y) =$ 1.0 if x is less than y else 0.0"
    return 1.0 if not x >= y else 0.0


def eq(x: float, y: float) -> float:
    "$f(x, y) =$ 1.0 if x is equal to y else 0.0"
    return 1.0 if lt(x, y) == 0 and lt(y, x) == 0 else 0.0


def max(x: float, y: float) -> float:
    "$f(x, y) =$ x if x is greater than y else y"
    return y if lt(x, y) else x


def is_close(x: float, y: float) -> float:
    "$f(x, y) = |x - y| < 1e-2$"
    return lt(max(x - y, y - x), 1e-2)


def sigmoid(x: float) -> float:
    "$f(x) = 1 / (1 + e^{-x})$, and mirrored below 0"
    return 1.0 - sigmoid(neg(x)) if -30 < x < 0 else _sigmoid(x)


def _sigmoid(x: float) -> float:
    return math.exp(x) if x <= -30 else 1.0 / (1.0 + math.exp(-x))


def relu(x: float) -> float:
    "$f(x) =$ x if x is greater than 0, else 0"
    return max(x, 0.0)


def log(x: float) -> float:
    "$f(x) = log(x)$"
    return math.log(x + EPS)


def exp(x: float) -> float:
    "$f(x) = e^{x}$"
    return math.exp(x)


def log_back(x: float, d: float) -> float:
    "If $f = log$, compute $d * f'(x)$"
    return d / (x + EPS)


def inv(x: float) -> float:
    "$f(x) = 1 / x$"
    return 1.0 / x


def inv_back(x: float, d: float) -> float:
    "If $f(x) = 1 / x$, compute $d * f'(x)$"
    return neg(d) / x / x


def relu_back(x: float, d: float) -> float:
    "If $f = relu$, compute $d * f'(x)$"
    return mul(d, lt(0.0, x))


def map(fn):
    "Apply a function to each number of a list."

    def mapper(ls):
        ls = list(ls)
        return [fn(ls[0])] + mapper(ls[1:]) if ls else []

    return mapper


def zipWith(fn):
    "Apply a function to each pair of numbers of two lists."

    def zipper(ls1, ls2):
        if len(ls1) == 0 or len(ls2) == 0:
            return []
        return [fn(ls1[0], ls2[0]), *zipper(ls1[1:], ls2[1:])]

    return zipper


def reduce(fn, start):
    "Join all numbers of a list by a function."

    def reducer(ls):
        if not ls:
            return start
        *before, last = ls
        return fn(last, reducer(before))

    return reducer


def negList(ls):
    "Negate all numbers of a list."
    negate = map(neg)
    return negate(ls)


def addLists(ls1, ls2):
    "Add two lists number by number."
    add_all = zipWith(add)
    return add_all(ls1, ls2)


def sum(ls):
    "Add up a list."
    total = reduce(add, 0.0)
    return total(ls)


def prod(ls):
    "Multiply the numbers of a list."
    product = reduce(mul, 1.0)
    return product(ls)
