"""How a tensor lies in memory: one row of numbers, and how to find an element in it.

The row is the `storage`. The `shape` says how many elements there are along each
dimension, and the `strides` how far apart in the storage two neighbours along it are.
So a tensor can be turned around by changing nothing but its shape and strides.

Source: https://minitorch.github.io/module2/tensordata/
"""

from __future__ import annotations

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
    """Return the position in the storage of the element at `index`.

    Args:
        index: a number for each dimension; more numbers behind them do not count.
        strides: the strides of the tensor.
    """
    # SOLUTION 2.1
    position = 0
    for i in range(len(strides)):
        position += index[i] * strides[i]
    return position
    # END SOLUTION


def to_index(ordinal: int, shape: Shape, out_index: OutIndex) -> None:
    """Find the index with a given place in the order of all indices of a shape.

    The last number changes fastest: for the shape (2, 3) the indices are (0, 0),
    (0, 1), (0, 2), (1, 0), (1, 1) and (1, 2).

    Args:
        ordinal: the place, counted from 0.
        shape: the shape of the tensor.
        out_index: where to write the index; it may be longer than `shape`.
    """
    # SOLUTION 2.1
    rest = ordinal + 0  # a copy: Numba does not let us change the variable of a parallel loop
    for i in range(len(shape) - 1, -1, -1):
        out_index[i] = rest % shape[i]
        rest = rest // shape[i]
    # END SOLUTION


def broadcast_index(big_index: Index, big_shape: Shape, shape: Shape, out_index: OutIndex) -> None:
    """Find the element of a small tensor that stands at an index of a bigger one.

    `shape` broadcasts to `big_shape`: it is aligned with its last dimensions, and each
    dimension of size 1 is repeated.

    Args:
        big_index: an index of the bigger tensor.
        big_shape: its shape.
        shape: the shape of the smaller tensor.
        out_index: where to write the index of the smaller tensor.
    """
    # SOLUTION 2.2
    missing = len(big_shape) - len(shape)
    for i in range(len(shape)):
        out_index[i] = big_index[missing + i] if shape[i] > 1 else 0
    # END SOLUTION


def shape_broadcast(shape1: UserShape, shape2: UserShape) -> tuple[int, ...]:
    """Return the shape that two shapes broadcast to.

    Align the shapes at their last dimensions, where a missing one counts as 1. Two
    sizes agree if they are equal or if one of them is 1, which becomes the other.

    Args:
        shape1: a shape.
        shape2: another one.

    Raises:
        IndexingError: two sizes do not agree.
    """
    # SOLUTION 2.2
    small, big = sorted((shape1, shape2), key=len)
    joined = list(big)
    for i, size in enumerate(small, len(big) - len(small)):
        if joined[i] == 1:
            joined[i] = size
        elif size not in (1, joined[i]):
            raise IndexingError(
                f"shapes {tuple(shape1)} and {tuple(shape2)} do not broadcast: "
                f"{joined[i]} and {size} differ, and neither is 1"
            )
    return tuple(joined)
    # END SOLUTION


_HOST_TYPES = (np.ndarray, list, tuple)


