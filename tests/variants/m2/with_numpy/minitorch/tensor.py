"""Methods that let NumPy count, and call few functions in few ways."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import TypeAlias

import numpy as np

from . import tensor_functions as functions
from .history import History, Tracked
from .layout import ShapeTuple
from .tensor_data import Shape, Storage, Strides, TensorData, UserIndex, UserShape, UserStrides
from .tensor_ops import SimpleBackend, TensorBackend

TensorLike: TypeAlias = "float | int | Tensor"
_next_id = count().__next__


class Tensor(Tracked):
    __slots__ = ("__weakref__", "_tensor", "backend", "f", "name", "unique_id")
    __array_ufunc__ = None

    def __init__(
        self,
        v: TensorData,
        back: History | None = None,
        name: str = "",
        backend: TensorBackend = SimpleBackend,
    ) -> None:
        self._tensor = v
        self.history = back
        self.grad = None
        self.name = name
        self.backend = self.f = backend
        self.unique_id = _next_id()

    @staticmethod
    def make(
        storage: Storage | Sequence[float],
        shape: UserShape,
        strides: UserStrides | None = None,
        backend: TensorBackend = SimpleBackend,
    ) -> Tensor:
        strides = None if strides is None else tuple(strides)
        return Tensor(TensorData(storage, tuple(shape), strides), backend=backend)

    def _new(self, tensor_data: TensorData) -> Tensor:
        if self.backend.cuda:
            tensor_data.to_cuda_()
        return Tensor(tensor_data, None, "", self.backend)

    def zeros(self, shape: UserShape | None = None) -> Tensor:
        return self._new(TensorData.zeros(self._tensor.shape if shape is None else shape))

    def _type_(self, backend: TensorBackend) -> None:
        self.backend = self.f = backend
        if backend.cuda:
            self._tensor.to_cuda_()

    def _ensure_tensor(self, b: TensorLike) -> Tensor:
        if isinstance(b, Tensor):
            return b
        if not isinstance(b, int | float | np.number):
            raise TypeError(f"expected a tensor or a number, not {b!r:.80}")
        return self._new(TensorData(np.array((b,), np.float64), (1,)))

    def _both(self, b: TensorLike) -> list[Tensor]:
        """Return this tensor and another one, or a number as a tensor."""
        return [self, self._ensure_tensor(b)]

    def detach(self) -> Tensor:
        return Tensor(self._tensor, None, "", self.backend)

    def tuple(self) -> tuple[Storage, Shape, Strides]:
        return self._tensor.tuple()

    @property
    def shape(self) -> ShapeTuple:
        return self._tensor.shape

    @property
    def size(self) -> int:
        return self.to_numpy().size

    @property
    def dims(self) -> int:
        return self.to_numpy().ndim

    def item(self) -> float:
        if self._tensor.size != 1:
            raise ValueError(f"shape {self.shape} does not hold one number only")
        return float(self._tensor._storage[0])

    def to_numpy(self) -> Storage:
        return self._tensor.to_numpy()

    def __getitem__(self, key: int | UserIndex) -> float:
        return self._tensor.get(key)

    def __setitem__(self, key: int | UserIndex, val: float) -> None:
        self._tensor.set(key, val)

    def __repr__(self) -> str:
        return self._tensor.to_string()

    def __hash__(self) -> int:
        return self.unique_id

    def __bool__(self) -> bool:
        return bool(self.item())

    def __add__(self, b: TensorLike) -> Tensor:
        return functions.Add.apply(*self._both(b))

    def __radd__(self, b: TensorLike) -> Tensor:
        return functions.Add.apply(*self._both(b))

    def __sub__(self, b: TensorLike) -> Tensor:
        left, right = self._both(b)
        return functions.Add.apply(left, functions.Neg.apply(right))

    def __rsub__(self, b: TensorLike) -> Tensor:
        return -self + b

    def __mul__(self, b: TensorLike) -> Tensor:
        return functions.Mul.apply(*self._both(b))

    def __rmul__(self, b: TensorLike) -> Tensor:
        return functions.Mul.apply(*self._both(b))

    def __truediv__(self, b: TensorLike) -> Tensor:
        if isinstance(b, Tensor):
            return functions.Mul.apply(self, functions.Inv.apply(b))
        return self * (1.0 / b)

    def __rtruediv__(self, b: TensorLike) -> Tensor:
        return functions.Mul.apply(self._ensure_tensor(b), functions.Inv.apply(self))

    def __matmul__(self, b: Tensor) -> Tensor:
        return functions.MatMul.apply(self, b)

    def __neg__(self) -> Tensor:
        return functions.Mul.apply(*self._both(-1.0))

    def __lt__(self, b: TensorLike) -> Tensor:
        return functions.LT.apply(*self._both(b))

    def __gt__(self, b: TensorLike) -> Tensor:
        return functions.LT.apply(*self._both(b)[::-1])

    def __eq__(self, b: TensorLike) -> Tensor:
        return functions.EQ.apply(*self._both(b))

    def is_close(self, y: TensorLike) -> Tensor:
        return functions.IsClose.apply(*self._both(y))

    def all(self, dim: int | None = None) -> Tensor:
        if dim is None:
            return self.contiguous().view(self.size).all(0)
        return functions.All.apply(self, dim)

    def sigmoid(self) -> Tensor:
        return functions.Sigmoid.apply(self)

    def relu(self) -> Tensor:
        return functions.ReLU.apply(self)

    def log(self) -> Tensor:
        return functions.Log.apply(self)

    def exp(self) -> Tensor:
        return functions.Exp.apply(self)

    def sum(self, dim: int | None = None) -> Tensor:
        if dim is None:
            return self.contiguous().view(self.size).sum(0)
        return functions.Sum.apply(self, dim)

    def mean(self, dim: int | None = None) -> Tensor:
        sides = self.shape if dim is None else self.shape[dim : dim + 1]
        return self.sum(dim) / float(np.prod(sides))

    def permute(self, *order: int) -> Tensor:
        return functions.Permute.apply(self, np.array(order))

    def view(self, *shape: int) -> Tensor:
        return functions.View.apply(self, np.array(shape, int))

    def contiguous(self) -> Tensor:
        return self if self._tensor.is_contiguous() else functions.Copy.apply(self)

    def zero_grad_(self) -> None:
        setattr(self, "grad", None)
