"""Kernels that are made when they are first needed, and kept; helpers stay functions.

The product turns its right matrices first, so that all numbers are read one after the other.
"""

from functools import lru_cache
from typing import Any, Callable, Optional

import numba
import numpy as np
from numba import prange

from .tensor_data import shape_broadcast
from .tensor_ops import MapProto, TensorOps


@lru_cache(maxsize=None)
def njit(fn: Any, **kwargs: Any) -> Any:
    """Compile each function once, also if it is asked for at every call."""
    return numba.njit(**kwargs)(fn)


@njit
def position(ordinal: int, out_shape: Any, shape: Any, strides: Any) -> int:
    """Return where the element lies that is broadcast to a place of an output."""
    ordinal, found = np.int64(ordinal), 0  # loops through prange count unsigned
    left = len(out_shape) - len(shape)
    for dim in range(len(out_shape) - 1, -1, -1):
        i = ordinal % out_shape[dim]
        ordinal = ordinal // out_shape[dim]
        if dim >= left and shape[dim - left] > 1:
            found += i * strides[dim - left]
    return found


@njit
def product(row: Any, column: Any) -> float:
    """Return the sum of products of two vectors."""
    total = 0.0
    for i in range(len(row)):
        total += row[i] * column[i]
    return total


class FastOps(TensorOps):
    """Operations that look their kernel up at each call."""

    @staticmethod
    def map(fn: Callable[[float], float]) -> MapProto:
        """See `tensor_ops.py`."""

        def ret(a: Any, out: Optional[Any] = None) -> Any:
            if out is None:
                out = a.zeros(a.shape)
            tensor_map(njit(fn))(*out.tuple(), *a.tuple())
            return out

        return ret

    @staticmethod
    def zip(fn: Callable[[float, float], float]) -> Callable[[Any, Any], Any]:
        """See `tensor_ops.py`."""
        kept: Any = None

        def ret(a: Any, b: Any) -> Any:
            nonlocal kept
            if kept is None:
                kept = tensor_zip(njit(fn))
            out = a.zeros(shape_broadcast(a.shape, b.shape))
            kept(*out.tuple(), *a.tuple(), *b.tuple())
            return out

        return ret

    @staticmethod
    def reduce(
        fn: Callable[[float, float], float], start: float = 0.0
    ) -> Callable[[Any, int], Any]:
        """See `tensor_ops.py`."""
        return Reduction(fn, start)

    @staticmethod
    def matrix_multiply(a: Any, b: Any) -> Any:
        """Multiply matrices, in batches that are broadcast."""
        of_a, of_b = a.shape[:-2] or (1,), b.shape[:-2] or (1,)
        shape = (*shape_broadcast(of_a, of_b), a.shape[-2], b.shape[-1])
        is_flat = len(a.shape) == len(b.shape) == 2
        a = a.contiguous().view(*of_a, *a.shape[-2:])
        b = b.contiguous().view(*of_b, *b.shape[-2:])
        assert a.shape[-1] == b.shape[-2]
        out = a.zeros(shape)
        tensor_matrix_multiply(*out.tuple(), *a.tuple(), *b.tuple())
        return out.view(*shape[1:]) if is_flat else out


class Reduction:
    """A reduction, which has its kernel made with it."""

    def __init__(self, fn: Callable[[float, float], float], start: float) -> None:
        self.kernel = tensor_reduce(njit(fn))
        self.start = start

    def __call__(self, a: Any, dim: int) -> Any:
        """Fold one dimension."""
        out = a.zeros(tuple(1 if i == dim else side for i, side in enumerate(a.shape)))
        out._tensor._storage[:] = self.start
        self.kernel(*out.tuple(), *a.tuple(), dim)
        return out


@lru_cache(maxsize=None)
def tensor_map(fn: Any) -> Any:
    """Return a compiled loop over one tensor."""

    def _map(
        out: Any, out_shape: Any, out_strides: Any, in_storage: Any, in_shape: Any, in_strides: Any
    ) -> None:
        for i in prange(len(out)):
            o = position(i, out_shape, out_shape, out_strides)
            out[o] = fn(in_storage[position(i, out_shape, in_shape, in_strides)])

    return njit(_map, parallel=True)


def tensor_zip(fn: Any) -> Any:
    """Return a compiled loop over two tensors."""

    def _zip(
        out: Any, out_shape: Any, out_strides: Any,
        a_storage: Any, a_shape: Any, a_strides: Any,
        b_storage: Any, b_shape: Any, b_strides: Any,
    ) -> None:  # fmt: skip
        for i in prange(len(out)):
            a = a_storage[position(i, out_shape, a_shape, a_strides)]
            b = b_storage[position(i, out_shape, b_shape, b_strides)]
            out[position(i, out_shape, out_shape, out_strides)] = fn(a, b)

    return njit(_zip, parallel=True)


def tensor_reduce(fn: Any) -> Any:
    """Return a compiled loop that folds one dimension."""

    def _reduce(
        out: Any, out_shape: Any, out_strides: Any,
        a_storage: Any, a_shape: Any, a_strides: Any, reduce_dim: int,
    ) -> None:  # fmt: skip
        for i in prange(len(out)):
            o = position(i, out_shape, out_shape, out_strides)
            first = position(i, out_shape, out_shape, a_strides)
            total = out[o]
            for j in range(a_shape[reduce_dim]):
                total = fn(total, a_storage[first + j * a_strides[reduce_dim]])
            out[o] = total

    return njit(_reduce, parallel=True)


def _tensor_matrix_multiply(
    out: Any, out_shape: Any, out_strides: Any,
    a_storage: Any, a_shape: Any, a_strides: Any,
    b_storage: Any, b_shape: Any, b_strides: Any,
) -> None:  # fmt: skip
    a_batch_stride = a_strides[0] if a_shape[0] > 1 else 0
    b_batch_stride = b_strides[0] if b_shape[0] > 1 else 0
    batches, size, columns = b_shape[0], b_shape[1], b_shape[2]
    turned = np.empty((batches, columns, size))
    for place in prange(batches * columns * size):
        line, k = divmod(np.int64(place), size)
        n, j = line // columns, line % columns
        turned[n, j, k] = b_storage[n * b_batch_stride + k * b_strides[1] + j * b_strides[2]]
    for n in prange(out_shape[0]):
        for i in range(out_shape[1]):
            a = a_storage[n * a_batch_stride + i * a_strides[1] :: a_strides[2]][:size]
            for j in range(out_shape[2]):
                o = n * out_strides[0] + i * out_strides[1] + j * out_strides[2]
                out[o] = product(a, turned[min(np.int64(n), batches - 1), j])


tensor_matrix_multiply = njit(_tensor_matrix_multiply, parallel=True)
