"""Loops over views of the storages."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from . import operators
from .shapes import check_dim, check_map_shape, matmul_shape, zip_shape
from .tensor_data import Shape, Storage, Strides

if TYPE_CHECKING:
    from .tensor import Tensor


import numpy as np


def seen(storage: Any, shape: Any, strides: Any) -> Any:
    steps = [int(stride) * storage.itemsize for stride in strides]
    return np.lib.stride_tricks.as_strided(storage, tuple(shape), steps)


Kernel: TypeAlias = Callable[..., None]


class MapProto(Protocol):
    def __call__(self, a: Tensor, out: Tensor | None = None, /) -> Tensor:
        pass


class TensorOps(ABC):
    cuda = False

    @staticmethod
    @abstractmethod
    def map(fn: Callable[[float], float]) -> MapProto:
        pass

    @staticmethod
    @abstractmethod
    def zip(fn: Callable[[float, float], float]) -> Callable[[Tensor, Tensor], Tensor]:
        pass

    @staticmethod
    @abstractmethod
    def reduce(
        fn: Callable[[float, float], float], start: float = 0.0
    ) -> Callable[[Tensor, int], Tensor]:
        pass

    @staticmethod
    @abstractmethod
    def matrix_multiply(a: Tensor, b: Tensor) -> Tensor:
        pass


class TensorBackend:
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
    @staticmethod
    def map(fn: Callable[[float], float]) -> MapProto:
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
        shape = matmul_shape(a.shape, b.shape)
        a, b = (a.detach().contiguous(), b.detach().contiguous())
        rows = a.view(*a.shape, 1)
        columns = b.view(*b.shape[:-2], 1, *b.shape[-2:])
        products = SimpleOps.zip(operators.mul)(rows, columns)
        return SimpleOps.reduce(operators.add)(products, products.dims - 2).view(*shape)


def tensor_map(fn: Callable[[float], float]) -> Kernel:

    def _map(
        out: Storage,
        out_shape: Shape,
        out_strides: Strides,
        in_storage: Storage,
        in_shape: Shape,
        in_strides: Strides,
    ) -> None:
        source = np.broadcast_to(seen(in_storage, in_shape, in_strides), tuple(out_shape))
        seen(out, out_shape, out_strides)[...] = np.vectorize(fn, otypes=[float])(source)

    return _map


def tensor_zip(fn: Callable[[float, float], float]) -> Kernel:

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
        a = seen(a_storage, a_shape, a_strides)
        b = seen(b_storage, b_shape, b_strides)
        result = np.vectorize(fn, otypes=[float])(a, b)
        seen(out, out_shape, out_strides)[...] = result

    return _zip


def tensor_reduce(fn: Callable[[float, float], float]) -> Kernel:

    def _reduce(
        out: Storage,
        out_shape: Shape,
        out_strides: Strides,
        a_storage: Storage,
        a_shape: Shape,
        a_strides: Strides,
        reduce_dim: int,
    ) -> None:
        target = seen(out, out_shape, out_strides)
        fold = np.vectorize(fn, otypes=[float])
        for part in np.moveaxis(seen(a_storage, a_shape, a_strides), reduce_dim, 0):
            target[...] = fold(target, np.expand_dims(part, reduce_dim))

    return _reduce


SimpleBackend = TensorBackend(SimpleOps)
