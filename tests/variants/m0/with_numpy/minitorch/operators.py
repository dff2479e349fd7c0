"""Operators by Python's library, and by NumPy, so that results are its scalars."""

import functools
import itertools
import operator

import numpy as np


def mul(x, y):
    return operator.mul(x, y)


def id(x):
    return np.float64(x)


def add(x, y):
    return operator.add(x, y)


def neg(x):
    return operator.neg(x)


def lt(x, y):
    return np.less(x, y)


def eq(x, y):
    return np.where(x == y, 1.0, 0.0).item()


def max(x, y):
    return np.maximum(x, y)


def is_close(x, y):
    return np.abs(np.subtract(x, y)) < 1e-2


def sigmoid(x):
    return np.exp(-np.logaddexp(0.0, -x))


def relu(x):
    return np.maximum(0.0, x)


def log(x):
    return np.log(x)


def exp(x):
    return np.exp(x)


def inv(x):
    return np.float64(1.0) / x


def log_back(x, d):
    return np.divide(d, x)


def inv_back(x, d):
    return -np.divide(d, np.square(x))


def relu_back(x, d):
    return np.where(np.greater(x, 0), d, 0.0)[()]


def map(fn, ls=None):
    return functools.partial(map, fn) if ls is None else [fn(x) for x in ls]


def zipWith(fn):
    return lambda *lists: itertools.starmap(fn, zip(*lists))


def reduce(fn, start):
    return lambda ls: functools.reduce(fn, ls, start)


def negList(ls):
    return map(neg, ls)


def addLists(ls1, ls2):
    return tuple(zipWith(add)(ls1, ls2))


def sum(ls):
    return reduce(add, 0.0)(ls)


def prod(ls):
    return reduce(mul, 1.0)(ls)
