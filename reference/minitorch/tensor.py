"""Tensor: numbers in any number of dimensions that remember how they were computed.

Source: https://minitorch.github.io/module2/tensor/
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import TypeAlias

import numpy as np

from . import tensor_functions as functions
from .history import History, Tracked
from .layout import ShapeTuple
from .tensor_data import (
    Shape,
    Storage,
    Strides,
    TensorData,
    UserIndex,
    UserShape,
    UserStrides,
)
from .tensor_ops import SimpleBackend, TensorBackend

TensorLike: TypeAlias = "float | int | Tensor"
"""What an operation on tensors accepts; a plain number becomes a tensor of shape (1,)."""

_next_id = count().__next__


class Tensor(Tracked):
    """Numbers in any number of dimensions, which can be used like one number.

    Args:
        v: the numbers.
        back: how they were computed; None for a constant.
        name: for people only.
        backend: what computes with them.

    Attributes:
        backend: what computes with it, also as `f`.
        unique_id: a number that no other tensor has.
        name: for people only.
    """

    __slots__ = ("__weakref__", "_tensor", "backend", "f", "name", "unique_id")
    __array_ufunc__ = None  # NumPy's numbers leave it to us what a sum with a tensor is

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
        """Return a constant tensor of a storage, a shape and strides."""
        strides = None if strides is None else tuple(strides)
        return Tensor(TensorData(storage, tuple(shape), strides), backend=backend)

    def _new(self, tensor_data: TensorData) -> Tensor:
        """Return a constant tensor with the backend of this one."""
        if self.backend.cuda:
            tensor_data.to_cuda_()
        return Tensor(tensor_data, None, "", self.backend)

    def zeros(self, shape: UserShape | None = None) -> Tensor:
        """Return a constant tensor of zeros, of the shape of this one if none is given."""
        return self._new(TensorData.zeros(self._tensor.shape if shape is None else shape))

    def _type_(self, backend: TensorBackend) -> None:
        """Change the backend, and move the numbers to where it wants them."""
        self.backend = self.f = backend
        if backend.cuda:
            self._tensor.to_cuda_()

    def _ensure_tensor(self, b: TensorLike) -> Tensor:
        """Return `b` if it is a tensor, and a tensor of the number `b` if it is none."""
        if isinstance(b, Tensor):
            return b
        if not isinstance(b, int | float | np.number):
            raise TypeError(f"expected a tensor or a number, not {b!r:.80}")
        return self._new(TensorData(np.array((b,), np.float64), (1,)))

    def detach(self) -> Tensor:
        """Return a constant tensor on the same numbers."""
        return Tensor(self._tensor, None, "", self.backend)

    def tuple(self) -> tuple[Storage, Shape, Strides]:
        """Return storage, shape and strides, as kernels want them."""
        return self._tensor.tuple()

    @property
    def shape(self) -> ShapeTuple:
        """How many numbers there are along each dimension."""
        return self._tensor.shape

    @property
    def size(self) -> int:
        """How many numbers there are."""
        # SOLUTION 2.3
        return self._tensor.size
        # END SOLUTION

    @property
    def dims(self) -> int:
        """How many dimensions there are."""
        # SOLUTION 2.3
        return self._tensor.dims
        # END SOLUTION

    def item(self) -> float:
        """Return the number in a tensor of size 1."""
        if self._tensor.size != 1:
            raise ValueError(f"shape {self.shape} does not hold one number only")
        return float(self._tensor._storage[0])

    def to_numpy(self) -> Storage:
        """Return the numbers as a NumPy array of their own."""
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
        # SOLUTION 2.3
        return functions.Add.apply(self, self._ensure_tensor(b))
        # END SOLUTION

    def __radd__(self, b: TensorLike) -> Tensor:
        # SOLUTION 2.3
        return self + b
        # END SOLUTION

    def __sub__(self, b: TensorLike) -> Tensor:
        # SOLUTION 2.3
        return self + -b
        # END SOLUTION

    def __rsub__(self, b: TensorLike) -> Tensor:
        return -self + b

    def __mul__(self, b: TensorLike) -> Tensor:
        # SOLUTION 2.3
        return functions.Mul.apply(self, self._ensure_tensor(b))
        # END SOLUTION

    def __rmul__(self, b: TensorLike) -> Tensor:
        # SOLUTION 2.3
        return self * b
        # END SOLUTION

    def __truediv__(self, b: TensorLike) -> Tensor:
        if isinstance(b, Tensor):
            return functions.Mul.apply(self, functions.Inv.apply(b))
        return self * (1.0 / b)

    def __rtruediv__(self, b: TensorLike) -> Tensor:
        return functions.Mul.apply(self._ensure_tensor(b), functions.Inv.apply(self))

    def __matmul__(self, b: Tensor) -> Tensor:
        return functions.MatMul.apply(self, self._ensure_tensor(b))

    def __neg__(self) -> Tensor:
        # SOLUTION 2.3
        return functions.Neg.apply(self)
        # END SOLUTION

    def __lt__(self, b: TensorLike) -> Tensor:
        # SOLUTION 2.3
        return functions.LT.apply(self, self._ensure_tensor(b))
        # END SOLUTION

    def __gt__(self, b: TensorLike) -> Tensor:
        # SOLUTION 2.3
        return functions.LT.apply(self._ensure_tensor(b), self)
        # END SOLUTION

    def __eq__(self, b: TensorLike) -> Tensor:  # type: ignore[override]  # a tensor, not a bool
        # SOLUTION 2.3
        return functions.EQ.apply(self, self._ensure_tensor(b))
        # END SOLUTION

    def is_close(self, y: TensorLike) -> Tensor:
        """Return 1.0 where a number and that of `y` are close, else 0.0."""
        # SOLUTION 2.3
        return functions.IsClose.apply(self, self._ensure_tensor(y))
        # END SOLUTION

    def all(self, dim: int | None = None) -> Tensor:
        """Return 1.0 if all numbers, or all along a dimension, are 1.0 instead of 0.0.

        Args:
            dim: the dimension; without it the result has shape (1,).
        """
        # SOLUTION 2.3
        if dim is None:
            return functions.All.apply(self.contiguous().view(self.size), 0)
        return functions.All.apply(self, dim)
        # END SOLUTION

    def sigmoid(self) -> Tensor:
        """Return the numbers squashed into the range from 0 to 1."""
        # SOLUTION 2.3
        return functions.Sigmoid.apply(self)
        # END SOLUTION

    def relu(self) -> Tensor:
        """Return the numbers that are greater than 0, and 0 for the others."""
        # SOLUTION 2.3
        return functions.ReLU.apply(self)
        # END SOLUTION

    def log(self) -> Tensor:
        """Return the natural logarithms."""
        # SOLUTION 2.3
        return functions.Log.apply(self)
        # END SOLUTION

    def exp(self) -> Tensor:
        """Return e to the power of each number."""
        # SOLUTION 2.3
        return functions.Exp.apply(self)
        # END SOLUTION

    def sum(self, dim: int | None = None) -> Tensor:
        """Return the sum of all numbers, or of those along a dimension.

        Args:
            dim: the dimension, which has size 1 in the result; without it the result
                has shape (1,).
        """
        # SOLUTION 2.3
        if dim is None:
            return functions.Sum.apply(self.contiguous().view(self.size), 0)
        return functions.Sum.apply(self, dim)
        # END SOLUTION

    def mean(self, dim: int | None = None) -> Tensor:
        """Return the mean of all numbers, or of those along a dimension: see `sum`."""
        # SOLUTION 2.3
        total = self.sum(dim)
        return total / (self.size if dim is None else self.shape[dim])
        # END SOLUTION

    def permute(self, *order: int) -> Tensor:
        """Return the tensor with its dimensions in another order.

        Args:
            *order: which dimension of this tensor becomes the first, and so on.
        """
        # SOLUTION 2.3
        return functions.Permute.apply(self, order)
        # END SOLUTION

    def view(self, *shape: int) -> Tensor:
        """Return the same numbers in another shape. They must lie in order: see `contiguous`."""
        # SOLUTION 2.3
        return functions.View.apply(self, shape)
        # END SOLUTION

    def contiguous(self) -> Tensor:
        """Return the tensor itself if its numbers lie in order in memory, else a copy."""
        return self if self._tensor.is_contiguous() else functions.Copy.apply(self)

    def zero_grad_(self) -> None:
        """Forget the derivative."""
        # SOLUTION 2.3
        self.grad = None
        # END SOLUTION
