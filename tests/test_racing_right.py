"""What parallel loops may do: no race is found in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest
from numba import prange

from minigrade.racing import collisions

Kernel = Callable[[Any, Any], None]


def has_its_own_places(out: Any, a: Any) -> None:
    for i in prange(len(out)):
        out[i] = a[len(a) - 1 - i]
        out[i] += a[0]


def has_its_own_buffers(out: Any, a: Any) -> None:
    for i in prange(len(out)):
        index, numbers = np.empty(1, np.int64), a.copy()
        index[0] = numbers[0] = i
        out[index[0]] = numbers[0]


def has_its_own_rows(out: Any, a: Any) -> None:
    rows = np.zeros((len(out), 2))
    for i in prange(len(out)):
        row = rows[i]
        row[:] = a[i]
        out[i] = row.sum()


def adds_up_numbers(out: Any, a: Any) -> None:
    total, totals = 0.0, np.zeros(2)
    for i in prange(len(a)):
        total += a[i]
        totals += a[i]
    out[0], out[1:3] = total, totals


def writes_the_same(out: Any, a: Any) -> None:
    for _ in prange(len(a)):
        out[0] = 1.0


def one_loop_after_the_other(out: Any, a: Any) -> None:
    for i in numba.prange(len(out)):
        out[i] = a[i]
    for i in range(2):
        for j in prange(len(out)):
            out[j] += a[i]
    out[0] = out[1]


def unpacks_its_place(out: Any, a: Any) -> None:
    found = np.zeros((3, 2))
    for i in prange(len(out)):
        row, column = i // 2, i % 2
        found[row, column] = a[i]
        again, *_ = divmod(i, 2)
        found[again, column] += 0.0
        out[i] = found[row, column]


def annotates_its_place(out: Any, a: Any) -> None:
    found = np.zeros(6)
    for i in prange(len(out)):
        place: int = 5 - i
        found[place] = a[i]
        out[i] = found[place]


def has_its_place_filled(out: Any, a: Any) -> None:
    found = np.zeros((3, 2))
    for i in prange(len(out)):
        index = np.empty(2, np.int64)
        index[0], index[1] = divmod(i, 2)
        found[index[0], index[1]] = a[i]
        out[i] = found[index[0], index[1]]


def turns_it_first(out: Any, a: Any) -> None:
    turned = np.empty((2, 3))
    for i in prange(6):
        row, column = i // 2, i % 2
        turned[column, row] = a[i]
    for i in prange(6):
        out[i] = turned[i % 2, i // 2]


def inside_of_one_iteration(out: Any, a: Any) -> None:
    for i in prange(1):
        for j in prange(len(a)):
            out[i] += a[j]


RIGHT = [
    (unpacks_its_place, 1),
    (annotates_its_place, 1),
    (has_its_place_filled, 1),
    (turns_it_first, 2),
    (has_its_own_places, 1),
    (has_its_own_buffers, 1),
    (has_its_own_rows, 1),
    (adds_up_numbers, 1),
    (writes_the_same, 1),
    (one_loop_after_the_other, 3),
    (inside_of_one_iteration, 1),
]


@pytest.mark.parametrize(("kernel", "ran"), RIGHT)
def test_what_numba_makes_right_is_no_race(kernel: Kernel, ran: int) -> None:
    assert collisions(kernel, [[np.zeros(6), np.arange(6.0)]]) == (ran, [])
