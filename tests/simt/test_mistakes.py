"""Planted mistakes: each is found, at its line, at the sizes at which it is one."""

from __future__ import annotations

import numpy as np
import pytest

TPB = 8


def kinds(trace):
    return {finding.kind for finding in trace.findings}


def product(run, name, n):
    a, b = np.ones((2, n, n), np.float32)
    tiles = -(-n // TPB)
    return run(name, (tiles, tiles), (TPB, TPB), np.zeros((n, n), np.float32), a, b, n)


@pytest.mark.parametrize("n", [8, 29])
def test_missing_first_barrier(run, marked, n):
    trace = product(run, "tiled_no_first_sync", n)
    races = trace.found("race")
    line = marked("tiled_no_first_sync")
    assert {(race.line, race.array) for race in races} >= {(line, "sa"), (line, "sb")}
    assert {race.other_line for race in races if race.line == line} == {line - 3, line - 2}


def test_missing_second_barrier(run, marked):
    assert product(run, "tiled_no_second_sync", 8).findings == []  # one tile: nothing to spoil
    races = product(run, "tiled_no_second_sync", 13).found("race")
    line = marked("tiled_no_second_sync")
    assert {(race.line, race.other_line) for race in races} == {
        (line, line + 4),
        (line + 1, line + 4),
    }
    assert all(race.threads[0] != race.threads[1] for race in races)
    assert "no barrier in between" in races[0].message


def test_return_before_a_barrier(run, marked):
    assert product(run, "tiled_early_return", 8).findings == []
    trace = product(run, "tiled_early_return", 29)
    assert kinds(trace) >= {"barrier-after-return", "uninitialised-read"}
    assert trace.found("barrier-after-return")[0].line == marked("tiled_early_return")
    assert trace.found("barrier-after-return")[0].block == (3, 0, 0)


def test_no_padding(run, marked):
    assert product(run, "tiled_no_padding", 8).findings == []
    trace = product(run, "tiled_no_padding", 29)
    assert kinds(trace) == {"uninitialised-read"}
    assert {finding.line for finding in trace.findings} == {marked("tiled_no_padding")}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("sum_no_sync_in_loop", "race"),
        ("sum_no_first_sync", "race"),
        ("sum_all_write", "benign-write"),
    ],
)
def test_sums(run, marked, name, kind):
    trace = run(name, 2, TPB, np.zeros(2), np.arange(16.0), 16)
    assert kind in kinds(trace)
    assert marked(name) in {finding.line for finding in trace.found(kind)}
    if name == "sum_all_write":
        assert kinds(trace) == {kind}
        assert trace.counters["out"].writes == 16


def test_no_identity_element(run, marked):
    assert run("sum_no_identity", 1, TPB, np.zeros(1), np.arange(8.0), 8).findings == []
    trace = run("sum_no_identity", 1, TPB, np.zeros(1), np.arange(7.0), 7)
    assert kinds(trace) == {"uninitialised-read"}
    assert trace.findings[0].line == marked("sum_no_identity")
    assert trace.findings[0].index == (7,)


def test_shift_races_even_in_a_lucky_order(run, marked):
    trace = run("shift_no_sync", 1, TPB, np.zeros(TPB), np.arange(8.0), TPB)
    (race,) = trace.findings
    line = marked("shift_no_sync")
    assert (race.kind, race.line, race.other_line) == ("race", line, line)
    (x, _, _), (other, _, _) = race.threads
    assert abs(x - other) == 1


@pytest.mark.parametrize("blocks", [1, 2])
def test_an_update_that_is_not_atomic(run, marked, blocks):
    trace = run("plain_sum", blocks, TPB, np.zeros(1), np.arange(16.0), 16)
    assert kinds(trace) == {"race"}
    assert trace.findings[0].line == marked("plain_sum")


def test_blocks_race_with_one_thread_each(run, marked):
    trace = run("plain_sum", 2, 1, np.zeros(1), np.arange(2.0), 2)
    race = trace.findings[0]
    assert (race.kind, race.line) == ("race", marked("plain_sum"))
    assert {race.block, race.other_block} == {(0, 0, 0), (1, 0, 0)}


def test_an_atomic_races_with_a_plain_write(run, marked):
    trace = run("mixed_sum", 2, TPB, np.zeros(1), np.arange(16.0), 16)
    assert kinds(trace) == {"race"}
    assert trace.findings[0].line == marked("mixed_sum")


@pytest.mark.parametrize("name", ["divergent_barrier", "ragged_barrier"])
def test_barriers_that_not_all_reach(run, marked, name):
    trace = run(name, 1, TPB, np.zeros(TPB), np.zeros(TPB), TPB)
    assert kinds(trace) == {"barrier-divergence"}
    assert trace.findings[0].line == marked(name)


def test_off_by_one(run, marked):
    out, a = np.zeros(9), np.zeros(8)
    trace = run("off_by_one", 2, TPB, out, a, 8)
    assert [(f.kind, f.line, f.array, f.index) for f in trace.findings] == [
        ("out-of-bounds", marked("off_by_one"), "a", (8,)),
    ]
    assert trace.findings[0].block == (1, 0, 0)
    assert trace.findings[0].threads == ((0, 0, 0),)


def test_a_negative_index_wraps_around_and_is_found(run, marked):
    out, a = np.zeros(8), np.arange(8.0)
    trace = run("wraps_around", 1, TPB, out, a, 8)
    assert [(f.kind, f.line, f.index) for f in trace.findings] == [
        ("negative-index", marked("wraps_around"), (-1,)),
    ]
    assert out.tolist() == [7, 0, 1, 2, 3, 4, 5, 6]


def test_an_element_is_never_written(run, marked):
    trace = run("leaves_the_last", 1, TPB, np.zeros(8), np.zeros(8), 8)
    assert [(f.kind, f.line, f.index) for f in trace.findings] == [
        ("unwritten-output", marked("leaves_the_last"), (7,)),
    ]
    assert (trace.coverage["out"].never, trace.coverage["out"].once) == (1, 7)


def test_a_variable_without_a_value(run, marked):
    trace = run("reads_unassigned", 1, TPB, np.zeros(8), np.zeros(8), 8)
    assert [(f.kind, f.line, f.array, f.threads) for f in trace.findings] == [
        ("uninitialised-read", marked("reads_unassigned"), "value", ((0, 0, 0),)),
    ]


def test_blocks_write_the_same_elements(run, marked):
    trace = run("overlapping_blocks", 2, TPB, np.zeros(8), np.arange(16.0), 16)
    assert kinds(trace) == {"race"}
    assert trace.coverage["out"].more == 8
    same = run("overlapping_blocks", 2, TPB, np.zeros(8), np.ones(16), 16)
    assert kinds(same) == {"benign-write"}


def test_a_barrier_orders_nothing_between_blocks(run, marked):
    trace = run("reads_neighbour_block", 2, TPB, np.zeros(16), np.zeros(16), 16)
    assert kinds(trace) == {"race"}
    assert trace.findings[0].line == marked("reads_neighbour_block")