class TensorData:
    """A storage, and the shape and strides to read it by.

    Args:
        storage: the numbers. A one-dimensional array of float64 is not copied.
        shape: how many elements there are along each dimension.
        strides: how far apart neighbours are; as in `strides_from_shape` if left out.

    Attributes:
        shape: as a tuple; `_shape` is an array for kernels.
        strides: likewise.
        dims: the number of dimensions.
        size: the number of elements.

    Raises:
        IndexingError: shape and strides do not fit together.
        AssertionError: the storage has another size than the shape.
    """

    __slots__ = (
        "_is_contiguous", "_shape", "_storage", "_strides", "dims", "shape", "size", "strides"
    )  # fmt: skip

    def __init__(
        self,
        storage: Any,
        shape: ShapeTuple,
        strides: ShapeTuple | None = None,
    ) -> None:
        assert isinstance(shape, tuple), f"a shape is a tuple, not {shape!r}"
        assert strides is None or isinstance(strides, tuple), (
            f"strides are a tuple, not {strides!r}"
        )
        # An array on a GPU stays as it is.
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
        assert len(storage) == self.size > last, (
            f"a storage of {len(storage)} numbers is not what shape {shape} and strides "
            f"{self.strides} need"
        )

    @staticmethod
    def zeros(shape: UserShape) -> TensorData:
        """Return a new tensor full of zeros."""
        shape = tuple(shape)
        return TensorData(np.zeros(layout(shape).size), shape)

    def to_cuda_(self) -> None:
        """Move the storage to the GPU, unless it is there already.

        Raises:
            RuntimeError: there is no GPU.
        """
        from numba import cuda

        if not cuda.is_cuda_array(self._storage):
            need_device()
            self._storage = cuda.to_device(self._storage)

    def is_contiguous(self) -> bool:
        """Tell whether the elements lie in the order of their indices, without gaps."""
        return self._is_contiguous

    @staticmethod
    def shape_broadcast(shape_a: UserShape, shape_b: UserShape) -> ShapeTuple:
        """Return the shape that two shapes broadcast to: see `shape_broadcast`."""
        return shape_broadcast(shape_a, shape_b)

    def index(self, index: int | UserIndex) -> int:
        """Return the position in the storage of the element at `index`.

        Raises:
            IndexingError: there is no such element.
        """
        numbers = (index,) if isinstance(index, int) else tuple(index)
        if len(numbers) != self.dims:
            raise IndexingError(
                f"index {numbers} has {len(numbers)} numbers, but shape {self.shape} needs "
                f"{self.dims}"
            )
        for number, size in zip(numbers, self.shape, strict=True):
            if not 0 <= number < size:
                raise IndexingError(f"index {numbers} is out of range for shape {self.shape}")
        return int(index_to_position(np.array(numbers, np.int64), self._strides))

    def indices(self) -> Iterable[UserIndex]:
        """Yield all indices, in their order."""
        out_index = np.zeros(self.dims, np.int32)
        for ordinal in range(self.size):
            to_index(ordinal, self._shape, out_index)
            yield tuple(out_index.tolist())

    def sample(self) -> UserIndex:
        """Return an index drawn by Python's `random`."""
        return tuple(random.randrange(size) for size in self.shape)

    def get(self, key: int | UserIndex) -> float:
        """Return the element at an index."""
        return float(self._storage[self.index(key)])

    def set(self, key: int | UserIndex, val: float) -> None:
        """Change the element at an index."""
        self._storage[self.index(key)] = val

    def tuple(self) -> tuple[Storage, Shape, Strides]:
        """Return storage, shape and strides, as kernels want them."""
        return self._storage, self._shape, self._strides

    def to_numpy(self) -> Storage:
        """Return the elements as a NumPy array of their own, in this shape."""
        storage: Any = self._storage
        if not isinstance(storage, np.ndarray):
            storage = storage.copy_to_host()  # from the GPU
        strides_bytes = tuple(stride * storage.itemsize for stride in self.strides)
        return np.ndarray(self.shape, np.float64, storage, 0, strides_bytes).copy()

    def permute(self, *order: int) -> TensorData:
        """Return the same tensor with its dimensions in another order.

        Args:
            *order: which dimension of this tensor becomes the first, and so on.

        Returns:
            A tensor on the same storage: nothing is copied.
        """
        assert sorted(order) == list(range(self.dims)), (
            f"cannot permute shape {self.shape} by {order}, which does not name each dimension once"
        )
        # SOLUTION 2.1
        return TensorData(
            self._storage,
            tuple(self.shape[i] for i in order),
            tuple(self.strides[i] for i in order),
        )
        # END SOLUTION

    def to_string(self) -> str:
        """Return the numbers with two digits after the point, in nested brackets."""
        return "".join(self._lines(()))

    def _lines(self, prefix: ShapeTuple) -> Iterator[str]:
        """Yield the parts of `to_string` for all indices that begin with `prefix`."""
        depth = len(prefix)
        if depth == self.dims:
            yield f"{self.get(prefix):3.2f}"
            return
        yield "["
        for i in range(self.shape[depth]):
            if i:
                yield " " if depth == self.dims - 1 else "\n" + " " * (depth + 1)
            yield from self._lines((*prefix, i))
        yield "]"
