"""Tests without hypothesis: numbers of one's own, and the standard library's random ones."""

import itertools
import math
import random

import minitorch.operators as ops

NUMBERS = (-60.0, -7.5, -2.0, -0.5, 0.0, 0.25, 1.0, 3.0, 12.0, 80.0)


def near(x, y):
    return abs(x - y) < 1e-8 * (1 + abs(x))


def test_sigmoid():
    for x in NUMBERS:
        assert 0 <= ops.sigmoid(x) <= 1
        assert near(ops.sigmoid(x) + ops.sigmoid(-x), 1)
    assert near(ops.sigmoid(0), 1 / 2)
    values = [ops.sigmoid(x) for x in NUMBERS]
    assert values == sorted(values)


def test_transitive():
    for a, b, c in itertools.product(NUMBERS, repeat=3):
        assert not (ops.lt(a, b) and ops.lt(b, c)) or ops.lt(a, c)


def test_symmetric():
    for a, b in itertools.combinations(NUMBERS, 2):
        assert near(ops.mul(a, b), ops.mul(b, a)), (a, b)


def test_distribute():
    for x, y, z in [random.choices(NUMBERS, k=3) for _ in range(40)]:
        assert near(ops.mul(z, ops.add(x, y)), ops.add(ops.mul(z, x), ops.mul(z, y)))


def test_other():
    for x in NUMBERS:
        if x > 0:
            assert math.isclose(ops.exp(ops.log(x)), x, rel_tol=1e-4)
        if x:
            assert near(ops.mul(x, ops.inv(x)), 1)


def test_sum_distribute():
    for _ in range(5):
        ls1, ls2 = ([random.uniform(-9, 9) for _ in range(4)] for _ in range(2))
        assert near(ops.sum(ops.addLists(ls1, ls2)), ops.sum(ls1) + ops.sum(ls2))
