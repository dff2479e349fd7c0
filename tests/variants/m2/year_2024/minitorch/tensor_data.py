"""Indices by loops over sides and strides, as many write them in 2024."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from .cuda_device import need_device
from .layout import MAX_DIMS as MAX_DIMS
from .layout import IndexingError as IndexingError
from .layout import ShapeTuple, layout
from .layout import strides_from_shape as strides_from_shape
from .operators import prod as prod

Storage: TypeAlias = npt.NDArray[np.float64]
Index: TypeAlias = npt.NDArray[np.integer[Any]]
OutIndex: TypeAlias = npt.NDArray[np.integer[Any]]
Shape: TypeAlias = npt.NDArray[np.integer[Any]]
Strides: TypeAlias = npt.NDArray[np.integer[Any]]
UserIndex: TypeAlias = Sequence[int]
UserShape: TypeAlias = Sequence[int]
UserStrides: TypeAlias = Sequence[int]


def index_to_position(index: Index, strides: Strides) -> int:
    position = 0
    for number, stride in zip(index, strides):
        position += number * stride
    return position


def to_index(ordinal: int, shape: Shape, out_index: OutIndex) -> None:
    for i in range(len(shape)):
        below = 1
        for side in shape[i + 1 :]:
            below *= side
        out_index[i] = ordinal // below % shape[i]


def broadcast_index(big_index: Index, big_shape: Shape, shape: Shape, out_index: OutIndex) -> None:
    # An index is below its side, so that only where the side is 1 there is something to cut.
    for i, side in enumerate(shape):
        out_index[i] = big_index[i + len(big_shape) - len(shape)] % side


def shape_broadcast(shape1: UserShape, shape2: UserShape) -> tuple[int, ...]:
    joined: list[int] = []
    for left, right in itertools.zip_longest(reversed(shape1), reversed(shape2), fillvalue=1):
        if left != right and left != 1 and right != 1:
            raise IndexingError(f"cannot broadcast {shape1} and {shape2}")
        joined.insert(0, right if left == 1 else left)
    return tuple(joined)


_HOST_TYPES = (np.ndarray, list, tuple)


class TensorData:
    __slots__ = (
        "_is_contiguous",
        "_shape",
        "_storage",
        "_strides",
        "dims",
        "shape",
        "size",
        "strides",
    )

    def __init__(self, storage: Any, shape: ShapeTuple, strides: ShapeTuple | None = None) -> None:
        assert isinstance(shape, tuple), f"a shape is a tuple, not {shape!r}"
        assert strides is None or isinstance(strides, tuple), (
            f"strides are a tuple, not {strides!r}"
        )
        if isinstance(storage, _HOST_TYPES):
            storage = np.ascontiguousarray(storage, dtype=np.float64)
        self._storage: Storage = storage
        (
            self.shape,
            self.strides,
            self._shape,
            self._strides,
            self.dims,
            self.size,
            last,
            self._is_contiguous,
        ) = layout(shape, strides)
        assert len(storage) == self.size > last, f"{len(storage)} numbers for shape {shape}"

    @staticmethod
    def zeros(shape: UserShape) -> TensorData:
        shape = tuple(shape)
        return TensorData(np.zeros(layout(shape).size), shape)

    def to_cuda_(self) -> None:
        from numba import cuda

        if not cuda.is_cuda_array(self._storage):
            need_device()
            self._storage = cuda.to_device(self._storage)

    def is_contiguous(self) -> bool:
        return self._is_contiguous

    @staticmethod
    def shape_broadcast(shape_a: UserShape, shape_b: UserShape) -> ShapeTuple:
        return shape_broadcast(shape_a, shape_b)

    def index(self, index: int | UserIndex) -> int:
        numbers = (index,) if isinstance(index, int) else tuple(index)
        if len(numbers) != self.dims:
            raise IndexingError(f"index {numbers} for shape {self.shape}")
        for number, size in zip(numbers, self.shape, strict=True):
            if not 0 <= number < size:
                raise IndexingError(f"index {numbers} is out of range for shape {self.shape}")
        return int(index_to_position(np.array(numbers, np.int64), self._strides))

    def indices(self) -> Iterable[UserIndex]:
        out_index = np.zeros(self.dims, np.int32)
        for ordinal in range(self.size):
            to_index(ordinal, self._shape, out_index)
            yield tuple(out_index.tolist())

    def sample(self) -> UserIndex:
        return tuple((random.randrange(size) for size in self.shape))

    def get(self, key: int | UserIndex) -> float:
        return float(self._storage[self.index(key)])

    def set(self, key: int | UserIndex, val: float) -> None:
        self._storage[self.index(key)] = val

    def tuple(self) -> tuple[Storage, Shape, Strides]:
        return (self._storage, self._shape, self._strides)

    def to_numpy(self) -> Storage:
        storage: Any = self._storage
        if not isinstance(storage, np.ndarray):
            storage = storage.copy_to_host()
        strides_bytes = tuple((stride * storage.itemsize for stride in self.strides))
        return np.ndarray(self.shape, np.float64, storage, 0, strides_bytes).copy()

    def permute(self, *order: int) -> TensorData:
        assert sorted(order) == list(range(self.dims))
        shape: list[int] = []
        strides: list[int] = []
        for dim in order:
            shape.append(self.shape[dim])
            strides.append(self.strides[dim])
        return TensorData(self._storage, tuple(shape), tuple(strides))

    def to_string(self) -> str:
        return "".join(self._lines(()))

    def _lines(self, prefix: ShapeTuple) -> Iterator[str]:
        depth = len(prefix)
        if depth == self.dims:
            yield f"{self.get(prefix):3.2f}"
            return
        yield "["
        for i in range(self.shape[depth]):
            if i:
                yield (" " if depth == self.dims - 1 else "\n" + " " * (depth + 1))
            yield from self._lines((*prefix, i))
        yield "]"
