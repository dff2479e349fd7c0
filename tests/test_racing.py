"""Races: found in text that runs as Python, on one core, whenever they are possible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import prange

from minigrade.racing import collisions

Kernel = Callable[[Any, Any], None]

# Each copies `a` to `out` if one iteration follows the other, or adds it up.


def fill(number: int, index: Any) -> None:
    index[0] = number


def shares_an_index(out: Any, a: Any) -> None:
    index = np.empty(1, np.int64)
    for i in prange(len(out)):
        index[0] = i
        out[index[0]] = a[index[0]]


def has_a_helper_fill_it(out: Any, a: Any) -> None:
    index = np.zeros(1, np.int64)
    for i in prange(len(out)):
        fill(i, index)
        out[index[0]] = a[i]


def shares_a_part(out: Any, a: Any) -> None:
    both = np.zeros((2, 3))
    index = both.T[1:, 0]
    for i in prange(len(out)):
        index[:] = i
        out[i] = a[int(index[1])]


def copies_a_buffer_first(out: Any, a: Any) -> None:
    index = np.arange(3).astype(np.int32)
    for i in prange(len(out)):
        index[0] = i
        out[index[0]] = a[i]


def fills_a_buffer(out: Any, a: Any) -> None:
    index = np.zeros(3)
    for i in prange(len(out)):
        index.fill(i)
        out[i] = a[int(index[2])]


def counts_in_a_while_loop(out: Any, a: Any) -> None:
    index = np.zeros(1, np.int64)
    for i in prange(len(out)):
        index[0] = 0
        while index[0] < i:
            index[0] += 1
        out[i] = a[index[0]]


def scatters(out: Any, a: Any) -> None:
    for i in prange(len(a)):
        out[i // 2] += a[i]


def clears_a_neighbour(out: Any, a: Any) -> None:
    for i in prange(len(out)):
        out[i] += a[i]
        if i + 1 < len(out):
            out[i + 1] = 0.0


def moves_in_place(out: Any, _a: Any) -> None:
    for i in prange(len(out) - 1):
        out[i] = out[i + 1]


def computes_whole_arrays(out: Any, a: Any) -> None:
    row, twice = np.zeros(2), np.zeros(2)
    for i in prange(len(out)):
        row[:] = a[i]
        np.add(row, row, twice)
        out[i] = twice[0]


empty = np.empty  # under a name of the submission's


def makes_it_by_another_name(out: Any, a: Any) -> None:
    index = empty(1, np.int64)
    for i in prange(len(out)):
        index[0] = i
        out[i] = a[index[0]]


def repeats_a_number(out: Any, a: Any) -> None:
    index = np.repeat(np.int64(0), 2)
    for i in prange(len(out)):
        index[1] = i
        out[i] = a[index[1]]


def tiles_a_list(out: Any, a: Any) -> None:
    index = np.tile(np.array([0, 1]), 2)
    for i in prange(len(out)):
        index[3] = i
        out[i] = a[index[3]]


def stacks_rows(out: Any, a: Any) -> None:
    index = np.stack((np.arange(2), np.arange(2)))
    for i in prange(len(out)):
        index[1, 0] = i
        out[i] = a[index[1, 0]]


def computes_its_buffer(out: Any, a: Any) -> None:
    row = a[:2] * 0
    for i in prange(len(out)):
        row[0] = a[i]
        out[i] = row[0]


def takes_one_of_several(out: Any, a: Any) -> None:
    index, _ = np.split(np.arange(4), 2)
    for i in prange(len(out)):
        index[0] = i
        out[i] = a[index[0]]


RACES = [
    (makes_it_by_another_name, 2),
    (repeats_a_number, 2),
    (tiles_a_list, 2),
    (stacks_rows, 2),
    (computes_its_buffer, 2),
    (takes_one_of_several, 2),
    (shares_an_index, 2),
    (has_a_helper_fill_it, 2),
    (shares_a_part, 3),
    (copies_a_buffer_first, 2),
    (fills_a_buffer, 2),
    (counts_in_a_while_loop, 2),
    (scatters, 1),
    (clears_a_neighbour, 1),
    (moves_in_place, 1),
    (computes_whole_arrays, 2),
]


def lines(kernel: Kernel, a: int = 6) -> tuple[int, set[int]]:
    """Return how many loops ran, and the lines that collide, counted from `def`."""
    loops, found = collisions(kernel, [[np.zeros(6), np.arange(float(a))]])
    start = kernel.__code__.co_firstlineno
    return loops, {line - start for pair in found for line in pair}


@pytest.mark.parametrize(("kernel", "above"), RACES)
def test_races_are_found_with_their_lines(kernel: Kernel, above: int) -> None:
    loops, found = lines(kernel)
    assert loops == 1
    assert found
    assert all(line > above for line in found)


def test_the_lines_are_those_of_the_kernel_and_not_of_its_helpers() -> None:
    _, [[line, _], *_] = collisions(has_a_helper_fill_it, [[np.zeros(3), np.zeros(3)]])
    assert line == has_a_helper_fill_it.__code__.co_firstlineno + 3


def test_a_loop_that_one_iteration_does_has_no_race() -> None:
    assert collisions(shares_an_index, [[np.zeros(1), np.zeros(1)]]) == (1, [])
    assert collisions(shares_an_index, [[np.zeros(0), np.zeros(0)]]) == (0, [])


def test_what_raises_is_left_to_others_and_nothing_stays_changed() -> None:
    empty, new = np.empty, numba.prange.__new__

    def raises(out: Any, a: Any) -> None:
        for i in prange(len(out)):
            out[0] += a[i + 2]

    loops, found = collisions(raises, [[np.zeros(3), np.zeros(3)], [np.zeros(3), np.zeros(9)]])
    assert (loops, len(found)) == (2, 1)
    assert (np.empty, numba.prange.__new__) == (empty, new)
    assert list(numba.prange(2)) == [0, 1]


def test_arrays_that_only_many_numbers_share_are_found() -> None:
    def kernel(out: Any, a: Any) -> None:
        index = np.zeros(1, np.int64)
        for i in prange(len(out)):
            if len(out) > 10_000:
                index[0] = i
                out[i] = a[index[0]]
            else:
                out[i] = a[i]

    few, many = [np.zeros(9), np.ones(9)], [np.zeros(1_000_000), np.ones(1_000_000)]
    assert collisions(kernel, [few]) == (1, [])
    assert collisions(kernel, [few, many])[1]


def test_a_case_ends_after_enough_accesses() -> None:
    runs: list[int] = []

    def kernel(out: Any, a: Any) -> None:
        for i in range(10_000_000):
            out[0] = a[0]
            runs.append(i)

    assert collisions(kernel, [[np.zeros(1), np.zeros(1)]] * 2) == (0, [])
    assert 2_000 < len(runs) < 20_000


def test_whoever_keeps_a_function_of_numpy_gets_plain_arrays() -> None:
    kept: list[Any] = []
    collisions(lambda *_: kept.append(np.zeros), [[np.zeros(1), np.zeros(1)]])
    assert type(kept[0](3)) is np.ndarray


@given(st.lists(st.integers(0, 5), min_size=1, max_size=6))
def test_a_race_is_two_iterations_with_one_place(places: list[int]) -> None:
    def kernel(out: Any, a: Any) -> None:
        for i in prange(len(places)):
            out[places[i]] = a[i]

    _, found = collisions(kernel, [[np.zeros(6), np.arange(6.0)]])
    assert bool(found) == (len(set(places)) < len(places))
    array = np.zeros((3, 4))
    collisions(shares_a_part, [[array[:, 1], array[:, 2]]])  # parts of one array
    assert (array[:, 1] == 0).all()
