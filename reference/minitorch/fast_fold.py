"""The inner loops of reduce, and how its work is shared.

What is best depends on where the numbers lie that are folded into one:

* The last dimension, most often: they are neighbours. A run of them is folded in a local
  variable (`fold_run`).
* Another dimension: neighbours belong to different elements of the output. A line of
  results, in a small buffer, takes in a line of numbers at a time (`fold_lines`).
* The whole tensor, or few elements of the output: there is too little output to go
  round, so each thread folds a part of the numbers, and one folds what they found.

Source: https://minitorch.github.io/module3/parallel/
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from .tensor_data import Shape, Storage, Strides
from .tile_walk import (
    COLUMNS,
    OUT,
    ROWS,
    SERIAL_SIZE,
    SIZE,
    A,
    count_tiles,
    fair_shares,
    helper,
    joint_loops,
    plan_tiles,
    swap_loops,
    tile_at,
)

# SOLUTION 3.1
# How a reduction is shared. What stands in a share: its tiles, how much further on its
# output and its input start, and how many numbers it folds into one.
FIRST_TILE, LAST_TILE, OUT_SHIFT, IN_SHIFT, COUNT = 0, 1, 2, 3, 4

FOLD_TILE = 1024
"""How many elements of the output are reduced side by side."""


@helper
def plan_reduce(out_shape: Shape, out_strides: Strides, a_shape: Shape, a_strides: Strides) -> Any:
    """Return the plan for an output, and for the number where each element's fold starts."""
    loops = joint_loops(out_shape, out_strides, a_shape, a_strides, a_shape, a_strides)
    last = len(loops) - 1
    for d in range(last):
        if loops[d, A] == 1:
            swap_loops(loops, d, last)
    return plan_tiles(loops, max(1, FOLD_TILE // max(1, loops[last, SIZE])), FOLD_TILE)


@helper
def share_reduce(plan: Any, out_size: int, step: int, count: int, threads: int) -> Any:
    """Return a share for each thread: of the output, or of the numbers if that is small.

    So the whole tensor, which is one element of the output, is a work for all threads.
    """
    tiles = count_tiles(plan)
    is_split = 1 < threads <= count // 2 and tiles < 4 * threads
    if out_size * threads >= SERIAL_SIZE:
        is_split = False  # too many results for one thread to join
    bounds = fair_shares(count if is_split else tiles, threads)
    shares = np.zeros((threads, 5), np.int64)
    for i in range(threads):
        share = shares[i]
        if is_split:
            share[LAST_TILE] = tiles
            share[OUT_SHIFT] = i * out_size
            share[IN_SHIFT] = (bounds[i] + 1) * step
            share[COUNT] = bounds[i + 1] - bounds[i] - 1
        else:
            share[FIRST_TILE] = bounds[i]
            share[LAST_TILE] = bounds[i + 1]
            share[COUNT] = count
    return shares


@helper
def results_of(shares: Any, out: Any, a_storage: Any, plan: Any, step: int) -> Any:
    """Return where shares reduce to: `out`, or an output for each if the numbers were split.

    Nobody knows from which number `fn` leaves all others as they are. So the fold of a
    share starts from its first number, which stands in the result already.
    """
    if shares[-1, OUT_SHIFT] == 0:
        return out
    results = np.empty(len(shares) * len(out))
    row, column = plan[ROWS], plan[COLUMNS]
    for share in shares:
        for t in range(share[LAST_TILE]):
            rows, columns, o, a, _ = tile_at(plan, t)
            o += share[OUT_SHIFT]
            a += share[IN_SHIFT] - step
            for r in range(rows):
                for c in range(columns):
                    x = a_storage[a + r * row[A] + c * column[A]]
                    results[o + r * row[OUT] + c * column[OUT]] = x
    return results


# A sum in order waits for each addition before it starts the next. With `reassoc` LLVM may
# keep many sums side by side and add them up in the end.
fold_helper = partial(helper, fastmath={"reassoc", "nsz"})


@fold_helper
def fold_run(fn: Any, result: float, storage: Storage, at: int, step: int, count: int) -> Any:
    """Fold a run of numbers into one, in a local variable."""
    if step == 1:
        run = storage[at : at + count]
        for k in range(count):
            result = fn(result, run[k])
    else:
        for k in range(count):
            result = fn(result, storage[at + k * step])
    return result


@fold_helper
def fold_lines(fn: Any, results: Storage, storage: Storage, at: int, step: int, count: int) -> None:
    """Fold lines of neighbours, which start `step` apart, into a line of results."""
    for _ in range(count):
        line = storage[at : at + len(results)]
        for k in range(len(results)):
            results[k] = fn(results[k], line[k])
        at += step


@fold_helper
def fold_tiles(
    fn: Any, out: Storage, a_storage: Storage, plan: Any, step: int, share: Any
) -> None:  # fmt: skip
    """Reduce into the elements of some tiles. The numbers to fold are `step` apart."""
    row, column = plan[ROWS], plan[COLUMNS]
    results = np.empty(FOLD_TILE)
    count = share[COUNT]
    for t in range(share[FIRST_TILE], share[LAST_TILE]):
        rows, columns, o, a, _ = tile_at(plan, t)
        o += share[OUT_SHIFT]
        a += share[IN_SHIFT]
        for _ in range(rows):
            if column[A] == 1 and step != 1:
                for c in range(columns):
                    results[c] = out[o + c * column[OUT]]
                fold_lines(fn, results[:columns], a_storage, a, step, count)
                for c in range(columns):
                    out[o + c * column[OUT]] = results[c]
            else:
                for c in range(columns):
                    position = o + c * column[OUT]
                    start = a + c * column[A]
                    out[position] = fold_run(fn, out[position], a_storage, start, step, count)
            o += row[OUT]
            a += row[A]


# END SOLUTION
