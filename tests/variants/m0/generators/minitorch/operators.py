"""Operators with lists that are made when somebody asks for the next number."""

import math

EPS = 1e-6


def mul(x, y):
    return x * y


def id(x):
    return x


def add(x, y):
    return x + y


def neg(x):
    return -1.0 * x


def lt(x, y):
    if x < y:
        return 1.0
    return 0.0


def eq(x, y):
    if x == y:
        return 1.0
    return 0.0


def max(x, y):
    if x > y:
        return x
    return y


def is_close(x, y):
    if x - y < 1e-2 and y - x < 1e-2:
        return 1.0
    return 0.0


def sigmoid(x):
    if x >= 0:
        return inv(add(1.0, exp(neg(x))))
    return mul(exp(x), inv(add(1.0, exp(x))))


def relu(x):
    if x > 0:
        return x
    return 0.0


def log(x):
    return math.log(x + EPS)


def exp(x):
    return math.exp(x)


def inv(x):
    return 1.0 / x


def log_back(x, d):
    return mul(inv(x + EPS), d)


def inv_back(x, d):
    return neg(mul(mul(inv(x), inv(x)), d))


def relu_back(x, d):
    if x > 0:
        return d
    return 0.0


def map(fn):
    def mapped(ls):
        for x in ls:
            yield fn(x)

    return mapped


def zipWith(fn):
    def zipped(ls1, ls2):
        second = iter(ls2)
        for x in ls1:
            yield fn(x, next(second))

    return zipped


def reduce(fn, start):
    def reduced(ls):
        value = start
        for x in ls:
            value = fn(x, value)
        return value

    return reduced


def negList(ls):
    return list(map(neg)(ls))


def addLists(ls1, ls2):
    return zipWith(add)(ls1, ls2)


def sum(ls):
    return reduce(add, 0)(ls)


def prod(ls):
    return reduce(mul, 1)(ls)
