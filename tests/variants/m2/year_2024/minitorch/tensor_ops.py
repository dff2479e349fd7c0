"""All positions worked out beforehand, from sides and strides: no indices at all."""

from __future__ import annotations

import functools
import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from . import operators
from .shapes import check_dim, check_map_shape, matmul_shape, zip_shape
from .tensor_data import Shape, Storage, Strides

if TYPE_CHECKING:
    from .tensor import Tensor


def positions(out_shape: Any, shape: Any, strides: Any) -> list[int]:
    """Return where what is broadcast to each place of an output lies, in the places' order."""
    found, missing = [0], len(out_shape) - len(shape)
    for dim in range(len(out_shape)):
        spread = dim < missing or shape[dim - missing] == 1
        step = 0 if spread else int(strides[dim - missing])
        found = [start + i * step for start in found for i in range(out_shape[dim])]
    return found


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
        places = positions(out_shape, out_shape, out_strides)
        sources = positions(out_shape, in_shape, in_strides)
        for place, source in zip(places, sources):
            out[place] = fn(in_storage[source])

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
        triples = zip(
            positions(out_shape, out_shape, out_strides),
            positions(out_shape, a_shape, a_strides),
            positions(out_shape, b_shape, b_strides),
        )
        for place, a, b in triples:
            out[place] = fn(a_storage[a], b_storage[b])

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
        places = positions(out_shape, out_shape, out_strides)
        starts = positions(out_shape, out_shape, a_strides)
        steps = [i * a_strides[reduce_dim] for i in range(a_shape[reduce_dim])]
        for place, start in zip(places, starts):
            out[place] = functools.reduce(
                fn, (a_storage[start + step] for step in steps), out[place]
            )

    return _reduce


SimpleBackend = TensorBackend(SimpleOps)
