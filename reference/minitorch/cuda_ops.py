"""The operations of `tensor_ops` on a GPU.

A kernel is the work of one *thread*. A launch starts a *grid* of blocks, of up to
1,024 threads each. The threads of a block share some fast memory, and can wait for
each other; those of different blocks can do neither.

::

    kernel[3, 8](out, a, n)      blockIdx.x       0          1          2
                                              ┌────────┐ ┌────────┐ ┌────────┐
                                 threadIdx.x  │01234567│ │01234567│ │01234567│
                                              └────────┘ └────────┘ └────────┘
                                 cuda.grid(1)  0 ..... 7  8 .... 15  16 ... 23

Threads run in *warps* of 32, which are fast when neighbours want neighbours: 32
numbers that lie side by side come from memory in one go, 32 scattered ones in 32.

Source: https://minitorch.github.io/module3/cuda/
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from numba import cuda, int64

from . import operators
from .cuda_index import broadcast_index as broadcast_index
from .cuda_index import divide
from .cuda_index import index_to_position as index_to_position
from .cuda_index import to_index as to_index
from .cuda_launch import (
    arguments,
    device_jit,
    elementwise_launch,
    elementwise_layouts,
    empty,
    jit,
    need_device,
)
from .cuda_matmul import _tensor_matrix_multiply as _tensor_matrix_multiply
from .cuda_matmul import as_matrices, multiply
from .cuda_practice import _mm_practice as _mm_practice
from .cuda_practice import _sum_practice as _sum_practice
from .cuda_practice import mm_practice, sum_practice
from .cuda_reduce import reduce_launch, tensor_reduce
from .shapes import check_dim, check_map_shape, matmul_shape, zip_shape
from .tensor_data import Shape, Storage, Strides, UserShape
from .tensor_ops import MapProto, TensorOps

if TYPE_CHECKING:
    from .tensor import Tensor

__all__ = ["CudaOps", "mm_practice", "sum_practice"]


class CudaOps(TensorOps):
    """Kernels on a GPU. They are compiled when they are first used."""

    cuda = True

    @staticmethod
    def map(fn: Callable[[float], float]) -> MapProto:
        """Turn a function of a number into one of a tensor."""
        kernel = tensor_map(device_jit(fn))

        def ret(a: Tensor, out: Tensor | None = None) -> Tensor:
            need_device()
            if out is None:
                out = empty(a, a.shape)
            else:
                check_map_shape(fn.__name__, a.shape, out.shape)
            if out.size:
                shape, (to, by) = elementwise_layouts(out._tensor, a._tensor)
                grid, block = elementwise_launch(out.size)
                kernel[grid, block](
                    out._tensor._storage, shape, to, out.size, a._tensor._storage, shape, by
                )
            return out

        return ret

    @staticmethod
    def zip(fn: Callable[[float, float], float]) -> Callable[[Tensor, Tensor], Tensor]:
        """Turn a function of two numbers into one of two tensors, which are broadcast."""
        kernel = tensor_zip(device_jit(fn))

        def ret(a: Tensor, b: Tensor) -> Tensor:
            need_device()
            out = empty(a, zip_shape(fn.__name__, a.shape, b.shape))
            if out.size:
                left, right = a._tensor, b._tensor
                shape, (to, by_a, by_b) = elementwise_layouts(out._tensor, left, right)
                grid, block = elementwise_launch(out.size)
                kernel[grid, block](
                    out._tensor._storage, shape, to, out.size,
                    left._storage, shape, by_a, right._storage, shape, by_b,
                )  # fmt: skip
            return out

        return ret

    @staticmethod
    def reduce(
        fn: Callable[[float, float], float], start: float = 0.0
    ) -> Callable[[Tensor, int], Tensor]:
        """Turn a function of two numbers into one that folds a dimension of a tensor."""
        kernel = tensor_reduce(device_jit(fn))

        def fold(a: Tensor, dim: int) -> Tensor:
            grid, block, parts = reduce_launch(a.shape, dim, is_last=a._tensor.strides[dim] == 1)
            out = empty(a, (*a.shape[:dim], parts, *a.shape[dim + 1 :]))
            if out.size:
                kernel[grid, block](*arguments(out), out.size, *arguments(a), dim, float(start))
            return out if parts == 1 else fold(out, dim)

        def ret(a: Tensor, dim: int) -> Tensor:
            need_device()
            check_dim(fn.__name__, a.shape, dim)
            return fold(a, dim)

        return ret

    @staticmethod
    def matrix_multiply(a: Tensor, b: Tensor) -> Tensor:
        """Multiply the matrices in the last two dimensions; those before are broadcast."""
        need_device()
        out = empty(a, matmul_shape(a.shape, b.shape))
        if out.size:
            batch = out.shape[:-2]
            matrices = (out, repeated(a, batch), repeated(b, batch))
            multiply(*(as_matrices(t._tensor) for t in matrices))
        return out


# SOLUTION 3.3
@device_jit
def same_layout(
    out_shape: Shape, out_strides: Strides, out_size: int, in_shape: Shape, in_strides: Strides
) -> bool:
    """Tell whether two tensors lie in memory alike, and without gaps."""
    if len(out_shape) != len(in_shape):
        return False
    last = 0
    for d in range(len(out_shape)):
        if out_shape[d] != in_shape[d] or out_strides[d] != in_strides[d]:
            return False
        last += (out_shape[d] - 1) * out_strides[d]
    return last == out_size - 1


@device_jit
def stride_along(d: int, dims: int, shape: Shape, strides: Strides) -> int:
    """Return how far a tensor moves along dimension `d` of an output that has `dims` ones.

    It stays where it is along a dimension that it lacks, or that is repeated.
    """
    own = d - (dims - len(shape))
    if own < 0 or shape[own] == 1:
        return 0
    stride: int = strides[own]
    return stride


# END SOLUTION


def tensor_map(fn: Any) -> Any:
    """Return a kernel that applies a function of a number to each element of a tensor.

    It is right for any number of blocks and threads: each thread takes the elements
    ``i``, ``i + all threads``, ``i + 2 * all threads``, … so that neighbours always
    touch neighbours.

    Args:
        fn: the function, compiled by `device_jit`.

    Returns:
        A kernel of the output's storage, shape, strides and size, and of the input's
        storage, shape and strides. The input's shape broadcasts to the output's.
    """

    def _map(
        out: Storage,
        out_shape: Shape,
        out_strides: Strides,
        out_size: int,
        in_storage: Storage,
        in_shape: Shape,
        in_strides: Strides,
    ) -> None:
        first, step = cuda.grid(1), cuda.gridsize(1)
        # SOLUTION 3.3
        if same_layout(out_shape, out_strides, out_size, in_shape, in_strides):
            i = first
            # Memory takes its time to answer, so four numbers are asked for at a time.
            while i + 3 * step < out_size:
                w, x = in_storage[i], in_storage[i + step]
                y, z = in_storage[i + 2 * step], in_storage[i + 3 * step]
                out[i], out[i + step] = fn(w), fn(x)
                out[i + 2 * step], out[i + 3 * step] = fn(y), fn(z)
                i += 4 * step
            for j in range(i, out_size, step):
                out[j] = fn(in_storage[j])
            return
        dims = len(out_shape)
        for i in range(first, out_size, step):
            # The index is taken apart from its last number on, and used up at once:
            # an array to keep it in would be in slow memory.
            rest, to, at = int64(i), int64(0), int64(0)
            for d in range(dims - 1, -1, -1):
                rest, number = divide(rest, out_shape[d])
                to += number * out_strides[d]
                at += number * stride_along(d, dims, in_shape, in_strides)
            out[to] = fn(in_storage[at])
        # END SOLUTION

    return jit(_map)


def tensor_zip(fn: Any) -> Any:
    """Return a kernel that applies a function to each pair of elements of two tensors.

    Args:
        fn: a function of two numbers, compiled by `device_jit`.

    Returns:
        A kernel of the output's storage, shape, strides and size, and of storage, shape
        and strides of both inputs, whose shapes broadcast to the output's. Like that of
        `tensor_map` it is right for any number of blocks and threads.
    """

    def _zip(
        out: Storage,
        out_shape: Shape,
        out_strides: Strides,
        out_size: int,
        a_storage: Storage,
        a_shape: Shape,
        a_strides: Strides,
        b_storage: Storage,
        b_shape: Shape,
        b_strides: Strides,
    ) -> None:
        first, step = cuda.grid(1), cuda.gridsize(1)
        # SOLUTION 3.3
        if same_layout(out_shape, out_strides, out_size, a_shape, a_strides) and same_layout(
            out_shape, out_strides, out_size, b_shape, b_strides
        ):
            i = first
            while i + step < out_size:
                a, b = a_storage[i], b_storage[i]
                c, d = a_storage[i + step], b_storage[i + step]
                out[i], out[i + step] = fn(a, b), fn(c, d)
                i += 2 * step
            if i < out_size:
                out[i] = fn(a_storage[i], b_storage[i])
            return
        dims = len(out_shape)
        for i in range(first, out_size, step):
            rest, to, at_a, at_b = int64(i), int64(0), int64(0), int64(0)
            for d in range(dims - 1, -1, -1):
                rest, number = divide(rest, out_shape[d])
                to += number * out_strides[d]
                at_a += number * stride_along(d, dims, a_shape, a_strides)
                at_b += number * stride_along(d, dims, b_shape, b_strides)
            out[to] = fn(a_storage[at_a], b_storage[at_b])
        # END SOLUTION

    return jit(_zip)


_copy = CudaOps.map(operators.id)


def repeated(t: Tensor, batch: UserShape) -> Tensor:
    """Return a tensor of matrices that broadcasts to `batch` in a form that kernels read.

    They read one matrix or a row of them as they are; more dimensions are written out.
    """
    if len(batch) <= 1 or t.dims == 2:
        return t
    return _copy(t, empty(t, (*batch, *t.shape[-2:])))
