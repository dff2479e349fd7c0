"""Tensors of the submission's, laid out in memory as a probe wants, and read back: for probes.

Nothing here trusts how the submission reads its own tensors. Import it as
`minigrade.probing`.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np


def tensor(
    mt: ModuleType,
    array: np.ndarray,
    order: Sequence[int] = (),
    *,
    constant: bool = False,
    backend: Any = None,
) -> Any:
    """Return a Tensor of the submission's with the numbers of `array`.

    Args:
        mt: the submission.
        array: the numbers, in the shape of the tensor.
        order: how they lie in memory: the dimension that changes slowest comes first. As
            in `array` if left out.
        constant: make a constant, which gets no derivative, instead of a leaf.
        backend: whose operations the tensor uses; the simple one's if left out.
    """
    order = order or range(array.ndim)
    strides, step = [0] * array.ndim, 1
    for dim in reversed(order):
        strides[dim] = step
        step *= array.shape[dim]
    storage = np.array(np.transpose(array, order), np.float64, order="C").reshape(-1)
    backend = mt.SimpleBackend if backend is None else backend
    made = mt.Tensor.make(storage, tuple(array.shape), tuple(strides), backend=backend)
    if not constant:
        made.requires_grad_(True)
    return made


@functools.cache
def fast_backend(mt: ModuleType) -> Any:
    """Return the backend of the submission's `FastOps`, whose kernels are compiled once."""
    return mt.tensor_ops.TensorBackend(mt.fast_ops.FastOps)


def values(tensor: Any) -> np.ndarray:
    """Return the numbers of a Tensor, or of a TensorData, read by its own shape and strides.

    Raises:
        TypeError: it is something else, such as a plain float.
        IndexError: shape and strides reach beyond the storage.
    """
    data = getattr(tensor, "_tensor", tensor)
    if not all(hasattr(data, name) for name in ("_storage", "shape", "strides")):
        raise TypeError(f"expected a Tensor, got {tensor!r:.80}")
    return lie(data._storage, data.shape, data.strides)


def lie(
    storage: np.ndarray, shape: Sequence[int] | np.ndarray, strides: Sequence[int] | np.ndarray
) -> np.ndarray:
    """Return an array of what `storage` holds by a shape and strides, in numbers.

    Raises:
        IndexError: they reach beyond the storage.
    """
    sides, steps = [int(side) for side in shape], [int(step) for step in strides]
    if len(sides) != len(steps):
        raise IndexError(f"shape {sides} and strides {steps} are not of one length")
    last = sum((side - 1) * step for side, step in zip(sides, steps, strict=True))
    if 0 not in sides and not (0 <= last < len(storage) and min([0, *steps]) >= 0):
        raise IndexError(
            f"shape {sides} and strides {steps} reach beyond a storage of {len(storage)}"
        )
    flat = np.ascontiguousarray(storage, np.float64)
    steps_bytes = [step * flat.itemsize for step in steps]
    return np.lib.stride_tricks.as_strided(flat, sides, steps_bytes).copy()


def raw(
    storage: np.ndarray, shape: Sequence[int], strides: Sequence[int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what a loop such as ``tensor_map`` gets of a tensor."""
    return storage, np.array(shape, int), np.array(strides, int)


def unchanged(out: Any, *inputs: Any) -> list[list[Any]]:
    """Return what a loop leaves as it is: of its output shape and strides, its inputs whole.

    All are given as `raw` makes them.
    """
    layouts = [[shape.tolist(), strides.tolist()] for _, shape, strides in (out, *inputs)]
    return [layouts[0], *([one[0], *each] for one, each in zip(inputs, layouts[1:], strict=True))]


def gradient(tensor: Any) -> np.ndarray | None:
    """Return the derivative that a Tensor has got, in its own shape; None if it has none."""
    return None if tensor.grad is None else values(tensor.grad)


def slopes_or_zeros(tensor: Any) -> np.ndarray:
    """Return the derivative that a Tensor has got; zeros if none has reached it."""
    found = gradient(tensor)
    return np.zeros(tuple(tensor.shape)) if found is None else found


@functools.cache
def mend_views(mt: ModuleType) -> None:
    """Let ``View.backward`` of the submission get derivatives that lie in plain order.

    The course gives that function, and in some years it forgets strides: what comes
    through a ``permute`` arrives in the wrong places, and no student is to blame.
    """
    view = getattr(mt.tensor_functions, "View", None)
    if view is None:
        return
    backward = view.backward

    def in_plain_order(ctx: Any, grad_output: Any) -> Any:
        return backward(ctx, grad_output.contiguous())

    view.backward = staticmethod(in_plain_order)
