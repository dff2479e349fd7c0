"""No index buffers: positions are carried along; small work stays on one core."""

from typing import Any, Callable, Optional

import numpy as np
from numba import njit as _njit
from numba import prange

from .tensor_data import shape_broadcast
from .tensor_ops import MapProto, TensorOps


def njit(fn: Any, **kwargs: Any) -> Any:
    """Compile a function, whose callers take in its code."""
    return _njit(inline="always", **kwargs)(fn)


SMALL = 1_000


@_njit
def position(ordinal: int, shape: Any, own_shape: Any, strides: Any) -> int:
    """Return where element `ordinal` of a shape lies in a tensor that is broadcast to it."""
    found, ahead = 0, len(shape) - len(own_shape)
    rest = np.int64(ordinal)  # that of a parallel loop has no sign, and would give a float
    for d in range(len(shape) - 1, -1, -1):
        if d >= ahead and own_shape[d - ahead] > 1:
            found += rest % shape[d] * strides[d - ahead]
        rest //= shape[d]
    return found


class FastOps(TensorOps):
    """Operations compiled by numba."""

    @staticmethod
    def map(fn: Callable[[float], float]) -> MapProto:
        """See `tensor_ops.py`."""
        f = tensor_map(njit(fn))

        def ret(a: Any, out: Optional[Any] = None) -> Any:
            if out is None:
                out = a.zeros(a.shape)
            f(*out.tuple(), *a.tuple())
            return out

        return ret

    @staticmethod
    def zip(fn: Callable[[float, float], float]) -> Callable[[Any, Any], Any]:
        """See `tensor_ops.py`."""
        f = tensor_zip(njit(fn))

        def ret(a: Any, b: Any) -> Any:
            c_shape = shape_broadcast(a.shape, b.shape)
            out = a.zeros(c_shape)
            f(*out.tuple(), *a.tuple(), *b.tuple())
            return out

        return ret

    @staticmethod
    def reduce(
        fn: Callable[[float, float], float], start: float = 0.0
    ) -> Callable[[Any, int], Any]:
        """See `tensor_ops.py`."""
        f = tensor_reduce(njit(fn))

        def ret(a: Any, dim: int) -> Any:
            out_shape = list(a.shape)
            out_shape[dim] = 1
            out = a.zeros(tuple(out_shape))
            out._tensor._storage[:] = start
            f(*out.tuple(), *a.tuple(), dim)
            return out

        return ret

    @staticmethod
    def matrix_multiply(a: Any, b: Any) -> Any:
        """Multiply matrices, in batches that are broadcast."""
        both_2d = 0
        if len(a.shape) == 2:
            a = a.contiguous().view(1, a.shape[0], a.shape[1])
            both_2d += 1
        if len(b.shape) == 2:
            b = b.contiguous().view(1, b.shape[0], b.shape[1])
            both_2d += 1
        ls = list(shape_broadcast(a.shape[:-2], b.shape[:-2]))
        ls.append(a.shape[-2])
        ls.append(b.shape[-1])
        assert a.shape[-1] == b.shape[-2]
        out = a.zeros(tuple(ls))
        tensor_matrix_multiply(*out.tuple(), *a.tuple(), *b.tuple())
        if both_2d == 2:
            out = out.view(out.shape[1], out.shape[2])
        return out


def tensor_map(fn: Any) -> Any:
    """Return a compiled loop over one tensor."""

    def _map(
        out: Any, out_shape: Any, out_strides: Any, in_storage: Any, in_shape: Any, in_strides: Any
    ) -> None:
        if len(out) < SMALL:
            for i in range(len(out)):
                j = position(i, out_shape, in_shape, in_strides)
                out[position(i, out_shape, out_shape, out_strides)] = fn(in_storage[j])
        else:
            for i in prange(len(out)):
                j = position(i, out_shape, in_shape, in_strides)
                out[position(i, out_shape, out_shape, out_strides)] = fn(in_storage[j])

    return njit(_map, parallel=True)


def tensor_zip(fn: Any) -> Any:
    """Return a compiled loop over two tensors."""

    def _zip(
        out: Any, out_shape: Any, out_strides: Any,
        a_storage: Any, a_shape: Any, a_strides: Any,
        b_storage: Any, b_shape: Any, b_strides: Any,
    ) -> None:  # fmt: skip
        for i in prange(len(out)):
            j = position(i, out_shape, a_shape, a_strides)
            k = position(i, out_shape, b_shape, b_strides)
            out[position(i, out_shape, out_shape, out_strides)] = fn(a_storage[j], b_storage[k])

    return njit(_zip, parallel=True)


def tensor_reduce(fn: Any) -> Any:
    """Return a compiled loop that folds one dimension."""

    def _reduce(
        out: Any, out_shape: Any, out_strides: Any,
        a_storage: Any, a_shape: Any, a_strides: Any, reduce_dim: int,
    ) -> None:  # fmt: skip
        for i in prange(len(out)):
            o = position(i, out_shape, out_shape, out_strides)
            j = position(i, out_shape, out_shape, a_strides)
            total = out[o]
            for k in range(a_shape[reduce_dim]):
                total = fn(total, a_storage[j + k * a_strides[reduce_dim]])
            out[o] = total

    return njit(_reduce, parallel=True)


def _tensor_matrix_multiply(
    out: Any, out_shape: Any, out_strides: Any,
    a_storage: Any, a_shape: Any, a_strides: Any,
    b_storage: Any, b_shape: Any, b_strides: Any,
) -> None:  # fmt: skip
    a_batch_stride = a_strides[0] if a_shape[0] > 1 else 0
    b_batch_stride = b_strides[0] if b_shape[0] > 1 else 0
    rows = out_shape[0] * out_shape[1]
    for row in prange(rows):
        n, i = row // out_shape[1], row % out_shape[1]
        sums = np.zeros(out_shape[2])
        for k in range(a_shape[2]):
            factor = a_storage[n * a_batch_stride + i * a_strides[1] + k * a_strides[2]]
            first = n * b_batch_stride + k * b_strides[1]
            for j in range(out_shape[2]):
                sums[j] += factor * b_storage[first + j * b_strides[2]]
        for j in range(out_shape[2]):
            out[n * out_strides[0] + i * out_strides[1] + j * out_strides[2]] = sums[j]


tensor_matrix_multiply = njit(_tensor_matrix_multiply, parallel=True)
