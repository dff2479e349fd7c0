"""The layouts that kernels are asked first: plain, turned, broadcast, long and deep."""

from __future__ import annotations

import numpy as np

from minigrade import Case
from minigrade.authoring.kernels import plain

from ..m2_tensors.oracles import GRID
from ..m2_tensors.task_2_3_operations import STARTS

LONG = np.arange(210.0).reshape(70, 3) / 4  # a side beyond 64
DEEP = np.arange(48.0).reshape(2, 3, 2, 2, 2) / 4

MAPPED = (
    Case(a=plain(GRID), out=[[2, 3], [3, 1]]),
    Case(a=[np.arange(6.0), [2, 3], [1, 2]], out=[[2, 3], [3, 1]]),
    Case(a=[np.arange(6.0), [2, 3], [1, 2]], out=[[2, 3], [1, 2]]),
    Case(a=[np.arange(3.0), [3], [1]], out=[[2, 3], [1, 2]]),
    Case(a=plain(LONG), out=[[70, 3], [1, 70]]),
    Case(a=plain(DEEP), out=[[2, 3, 2, 2, 2], [1, 2, 6, 12, 24]]),
)

ZIPPED = (
    Case(a=plain(GRID), b=[np.arange(6.0), [2, 3], [1, 2]], out=[[2, 3], [3, 1]]),
    Case(a=[np.arange(6.0), [2, 3], [1, 2]], b=plain(GRID), out=[[2, 3], [1, 2]]),
    Case(a=plain(GRID), b=plain(GRID), out=[[2, 3], [1, 2]]),
    Case(a=[np.arange(2.0), [2, 1], [1, 1]], b=plain(GRID[0]), out=[[2, 3], [1, 2]]),
    Case(a=plain(LONG), b=plain(LONG[:, :1]), out=[[70, 3], [1, 70]]),
)

FOLDED = {
    name: (
        Case(a=plain(GRID), dim=0, out=[[1, 3], [3, 1]], start=start),
        Case(a=plain(GRID), dim=1, out=[[2, 1], [1, 1]], start=start),
        Case(a=[GRID.reshape(-1), [2, 3], [1, 2]], dim=1, out=[[2, 1], [1, 1]], start=start),
        Case(a=plain(LONG % 3 - 1.5), dim=0, out=[[1, 3], [3, 1]], start=start),
    )
    for name, start in (*STARTS.items(), ("add to 10", 10.0))
}

# So many numbers that it is worth sharing the work.
LARGE = (
    Case(shape=[3, 70, 500], order=[0, 1, 2]),
    Case(shape=[65, 1031], order=[1, 0]),
    Case(shape=[5, 70, 300], order=[2, 0, 1]),
)
