"""Right kernels: NumPy's values, and no findings, at sizes that fit the blocks and that do not."""

from __future__ import annotations

import math

import numpy as np
import pytest

TPB = 8
SIZES = (1, 7, 8, 9, 16, 29)


def blocks(n):
    return -(-n // TPB)


def tile_sums(a):
    padded = np.zeros(blocks(len(a)) * TPB, a.dtype)
    padded[: len(a)] = a
    return padded.reshape(-1, TPB)


def neighbours(a):
    padded = np.concatenate(([0], a, [0]))
    return padded[:-2] + padded[1:-1] + padded[2:]


def collatz(x):
    steps = 0
    while x != 1:
        x, steps = (x // 2 if x % 2 == 0 else 3 * x + 1), steps + 1
    return steps


VECTORS = {
    "copy": lambda a: a,
    "early_return": lambda a: 2 * a,
    "clamped": lambda a: np.clip(a, -1, 1),
    "butterfly": lambda a: (a + a[::-1]) * (a - a[::-1]),
    "guarded": lambda a: np.concatenate(([0.0], a[:-1] > a[1:])),
    "either": lambda a: np.where(a > 0, a, 2.5 * a),
    "last_seen": lambda a: np.array(
        [next((x for x in a[:i] if x > 2), a[i]) for i in range(len(a))]
    ),
    "late": lambda a: 3 * a,
    "stencil": neighbours,
    "math_mix": lambda a: np.exp(-np.abs(a)) + np.sqrt(a * a + 1) + np.tanh(a) + np.floor(a),
    "fixed": lambda a: np.trunc(a) + 0.5,
}


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("name", VECTORS)
def test_element_by_element(run, rng, name, n):
    a, out = rng.uniform(-3, 3, n), np.full(n, 99.0)
    trace = run(name, blocks(n), TPB, out, a, n)
    assert trace.findings == []
    np.testing.assert_allclose(out, VECTORS[name](a), rtol=1e-14)
    assert trace.coverage["out"].once == n


@pytest.mark.parametrize("n", SIZES)
def test_grid_stride(run, rng, n):
    a, out = rng.random(n), np.zeros(n)
    trace = run("grid_stride", 2, TPB, out, a, n)
    assert trace.findings == []
    assert np.array_equal(out, a + 1)


@pytest.mark.parametrize(
    ("name", "of_tile", "dtype"),
    [
        ("block_sum", lambda a: tile_sums(a).sum(axis=1), np.float64),
        ("halving_sum", lambda a: tile_sums(a).sum(axis=1), np.float32),
        ("block_max", lambda a: tile_sums(a).max(axis=1), np.float64),
    ],
)
@pytest.mark.parametrize("n", SIZES)
def test_a_block_reduces_its_tile(run, rng, name, of_tile, dtype, n):
    a, out = rng.random(n).astype(dtype), np.zeros(blocks(n), dtype)
    trace = run(name, blocks(n), TPB, out, a, n)
    assert trace.findings == []
    np.testing.assert_allclose(out, of_tile(a), rtol=1e-5)
    assert trace.counters["a"].reads == n
    assert trace.barriers == 4 * blocks(n)


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (9, 5)])
def test_two_dimensions(run, rng, shape):
    a, b, out = rng.random(shape), rng.random(shape[1]), np.zeros(shape)
    trace = run("add_rows", (2, 2), (TPB, TPB), out, a, b)
    assert trace.findings == []
    assert np.array_equal(out, a + b)


def test_three_dimensions(run, rng):
    a = rng.random((3, 5, 2))
    out = np.zeros_like(a)
    trace = run("cube", (2, 2, 2), (2, 3, 1), out, a)
    assert trace.findings == []
    assert np.array_equal(out, -a)


@pytest.mark.parametrize("n", SIZES)
def test_break_and_else(run, rng, n):
    a, out = rng.uniform(-1, 4, (n, 5)), np.zeros(n, np.int64)
    assert run("first_negative", blocks(n), TPB, out, a, 5).findings == []
    assert out.tolist() == [next((k for k, x in enumerate(row) if x < 0), -1) for row in a.tolist()]


@pytest.mark.parametrize("n", SIZES)
def test_continue(run, rng, n):
    a, out = rng.random((n, 5)), np.zeros(n)
    assert run("skip_odd", blocks(n), TPB, out, a, 5).findings == []
    np.testing.assert_allclose(out, a[:, ::2].sum(axis=1))


@pytest.mark.parametrize("n", SIZES)
def test_while_runs_as_long_as_a_lane_wants(run, n):
    a, out = np.arange(1, n + 1), np.zeros(n, np.int64)
    trace = run("collatz", blocks(n), TPB, out, a, n)
    assert trace.findings == []
    assert out.tolist() == [collatz(x) for x in a.tolist()]
    assert trace.divergent_branches > 0


@pytest.mark.parametrize("n", SIZES)
def test_a_range_for_each_lane(run, rng, n):
    a, counts = rng.random((n, 6)), rng.integers(0, 6, n)
    out = np.zeros(n)
    trace = run("ragged", blocks(n), TPB, out, a, counts)
    assert trace.findings == []
    np.testing.assert_allclose(out, [row[:k].sum() for row, k in zip(a, counts, strict=True)])
    assert trace.counters["a"].reads == counts.sum()


