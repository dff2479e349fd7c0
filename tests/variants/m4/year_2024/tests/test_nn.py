"""Rows and columns of random numbers, without hypothesis."""

import random

import minitorch


def test_max():
    for _ in range(10):
        rows = [[random.uniform(-5, 5) for _ in range(4)] for _ in range(3)]
        t = minitorch.tensor(rows)
        across, down = minitorch.max(t, 1), minitorch.max(t, 0)
        assert [across[i, 0] for i in range(3)] == [max(row) for row in rows]
        assert [down[0, j] for j in range(4)] == [max(column) for column in zip(*rows)]
