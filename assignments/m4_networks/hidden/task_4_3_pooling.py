"""Task 4.3, hidden: larger kernels, and pooling in the middle of an expression."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrade import Minitorch, property_check
from minigrade.probing import gradient, mend_views, tensor, values

from ..oracles import IMAGES, all_forwards, forwards, image_case, images, tiled
from ..task_4_3_pooling import share

LARGE = (image_case(10, 3, [5, 3], [1, 3, 0, 2]), image_case(2, 12, [1, 6], [0, 1, 3, 2]))


@property_check(
    cases=forwards(images(120, 5)),
    examples=all_forwards(LARGE),
    expect=lambda a, kernel, **_: {
        "tiles": np.sort(tiled(a, kernel), -1),
        "means": tiled(a, kernel).mean(-1),
    },
    count=50,
    weight=2,
    jit=False,
)
def pools_with_large_kernels(
    mt: Minitorch, a: np.ndarray, a_order: list[int], kernel: list[int]
) -> Any:
    """`tile` and `avgpool2d` are right for kernels of up to five by five."""
    given = tensor(mt, a, a_order)
    tiles, _rows, _columns = mt.nn.tile(given, tuple(kernel))
    means = mt.nn.avgpool2d(given, tuple(kernel))
    return {"tiles": np.sort(values(tiles), -1), "means": values(means)}


def expect_turned(a: np.ndarray, kernel: list[int], d: np.ndarray, **_: Any) -> dict[str, Any]:
    """Return the means of the squares of images with height and width exchanged."""
    turned = (a * a).swapaxes(2, 3)
    back = share(d.swapaxes(2, 3), kernel[::-1]).swapaxes(2, 3)
    return {"means": tiled(turned, kernel[::-1]).mean(-1), "grad": back * 2 * a}


@property_check(
    cases=images(),
    examples=IMAGES,
    expect=expect_turned,
    count=40,
    weight=2,
    jit=False,
)
def pools_what_was_permuted(
    mt: Minitorch, a: np.ndarray, a_order: list[int], kernel: list[int], d: np.ndarray
) -> Any:
    """`avgpool2d` takes the result of a `permute`, and passes derivatives through it."""
    mend_views(mt)
    given = tensor(mt, a, a_order)
    turned = (given * given).permute(0, 1, 3, 2)
    pooled = mt.nn.avgpool2d(turned, (kernel[1], kernel[0]))
    pooled.backward(tensor(mt, d, constant=True).permute(0, 1, 3, 2))
    return {"means": values(pooled), "grad": gradient(given)}
