"""The reference's data sets: how many points, where, and of which class."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

RULES: dict[str, Callable[[float, float], bool]] = {
    "Simple": lambda x, y: x < 0.5,
    "Diag": lambda x, y: x + y < 0.5,
    "Split": lambda x, y: not 0.2 <= x <= 0.8,
    "Xor": lambda x, y: (x < 0.5 < y) or (y < 0.5 < x),
    "Circle": lambda x, y: math.hypot(x - 0.5, y - 0.5) > math.sqrt(0.1),
}


def test_six_data_sets(mt: Any) -> None:
    assert list(mt.datasets) == [*RULES, "Spiral"]


@pytest.mark.parametrize("name", RULES)
@given(n=st.integers(0, 200), seed=st.integers(0, 1000))
def test_points_and_classes(mt: Any, name: str, n: int, seed: int) -> None:
    random.seed(seed)
    data = mt.datasets[name](n)
    assert data.N == len(data.X) == len(data.y) == n
    assert all(0 <= x < 1 and 0 <= y < 1 for x, y in data.X)
    assert data.y == [int(RULES[name](x, y)) for x, y in data.X]


@pytest.mark.parametrize("name", [*RULES, "Spiral"])
def test_a_seed_repeats_the_points(mt: Any, name: str) -> None:
    drawn = []
    for _ in range(2):
        random.seed(5)
        drawn.append(mt.datasets[name](50))
    assert drawn[0] == drawn[1]
    assert {0, 1} == set(drawn[0].y)


@given(n=st.integers(0, 200))
def test_spirals_wind_around_each_other(mt: Any, n: int) -> None:
    data = mt.datasets["Spiral"](n)
    assert data.N == len(data.X) == len(data.y) == n
    assert sum(data.y) == n // 2
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in data.X)
    # Each pair of points lies opposite, on either side of the middle.
    for (x_0, y_0), (x_1, y_1) in zip(data.X[0::2], data.X[1::2], strict=False):
        assert (x_0 + x_1, y_0 + y_1) == pytest.approx((1.0, 1.0))