def test_shift_with_barriers(run, rng):
    a, out = rng.random(TPB), np.zeros(TPB)
    assert run("shift", 1, TPB, out, a, TPB).findings == []
    np.testing.assert_allclose(out, a + np.concatenate(([0], a[:-1])))


@pytest.mark.parametrize("n", SIZES)
def test_atomics(run, n):
    a = np.arange(1.0, n + 1)
    total, ends = np.zeros(1), np.array([-np.inf, np.inf])
    assert run("atomic_sum", blocks(n), TPB, total, a, n).findings == []
    assert run("extremes", blocks(n), TPB, ends, a, n).findings == []
    assert total[0] == n * (n + 1) / 2
    assert ends.tolist() == [n, 1]


@pytest.mark.parametrize("n", SIZES)
def test_atomics_return_what_was_there(run, rng, n):
    out, counter = np.zeros(n, np.int64), np.zeros(1, np.int64)
    run("tickets", blocks(n), TPB, out, counter, n)
    assert out.tolist() == [1] * n
    counts, a = np.zeros(4, np.int64), rng.integers(0, 4, n)
    assert run("histogram", blocks(n), TPB, counts, a, n).findings == []
    assert counts.tolist() == np.bincount(a, minlength=4).tolist()


@pytest.mark.parametrize("n", [4, 32, 44])
def test_local_memory(run, rng, n):
    a, out = rng.random(n), np.zeros(n)
    trace = run("private", blocks(n // 4), TPB, out, a, n)
    assert trace.findings == []
    assert np.array_equal(out, a.reshape(-1, 4)[:, ::-1].reshape(-1))
    assert (trace.counters["mine"].reads, trace.counters["mine"].requests) == (n, 0)


@pytest.mark.parametrize("name", ["naive_rows", "naive_columns", "tiled_rows", "tiled_columns"])
@pytest.mark.parametrize("n", [1, 7, 8, 9, 29])
def test_products(run, rng, name, n):
    a, b = rng.random((n, n), np.float32), rng.random((n, n), np.float32)
    out = np.zeros((n, n), np.float32)
    assert run(name, (blocks(n), blocks(n)), (TPB, TPB), out, a, b, n).findings == []
    np.testing.assert_allclose(out, a @ b, rtol=1e-5)


@pytest.mark.parametrize("name", ["wide_rows", "wide_columns"])
@pytest.mark.parametrize("n", [31, 33])
def test_wide_products(run, rng, name, n):
    a, b = rng.random((n, n), np.float32), rng.random((n, n), np.float32)
    out = np.zeros((n, n), np.float32)
    assert run(name, (2, 2), (32, 32), out, a, b, n).findings == []
    np.testing.assert_allclose(out, a @ b, rtol=1e-5)


@pytest.mark.parametrize("name", ["transpose_conflicts", "transpose_padded", "column_copy"])
def test_moves(run, rng, name):
    a = rng.random((32, 32), np.float32)
    out = np.zeros_like(a)
    assert run(name, 1, (32, 32), out, a).findings == []
    assert np.array_equal(out, a if name == "column_copy" else a.T)


def layout(shape):
    array = np.zeros(shape)
    return np.array(shape), np.array(array.strides) // 8


@pytest.mark.parametrize(
    ("fn", "values"),
    [("square", np.square), ("negate", np.negative), ("halve", lambda a: a / 2)],
)
@pytest.mark.parametrize("shape", [(1,), (3, 5), (2, 3, 4)])
def test_a_factorys_map_broadcasts(run, rng, fn, values, shape):
    small = (1, *shape[1:])
    a, out = rng.random(math.prod(small)), np.zeros(math.prod(shape))
    trace = run(
        f"tensor_map(factories.py:{fn})._map",
        blocks(out.size), TPB, out, *layout(shape), out.size, a, *layout(small),
    )  # fmt: skip
    assert trace.findings == []
    assert np.array_equal(out.reshape(shape), np.broadcast_to(values(a).reshape(small), shape))


@pytest.mark.parametrize("shape", [(1,), (3, 5), (2, 3, 4)])
def test_a_factorys_zip(run, rng, shape):
    a, b = rng.random(math.prod(shape)), rng.random(shape[-1])
    out = np.zeros(math.prod(shape))
    trace = run(
        "tensor_zip(factories.py:add)._zip", blocks(out.size), TPB, out, *layout(shape), out.size,
        a, *layout(shape), b, *layout(shape[-1:]),
    )  # fmt: skip
    assert trace.findings == []
    assert np.array_equal(out.reshape(shape), a.reshape(shape) + b)


@pytest.mark.parametrize("shape", [(1, 1), (3, 8), (5, 7), (2, 3)])
def test_a_factorys_reduce(run, rng, shape):
    a, out = rng.random(shape), np.zeros(shape[0])
    out_shape, out_strides = layout((shape[0], 1))
    trace = run(
        "tensor_reduce(factories.py:add,0.0)._reduce", shape[0], TPB, out, out_shape, out_strides,
        out.size, a.reshape(-1), *layout(shape), 1,
    )  # fmt: skip
    assert trace.findings == []
    np.testing.assert_allclose(out, a.sum(axis=1))
