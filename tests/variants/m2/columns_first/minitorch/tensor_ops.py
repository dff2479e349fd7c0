"""Loops with buffers of NumPy, and short ways where the layouts agree."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from . import operators
from .shapes import check_dim, check_map_shape, matmul_shape, zip_shape
from .tensor_data import Shape, Storage, Strides, broadcast_index, index_to_position, to_index

if TYPE_CHECKING:
    from .tensor import Tensor


import numpy as np


def same(left: Any, right: Any) -> bool:
    return list(left) == list(right)


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
        if same(out_shape, in_shape) and same(out_strides, in_strides):
            for i in range(len(out)):
                out[i] = fn(in_storage[i])
            return
        out_index = np.zeros(len(out_shape), np.int32)
        in_index = np.zeros(len(in_shape), np.int32)
        for i in range(len(out)):
            to_index(i, out_shape, out_index)
            broadcast_index(out_index, out_shape, in_shape, in_index)
            out[index_to_position(out_index, out_strides)] = fn(
                in_storage[index_to_position(in_index, in_strides)]
            )

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
        index = np.zeros(len(out_shape), np.int32)
        a_index = np.zeros(len(a_shape), np.int32)
        b_index = np.zeros(len(b_shape), np.int32)
        for i in range(len(out)):
            to_index(i, out_shape, index)
            broadcast_index(index, out_shape, a_shape, a_index)
            broadcast_index(index, out_shape, b_shape, b_index)
            a = a_storage[index_to_position(a_index, a_strides)]
            b = b_storage[index_to_position(b_index, b_strides)]
            out[index_to_position(index, out_strides)] = fn(a, b)

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
        index = np.zeros(len(a_shape), np.int32)
        for i in range(int(operators.prod([int(side) for side in a_shape]))):
            to_index(i, a_shape, index)
            x = a_storage[index_to_position(index, a_strides)]
            index[reduce_dim] = 0
            place = index_to_position(index, out_strides)
            out[place] = fn(out[place], x)

    return _reduce


SimpleBackend = TensorBackend(SimpleOps)
