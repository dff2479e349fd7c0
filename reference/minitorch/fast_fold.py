"""The inner loops of reduce, and how its work is shared.

What is best depends on where the numbers lie that are folded into one:

* The last dimension, most often: they are neighbours. A run of them is folded in a local
  variable.
* Another dimension: neighbours belong to different elements of the output. A line of
  results, in a small buffer, takes in a line of numbers at a time.
* The whole tensor, or few elements of the output: there is too little output to go
  round, so each thread folds a part of the numbers, and one folds what they found.

Source: https://minitorch.github.io/module3/parallel/
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from .cores import SERIAL_SIZE
from .tensor_data import Shape, Storage, Strides
from .tile_walk import (
    ONE,
    SIZE,
    ZERO,
    A,
    U,
    cut_loops,
    helper,
    inlined,
    joint_loops,
    part_of,
    share_of,
    steps_of,
    swap_loops,
    tile_at,
)

# SOLUTION 3.1
FOLD_TILE = 1024
"""How many elements of the output are reduced side by side."""


@helper
def plan_reduce(out_shape: Shape, out_strides: Strides, a_shape: Shape, a_strides: Strides) -> Any:
    """Return the plan for an output, and for the number where each element's fold starts."""
    loops = joint_loops(out_shape, out_strides, a_shape, a_strides, a_shape, a_strides)
    last = len(loops) - 1
    for d in range(last):
        if loops[d, A] == ONE:
            swap_loops(loops, d, last)
            break
    columns = U(FOLD_TILE)
    return cut_loops(loops, max(ONE, columns // max(ONE, loops[last, SIZE])), columns)


@helper
def copy_run(
    out: Storage, o: Any, out_step: Any, a_storage: Storage, a: Any, a_step: Any, size: Any
) -> None:
    """Copy a run of numbers."""
    for k in range(size):
        out[o + k * out_step] = a_storage[a + k * a_step]


@helper
def results_of(out: Storage, out_shape: Shape, count: int, threads: int) -> Any:
    """Return where to fold to: `out`, or an output for each thread if the numbers are split.

    They are if there are few results, so that one thread can join them, and no gaps in
    the output.
    """
    gaps = len(out)
    for size in out_shape:
        gaps //= size
    few = threads <= count // 2 and len(out) * threads < SERIAL_SIZE // 8
    return np.empty(threads * len(out)) if threads > 1 and few and gaps == 1 else out


@helper
def work_of(out: Storage, results: Storage, plan: Any, count: int, i: Any, threads: int) -> Any:
    """Return the work of thread i.

    Returns:
        The first tile, and the first one that is too many; how far on in the results its
        output begins; its first number; and how many numbers it folds.
    """
    if len(results) == len(out):
        first, end = part_of(plan, i, share_of(plan, threads))
        return first, end, ZERO, ZERO, U(count)
    begin, end = U(count) * i // U(threads), U(count) * (i + ONE) // U(threads)
    return ONE, U(len(plan)), i * U(len(out)), begin, end - begin


# A sum in order waits for each addition before it starts the next. With `reassoc` LLVM may
# keep many sums side by side and add them up in the end.
@partial(inlined, fastmath={"reassoc", "nsz"})
def fold_tiles(  # noqa: PLR0913, PLR0917 (all there is to know about a reduction)
    fn: Any, out: Storage, results: Storage, a_storage: Storage, plan: Any, step: Any,
    count: int, i: Any, threads: int,
) -> None:  # fmt: skip
    """Fold what is the share of thread i, into `out` or its part of `results`.

    Nobody knows from which number `fn` leaves all others as they are. So a fold into
    `results` starts from its first number, and one into `out` from what stands there.
    """
    t, end, shift, begin, turns = work_of(out, results, plan, count, i, threads)
    line = np.empty(FOLD_TILE)
    while t < end:
        row_out, row_a, _, out_step, a_step, _ = steps_of(plan)
        rows, columns, o, a, _ = tile_at(plan, t)
        for _ in range(rows):
            source, at_source, source_step = out, o, out_step
            at, left = a + begin * step, turns
            if len(results) > len(out):
                source, at_source, source_step = a_storage, at, a_step
                at, left = at + step, turns - ONE
            copy_run(line, ZERO, ONE, source, at_source, source_step, columns)
            if a_step == ONE and step != ONE:
                for _ in range(left):
                    for c in range(columns):
                        line[c] = fn(line[c], a_storage[at + c])
                    at += step
            else:
                for c in range(columns):
                    result = line[c]
                    for k in range(left):
                        result = fn(result, a_storage[at + k * step])
                    line[c] = result
                    at += a_step
            copy_run(results, shift + o, out_step, line, ZERO, ONE, columns)
            o += row_out
            a += row_a
        t += ONE


@inlined
def join_results(fn: Any, out: Storage, results: Storage) -> None:
    """Fold the results of all threads into the output."""
    size = U(len(out))
    for start in range(ZERO, U(len(results)), size):
        for k in range(size):
            out[k] = fn(out[k], results[start + k])


# END SOLUTION
