"""Operations on whole tensors, compiled and shared among the cores: map, zip and reduce.

The kernels of Task 2.3 find out for each element where it lies, one element after the other.
These are compiled by Numba, and share the elements among the cores.

Source: https://minitorch.github.io/module3/parallel/
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numba
from numba import prange

from .cores import SERIAL_SIZE, WORTH_THREADS
from .fast_fold import fold_tiles, join_results, plan_reduce, results_of
from .fast_matmul import multiply_on_one_core, tensor_matrix_multiply
from .fast_runs import map_tiles, zip_tiles
from .layout import layout
from .shapes import check_dim, check_map_shape, matmul_shape, zip_shape
from .tensor_data import Shape, Storage, Strides, TensorData, UserShape
from .tensor_ops import Kernel, MapProto, TensorOps
from .tile_walk import U, plan_map, share_of, threads_for

if TYPE_CHECKING:
    from .tensor import Tensor

Fn = TypeVar("Fn", bound=Callable[..., Any])


def njit(fn: Fn, **options: Any) -> Fn:
    """Compile a function, once it is called, so that its callers take in its code."""
    compiled: Fn = numba.njit(inline="always", **options)(fn)
    return compiled


def tensor_map(fn: Callable[[float], float]) -> Kernel:
    """Return a compiled loop that applies a function of a number to each element of a tensor.

    Args:
        fn: the function, compiled with `njit`.

    Returns:
        A function like that of `tensor_ops.tensor_map`.
    """

    def _map(
        out: Storage,
        out_shape: Shape,
        out_strides: Strides,
        in_storage: Storage,
        in_shape: Shape,
        in_strides: Strides,
    ) -> None:
        # SOLUTION 3.1
        plan = plan_map(out_shape, out_strides, in_shape, in_strides, in_shape, in_strides)
        threads = threads_for(len(out))
        share = share_of(plan, threads)
        for i in prange(threads):
            map_tiles(fn, out, in_storage, plan, U(i), share)
        # END SOLUTION

    return njit(_map, parallel=True, error_model="numpy", no_cfunc_wrapper=True)


def tensor_zip(fn: Callable[[float, float], float]) -> Kernel:
    """Return a compiled loop that applies a function to each pair of elements of two tensors.

    Args:
        fn: a function of two numbers, compiled with `njit`.

    Returns:
        A function like that of `tensor_ops.tensor_zip`.
    """

    def _zip(
        out: Storage,
        out_shape: Shape,
        out_strides: Strides,
        a_storage: Storage,
        a_shape: Shape,
        a_strides: Strides,
        b_storage: Storage,
        b_shape: Shape,
        b_strides: Strides,
    ) -> None:
        # SOLUTION 3.1
        plan = plan_map(out_shape, out_strides, a_shape, a_strides, b_shape, b_strides)
        threads = threads_for(len(out))
        share = share_of(plan, threads)
        for i in prange(threads):
            zip_tiles(fn, out, a_storage, b_storage, plan, U(i), share)
        # END SOLUTION

    return njit(_zip, parallel=True, error_model="numpy", no_cfunc_wrapper=True)


def tensor_reduce(fn: Callable[[float, float], float]) -> Kernel:
    """Return a compiled loop that folds one dimension of a tensor.

    Args:
        fn: a function of two numbers, compiled with `njit`. The numbers are folded in
            any order, so it must be associative and commutative, as `add`, `mul` and
            `max` are. A sum differs from one in order by rounding errors, and is
            closer to the truth.

    Returns:
        A function like that of `tensor_ops.tensor_reduce`.
    """

    def _reduce(
        out: Storage,
        out_shape: Shape,
        out_strides: Strides,
        a_storage: Storage,
        a_shape: Shape,
        a_strides: Strides,
        reduce_dim: int,
    ) -> None:
        # SOLUTION 3.1
        step, count = U(a_strides[reduce_dim]), a_shape[reduce_dim]
        plan = plan_reduce(out_shape, out_strides, a_shape, a_strides)
        threads = threads_for(len(out) * count)
        results = results_of(out, out_shape, count, threads)
        for i in prange(threads):
            fold_tiles(fn, out, results, a_storage, plan, step, count, U(i), threads)
        if len(results) > len(out):
            join_results(fn, out, results)
        # END SOLUTION

    return njit(_reduce, parallel=True, error_model="numpy", no_cfunc_wrapper=True)


def on_one_core(kernel: Kernel) -> Kernel:
    """Return a kernel that does the same, but shares nothing: `prange` is `range` there.

    It has done with few numbers before another core has woken up, and it is compiled in
    half the time.
    """
    return njit(getattr(kernel, "py_func", kernel), error_model="numpy", no_cfunc_wrapper=True)


class FastOps(TensorOps):
    """Loops compiled by Numba. They share their work among the cores if there is enough."""

    @staticmethod
    def map(fn: Callable[[float], float]) -> MapProto:
        """Turn a function of a number into one of a tensor."""
        many = tensor_map(njit(fn))
        few = on_one_core(many)
        name = fn.__name__

        def ret(a: Tensor, out: Tensor | None = None) -> Tensor:
            if out is None:
                out = a.zeros(a.shape)
            else:
                check_map_shape(name, a.shape, out.shape)
            kernel = few if out.size < SERIAL_SIZE else many
            kernel(*out.tuple(), *a.tuple())
            return out

        return ret

    @staticmethod
    def zip(fn: Callable[[float, float], float]) -> Callable[[Tensor, Tensor], Tensor]:
        """Turn a function of two numbers into one of two tensors, which are broadcast."""
        many = tensor_zip(njit(fn))
        few = on_one_core(many)
        name = fn.__name__

        def ret(a: Tensor, b: Tensor) -> Tensor:
            shape = a.shape if a.shape == b.shape else zip_shape(name, a.shape, b.shape)
            out = a.zeros(shape)
            kernel = few if out.size < SERIAL_SIZE else many
            kernel(*out.tuple(), *a.tuple(), *b.tuple())
            return out

        return ret

    @staticmethod
    def reduce(
        fn: Callable[[float, float], float], start: float = 0.0
    ) -> Callable[[Tensor, int], Tensor]:
        """Turn a function of two numbers into one that folds a dimension of a tensor.

        Args:
            fn: a function that is associative and commutative: see `tensor_reduce`.
            start: what the fold starts from.

        Returns:
            A function of a tensor and of one of its dimensions.
        """
        many = tensor_reduce(njit(fn))
        few = on_one_core(many)
        name = fn.__name__

        def ret(a: Tensor, dim: int) -> Tensor:
            check_dim(name, a.shape, dim)
            out = a.zeros((*a.shape[:dim], 1, *a.shape[dim + 1 :]))
            if start != 0.0:
                out._tensor._storage[:] = start
            kernel = few if a.size < SERIAL_SIZE else many
            kernel(*out.tuple(), *a.tuple(), dim)
            return out

        return ret

    @staticmethod
    def matrix_multiply(a: Tensor, b: Tensor) -> Tensor:
        """Multiply the matrices in the last two dimensions; those before are broadcast."""
        shape = matmul_shape(a.shape, b.shape)
        out = a.zeros(shape)
        batch = shape[:-2]
        few = out.size * a.shape[-1] < WORTH_THREADS
        kernel = multiply_on_one_core if few else tensor_matrix_multiply
        kernel(
            *_as_batch(out, batch).tuple(),
            *_as_batch(a, batch).tuple(),
            *_as_batch(b, batch).tuple(),
        )
        return out


def _as_batch(tensor: Tensor, batch: UserShape) -> TensorData:
    """Return matrices in three dimensions, of which the first counts them.

    Args:
        tensor: one or more matrices.
        batch: the dimensions before those of the matrices, which `tensor` is broadcast to.
    """
    data = tensor._tensor
    if data.dims == 2:
        return TensorData(data._storage, (1, *data.shape), (data.size, *data.strides))
    if data.dims == 3 and len(batch) == 1:
        return data
    matrix = data.shape[-2:]
    if data.shape[:-2] != batch or not data.is_contiguous():
        data = tensor.f.id_map(tensor, tensor.zeros((*batch, *matrix)))._tensor
    return TensorData(data._storage, (layout(tuple(batch)).size, *matrix))
