"""Loops as the course draws them: index buffers of each iteration, one product at a time."""

from typing import Any, Callable, Optional

import numpy as np
from numba import njit as _njit
from numba import prange

from .tensor_data import MAX_DIMS, broadcast_index, index_to_position, shape_broadcast, to_index
from .tensor_ops import MapProto, TensorOps


def njit(fn: Any, **kwargs: Any) -> Any:
    """Compile a function, whose callers take in its code."""
    return _njit(inline="always", **kwargs)(fn)


to_index = njit(to_index)
index_to_position = njit(index_to_position)
broadcast_index = njit(broadcast_index)


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
        if (
            len(out_shape) == len(in_shape)
            and (out_shape == in_shape).all()
            and (out_strides == in_strides).all()
        ):
            for i in prange(len(out)):
                out[i] = fn(in_storage[i])
        else:
            for i in prange(len(out)):
                out_index = np.empty(MAX_DIMS, np.int32)
                in_index = np.empty(MAX_DIMS, np.int32)
                to_index(i, out_shape, out_index)
                broadcast_index(out_index, out_shape, in_shape, in_index)
                o = index_to_position(out_index, out_strides)
                j = index_to_position(in_index, in_strides)
                out[o] = fn(in_storage[j])

    return njit(_map, parallel=True)


def tensor_zip(fn: Any) -> Any:
    """Return a compiled loop over two tensors."""

    def _zip(
        out: Any, out_shape: Any, out_strides: Any,
        a_storage: Any, a_shape: Any, a_strides: Any,
        b_storage: Any, b_shape: Any, b_strides: Any,
    ) -> None:  # fmt: skip
        if (
            len(out_strides) == len(a_strides)
            and len(out_strides) == len(b_strides)
            and (out_shape == a_shape).all()
            and (out_shape == b_shape).all()
            and (out_strides == a_strides).all()
            and (out_strides == b_strides).all()
        ):
            for i in prange(len(out)):
                out[i] = fn(a_storage[i], b_storage[i])
        else:
            for i in prange(len(out)):
                out_index = np.empty(MAX_DIMS, np.int32)
                a_index = np.empty(MAX_DIMS, np.int32)
                b_index = np.empty(MAX_DIMS, np.int32)
                to_index(i, out_shape, out_index)
                broadcast_index(out_index, out_shape, a_shape, a_index)
                broadcast_index(out_index, out_shape, b_shape, b_index)
                o = index_to_position(out_index, out_strides)
                j = index_to_position(a_index, a_strides)
                k = index_to_position(b_index, b_strides)
                out[o] = fn(a_storage[j], b_storage[k])

    return njit(_zip, parallel=True)


def tensor_reduce(fn: Any) -> Any:
    """Return a compiled loop that folds one dimension."""

    def _reduce(
        out: Any, out_shape: Any, out_strides: Any,
        a_storage: Any, a_shape: Any, a_strides: Any, reduce_dim: int,
    ) -> None:  # fmt: skip
        for i in prange(len(out)):
            index = np.empty(MAX_DIMS, np.int32)
            to_index(i, out_shape, index)
            o = index_to_position(index, out_strides)
            j = index_to_position(index, a_strides)
            total = out[o]
            for _ in range(a_shape[reduce_dim]):
                total = fn(total, a_storage[j])
                j += a_strides[reduce_dim]
            out[o] = total

    return njit(_reduce, parallel=True)


def _tensor_matrix_multiply(
    out: Any, out_shape: Any, out_strides: Any,
    a_storage: Any, a_shape: Any, a_strides: Any,
    b_storage: Any, b_shape: Any, b_strides: Any,
) -> None:  # fmt: skip
    a_batch_stride = a_strides[0] if a_shape[0] > 1 else 0
    b_batch_stride = b_strides[0] if b_shape[0] > 1 else 0
    for n in prange(out_shape[0]):
        for i in range(out_shape[1]):
            for j in range(out_shape[2]):
                a_pos = n * a_batch_stride + i * a_strides[1]
                b_pos = n * b_batch_stride + j * b_strides[2]
                total = 0.0
                for _ in range(a_shape[2]):
                    total += a_storage[a_pos] * b_storage[b_pos]
                    a_pos += a_strides[2]
                    b_pos += b_strides[1]
                out[n * out_strides[0] + i * out_strides[1] + j * out_strides[2]] = total


tensor_matrix_multiply = njit(_tensor_matrix_multiply, parallel=True)
