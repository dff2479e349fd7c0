"""Task 4.3: shrink images by averages.

Write ``tile`` and ``avgpool2d`` in ``minitorch/nn.py``. A kernel of (height, width)
cuts images of shape (batch, channel, height, width) into tiles; ``tile`` puts the numbers
of each tile side by side in a dimension of their own, and ``avgpool2d`` takes their mean.

Kernels that are not square tell height from width, and images that lie in memory in another
order show who forgets ``contiguous()``. Left open: the order of numbers within a tile. In
some years the course's own ``View.backward`` forgets strides; here it gets derivatives in
plain order, so that nobody pays for that.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrade import Minitorch, Task, property_check
from minigrade.probing import gradient, mend_views, tensor, values

from .oracles import IMAGES, all_forwards, forwards, images, tiled, untiled

TASK = Task(
    "4.3",
    title="Pooling",
    points=10,
    hidden_points=3,
    files=("minitorch/nn.py",),
    link="https://minitorch.github.io/module4/pooling/",
)


def expect_tiles(a: np.ndarray, kernel: list[int], **_: Any) -> dict[str, Any]:
    """Return the numbers of each tile in their order of size, and how many tiles there are."""
    tiles = tiled(a, kernel)
    return {"sorted tiles": np.sort(tiles, -1), "sides": list(tiles.shape[2:4]), "input": a}


@property_check(
    cases=forwards(images()),
    examples=all_forwards(IMAGES),
    expect=expect_tiles,
    count=60,
    weight=3,
    jit=False,
)
def cuts_into_tiles(mt: Minitorch, a: np.ndarray, a_order: list[int], kernel: list[int]) -> Any:
    """`tile` gives the numbers of each tile side by side, and how many tiles there are."""
    given = tensor(mt, a, a_order)
    tiles, rows, columns = mt.nn.tile(given, tuple(kernel))
    found = np.sort(values(tiles), -1)
    return {"sorted tiles": found, "sides": [rows, columns], "input": values(given)}


@property_check(
    cases=forwards(images()),
    examples=all_forwards(IMAGES),
    expect=lambda a, kernel, **_: {"means": tiled(a, kernel).mean(-1), "input": a},
    count=60,
    weight=4,
    jit=False,
)
def averages_tiles(mt: Minitorch, a: np.ndarray, a_order: list[int], kernel: list[int]) -> Any:
    """`avgpool2d` gives the mean of each tile."""
    given = tensor(mt, a, a_order)
    pooled = mt.nn.avgpool2d(given, tuple(kernel))
    return {"means": values(pooled), "input": values(given)}


def share(d: np.ndarray, kernel: list[int]) -> np.ndarray:
    """Return what each number of an image gets of the derivatives of the means."""
    count = kernel[0] * kernel[1]
    return untiled(np.repeat(d[..., None] / count, count, -1), kernel)


@property_check(
    cases=images(),
    examples=IMAGES,
    expect=lambda a, d, kernel, **_: {"grad": share(d, kernel), "input": a},
    count=40,
    weight=3,
    jit=False,
)
def shares_derivatives_of_averages(
    mt: Minitorch, a: np.ndarray, a_order: list[int], kernel: list[int], d: np.ndarray
) -> Any:
    """Each number gets its share of the derivative of its own tile's mean."""
    mend_views(mt)
    given = tensor(mt, a, a_order)
    mt.nn.avgpool2d(given, tuple(kernel)).backward(tensor(mt, d, constant=True))
    return {"grad": gradient(given), "input": values(given)}
