"""Operations on whole tensors: map, zip and reduce, from functions of numbers.

They come in several kinds, of which this is the simplest: loops in Python. What a
tensor can do is collected in a `TensorBackend`, so that the same tensor functions work
for all kinds.

Source: https://minitorch.github.io/module2/tensorops/
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from . import operators
from .shapes import check_dim, check_map_shape, matmul_shape, zip_shape
from .tensor_data import (
    Shape,
    Storage,
    Strides,
    broadcast_index,
    index_to_position,
    to_index,
)

if TYPE_CHECKING:
    from .tensor import Tensor

Kernel: TypeAlias = Callable[..., None]
"""A loop over storages, shapes and strides that writes to the first storage."""


class MapProto(Protocol):
    """What `TensorOps.map` returns."""

    def __call__(self, a: Tensor, out: Tensor | None = None, /) -> Tensor:
        """Apply the function to each element of `a`, which is broadcast into `out` if given."""


class TensorOps(ABC):
    """One way to compute with whole tensors. It has no instances.

    Attributes:
        cuda: whether the storages of its tensors are on a GPU.
    """

    cuda = False

    @staticmethod
    @abstractmethod
    def map(fn: Callable[[float], float]) -> MapProto:
        """Turn a function of a number into one of a tensor."""

    @staticmethod
    @abstractmethod
    def zip(fn: Callable[[float, float], float]) -> Callable[[Tensor, Tensor], Tensor]:
        """Turn a function of two numbers into one of two tensors, which are broadcast."""

    @staticmethod
    @abstractmethod
    def reduce(
        fn: Callable[[float, float], float], start: float = 0.0
    ) -> Callable[[Tensor, int], Tensor]:
        """Turn a function of two numbers into one that folds a dimension of a tensor.

        Args:
            fn: a function of two numbers.
            start: what the fold starts from.

        Returns:
            A function of a tensor and of one of its dimensions, which has size 1 in
            the result.
        """

    @staticmethod
    @abstractmethod
    def matrix_multiply(a: Tensor, b: Tensor) -> Tensor:
        """Multiply the matrices in the last two dimensions; those before are broadcast."""


class TensorBackend:
    """The operations that tensor functions are made of, all of one kind.

    Args:
        ops: which kind.
    """

    def __init__(self, ops: type[TensorOps]) -> None:
        self.ops = ops
        self.cuda = ops.cuda

        self.neg_map = ops.map(operators.neg)
        self.sigmoid_map = ops.map(operators.sigmoid)
        self.relu_map = ops.map(operators.relu)
        self.log_map = ops.map(operators.log)
        self.exp_map = ops.map(operators.exp)
        self.id_map = ops.map(operators.id)
        self.inv_map = ops.map(operators.inv)

        self.add_zip = ops.zip(operators.add)
        self.mul_zip = ops.zip(operators.mul)
        self.lt_zip = ops.zip(operators.lt)
        self.eq_zip = ops.zip(operators.eq)
        self.is_close_zip = ops.zip(operators.is_close)
        self.relu_back_zip = ops.zip(operators.relu_back)
        self.log_back_zip = ops.zip(operators.log_back)
        self.inv_back_zip = ops.zip(operators.inv_back)

        self.add_reduce = ops.reduce(operators.add, 0.0)
        self.mul_reduce = ops.reduce(operators.mul, 1.0)
        self.max_reduce = ops.reduce(operators.max, -math.inf)

        self.matrix_multiply = ops.matrix_multiply

    def __repr__(self) -> str:
        return f"TensorBackend({self.ops.__name__})"


class SimpleOps(TensorOps):
    """Loops in Python: slow, and plain to see."""

    @staticmethod
    def map(fn: Callable[[float], float]) -> MapProto:
        """Turn a function of a number into one of a tensor."""
        kernel = tensor_map(fn)

        def ret(a: Tensor, out: Tensor | None = None) -> Tensor:
            if out is None:
                out = a.zeros(a.shape)
            else:
                check_map_shape(fn.__name__, a.shape, out.shape)
            kernel(*out.tuple(), *a.tuple())
            return out

        return ret

    @staticmethod
    def zip(fn: Callable[[float, float], float]) -> Callable[[Tensor, Tensor], Tensor]:
        """Turn a function of two numbers into one of two tensors, which are broadcast."""
        kernel = tensor_zip(fn)

        def ret(a: Tensor, b: Tensor) -> Tensor:
            shape = a.shape if a.shape == b.shape else zip_shape(fn.__name__, a.shape, b.shape)
            out = a.zeros(shape)
            kernel(*out.tuple(), *a.tuple(), *b.tuple())
            return out

        return ret

    @staticmethod
    def reduce(
        fn: Callable[[float, float], float], start: float = 0.0
    ) -> Callable[[Tensor, int], Tensor]:
        """Turn a function of two numbers into one that folds a dimension of a tensor."""
        kernel = tensor_reduce(fn)

        def ret(a: Tensor, dim: int) -> Tensor:
            check_dim(fn.__name__, a.shape, dim)
            out = a.zeros((*a.shape[:dim], 1, *a.shape[dim + 1 :]))
            out._tensor._storage[:] = start
            kernel(*out.tuple(), *a.tuple(), dim)
            return out

        return ret

    @staticmethod
    def matrix_multiply(a: Tensor, b: Tensor) -> Tensor:
        """Multiply the matrices in the last two dimensions: all products, then their sums."""
        shape = matmul_shape(a.shape, b.shape)
        a, b = a.detach().contiguous(), b.detach().contiguous()
        rows = a.view(*a.shape, 1)
        columns = b.view(*b.shape[:-2], 1, *b.shape[-2:])
        products = SimpleOps.zip(operators.mul)(rows, columns)
        return SimpleOps.reduce(operators.add)(products, products.dims - 2).view(*shape)


def tensor_map(fn: Callable[[float], float]) -> Kernel:
    """Return a loop that applies a function of a number to each element of a tensor.

    Args:
        fn: the function.

    Returns:
        A function of the output's storage, shape and strides, and of the input's. The
        input's shape broadcasts to the output's. Neither needs to be contiguous.
    """

    def _map(
        out: Storage,
        out_shape: Shape,
        out_strides: Strides,
        in_storage: Storage,
        in_shape: Shape,
        in_strides: Strides,
    ) -> None:
        # SOLUTION 2.3
        out_index: Any = [0] * len(out_shape)
        in_index: Any = [0] * len(in_shape)
        for ordinal in range(int(operators.prod(out_shape))):
            to_index(ordinal, out_shape, out_index)
            broadcast_index(out_index, out_shape, in_shape, in_index)
            x = in_storage[index_to_position(in_index, in_strides)]
            out[index_to_position(out_index, out_strides)] = fn(x)
        # END SOLUTION

    return _map


def tensor_zip(fn: Callable[[float, float], float]) -> Kernel:
    """Return a loop that applies a function to each pair of elements of two tensors.

    Args:
        fn: a function of two numbers.

    Returns:
        A function of the output's storage, shape and strides, and of those of both
        inputs, whose shapes broadcast to the output's.
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
        # SOLUTION 2.3
        out_index: Any = [0] * len(out_shape)
        a_index: Any = [0] * len(a_shape)
        b_index: Any = [0] * len(b_shape)
        for ordinal in range(int(operators.prod(out_shape))):
            to_index(ordinal, out_shape, out_index)
            broadcast_index(out_index, out_shape, a_shape, a_index)
            broadcast_index(out_index, out_shape, b_shape, b_index)
            a = a_storage[index_to_position(a_index, a_strides)]
            b = b_storage[index_to_position(b_index, b_strides)]
            out[index_to_position(out_index, out_strides)] = fn(a, b)
        # END SOLUTION

    return _zip


def tensor_reduce(fn: Callable[[float, float], float]) -> Kernel:
    """Return a loop that folds one dimension of a tensor.

    Args:
        fn: a function of two numbers.

    Returns:
        A function of the output's storage, shape and strides, of the input's, and of
        the dimension. The output is as large as the input but for that dimension,
        which is 1. What stands in it to begin with is where the fold starts.
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
        # SOLUTION 2.3
        index: Any = [0] * len(out_shape)
        for ordinal in range(int(operators.prod(out_shape))):
            to_index(ordinal, out_shape, index)
            position = index_to_position(index, out_strides)
            for i in range(a_shape[reduce_dim]):
                index[reduce_dim] = i
                out[position] = fn(out[position], a_storage[index_to_position(index, a_strides)])
        # END SOLUTION

    return _reduce


SimpleBackend = TensorBackend(SimpleOps)
