"""The figures of kernels' memory traffic that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

TPB = 8


def product(run, name, n, block):
    a, b = np.ones((2, n, n), np.float32)
    tiles = -(-n // block)
    return run(name, (tiles, tiles), (block, block), np.zeros((n, n), np.float32), a, b, n)


def reads_an_output(trace, n):
    return (trace.counters["a"].reads + trace.counters["b"].reads) / n**2


def test_a_naive_product_reads_2n_an_output_and_a_tiled_one_2n_over_tpb(run):
    n = 32
    assert reads_an_output(product(run, "naive_rows", n, TPB), n) == 2 * n
    assert reads_an_output(product(run, "naive_columns", n, TPB), n) == 2 * n
    for name in ("tiled_rows", "tiled_columns"):
        trace = product(run, name, n, TPB)
        assert reads_an_output(trace, n) == 2 * n / TPB
        assert trace.coverage["out"].once == n * n
        assert trace.counters["out"].writes == n * n
        assert trace.barriers == 2 * (n // TPB) * (n // TPB) ** 2


def test_sectors_of_small_tiles(run):
    """On paper, for n = 32 and blocks of 8 x 8, arrays that begin with a sector.

    A row is 128 bytes, 4 sectors of 8 elements. A warp is 32 threads in a row, x
    first: x from 0 to 7 and four neighbouring y, 4w to 4w + 3.

    *tiled_rows*: x counts rows. a[i, 8 tile + y], b[8 tile + x, j] and out[i, j]
    with j = 8 block + y each mean 8 rows, and in each row 4 neighbours from a
    multiple of 4: within one sector. So each request touches 8 sectors, never
    more. An early prototype gave 8.14 here; that cannot be for aligned arrays,
    and would not change with any base that is a multiple of 16 bytes.

    *tiled_columns*: x counts columns: 4 rows, in each 8 neighbours from a
    multiple of 8, one whole sector: 4 sectors.

    *naive_rows*: for each of 32 k, a[i, k] is 8 rows (8 sectors) and b[k, j] 4
    neighbours in one row (1); out is 8: (32 * 9 + 8) / 65 requests = 4.554.
    *naive_columns*: a[i, k] is 4 rows, b[k, j] one sector: (32 * 5 + 4) / 65 = 2.523.
    """
    figures = {
        name: product(run, name, 32, TPB).total("global").sectors_a_request
        for name in ("naive_rows", "naive_columns", "tiled_rows", "tiled_columns")
    }
    assert figures == {
        "naive_rows": pytest.approx((32 * 9 + 8) / 65),
        "naive_columns": pytest.approx((32 * 5 + 4) / 65),
        "tiled_rows": 8.0,
        "tiled_columns": 4.0,
    }


def test_each_request_of_a_small_tile_touches_as_many_sectors_as_rows(run):
    for name, rows_a_warp in (("tiled_rows", 8), ("tiled_columns", 4)):
        trace = product(run, name, 32, TPB)
        found = [each[key] for each in trace.lines.values() for key in each if key in "a b out"]
        assert len(found) == 3
        # 16 blocks of 2 warps; 4 tiles
        assert [each.requests for each in found] == [16 * 2 * 4, 16 * 2 * 4, 16 * 2]
        assert all(each.sectors == rows_a_warp * each.requests for each in found)


def test_wavefronts_of_small_tiles(run):
    rows = product(run, "tiled_rows", 32, TPB).total("shared")
    assert rows.wavefronts_a_request == pytest.approx(1.56, abs=0.01)
    assert rows.worst == 2
    columns = product(run, "tiled_columns", 32, TPB).total("shared")
    assert (columns.wavefronts_a_request, columns.worst) == (1.0, 1)


def test_the_mapping_of_x_decides_about_sectors_and_banks(run):
    n = 64
    rows, columns = (product(run, name, n, 32) for name in ("wide_rows", "wide_columns"))
    assert reads_an_output(rows, n) == reads_an_output(columns, n) == 4
    assert rows.total("global").sectors_a_request == 32
    assert columns.total("global").sectors_a_request == 4
    assert rows.total("shared").worst == 32
    assert rows.total("shared").wavefronts_a_request == pytest.approx(16.97, abs=0.01)
    assert columns.total("shared").worst == 1
    assert columns.total("shared").wavefronts_a_request == 1


def test_padding_a_tile_takes_its_bank_conflicts_away(run):
    a = np.zeros((32, 32), np.float32)
    plain = run("transpose_conflicts", 1, (32, 32), np.zeros_like(a), a).counters["tile"]
    padded = run("transpose_padded", 1, (32, 32), np.zeros_like(a), a).counters["tile"]
    assert (plain.worst, plain.wavefronts_a_request) == (32, 16.5)
    assert (padded.worst, padded.wavefronts_a_request) == (1, 1)


def test_columns_touch_a_sector_a_lane(run):
    a = np.zeros((32, 32), np.float32)
    trace = run("column_copy", 1, (32, 32), np.zeros_like(a), a)
    assert trace.counters["a"].sectors_a_request == 32


def test_strides_of_the_argument_count(run):
    a = np.zeros((64, 2), np.float32)[:, 0]
    trace = run("copy", 2, 32, np.zeros(64, np.float32), a, 64)
    assert trace.counters["a"].sectors_a_request == 8
    assert trace.counters["out"].sectors_a_request == 4


def test_doubles_take_two_wavefronts(run_text):
    text = """
def kernel(out):
    s = cuda.shared.array(64, numba.float64)
    t = cuda.threadIdx.x
    s[t] = 1.0
    out[t] = s[t]
"""
    trace = run_text(text, np.zeros(32), block=32)
    assert trace.counters["s"].wavefronts_a_request == 2
    assert (trace.counters["s"].conflicts, trace.counters["s"].worst) == (0, 1)
    assert trace.counters["out"].sectors_a_request == 8


@pytest.mark.parametrize(("dtype", "worst", "waves"), [("float64", 16, 32), ("float32", 32, 32)])
def test_a_column_conflicts(run_text, dtype, worst, waves):
    text = f"""
def kernel(out):
    s = cuda.shared.array((32, 32), numba.{dtype})
    t = cuda.threadIdx.x
    s[t, 0] = 1.0
"""
    counter = run_text(text, np.zeros(32), block=32).counters["s"]
    assert (counter.worst, counter.wavefronts) == (worst, waves)
    assert counter.conflicts == waves - (2 if dtype == "float64" else 1)


def test_figures_a_line(run, marked):
    trace = run("leaves_the_last", 1, TPB, np.zeros(8), np.zeros(8), 8)
    (place,) = trace.lines
    assert place[1] == marked("leaves_the_last")
    assert trace.lines[place]["a"].reads == 7
    assert trace.lines[place]["out"].writes == 7


def test_chosen_blocks_only(run):
    out = np.zeros(32)
    trace = run("copy", 4, TPB, out, np.ones(32), 32, blocks=[(0,), (3,)])
    assert trace.blocks == 2
    assert out.tolist() == [1] * 8 + [0] * 16 + [1] * 8
    assert trace.findings == []


def test_the_sum_of_the_lines_is_the_total(run):
    trace = product(run, "tiled_rows", 29, TPB)
    for name, counter in trace.counters.items():
        lines = [each[name] for each in trace.lines.values() if name in each]
        assert sum(line.reads for line in lines) == counter.reads
        assert sum(line.requests for line in lines) == counter.requests
        assert sum(line.sectors for line in lines) == counter.sectors
