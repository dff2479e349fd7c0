"""Functions that make tensors: of zeros, of random numbers, of given ones.

Source: https://minitorch.github.io/module2/tensor/
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .tensor_data import TensorData, UserShape
from .tensor_ops import SimpleBackend, TensorBackend

if TYPE_CHECKING:
    from .tensor import Tensor

_generator = np.random.PCG64(0)


def zeros(shape: UserShape, backend: TensorBackend = SimpleBackend) -> Tensor:
    """Return a constant tensor full of zeros.

    Args:
        shape: its shape.
        backend: what computes with it.
    """
    return from_data(TensorData.zeros(shape), backend)


def ones(shape: UserShape, backend: TensorBackend = SimpleBackend) -> Tensor:
    """Return a constant tensor full of ones.

    Args:
        shape: its shape.
        backend: what computes with it.
    """
    data = TensorData.zeros(shape)
    data._storage.fill(1.0)
    return from_data(data, backend)


def rand(
    shape: UserShape, backend: TensorBackend = SimpleBackend, requires_grad: bool = False
) -> Tensor:
    """Return a tensor of random numbers, from 0 to just below 1.

    The numbers follow from Python's `random`: seed that to get the same ones again.

    Args:
        shape: its shape.
        backend: what computes with it.
        requires_grad: whether a derivative is wanted for it.
    """
    data = TensorData.zeros(shape)
    # NumPy draws far faster than Python. Only where it begins is drawn by `random`. The
    # state is set as a whole, for a new generator would take longer than a small tensor.
    _generator.state = {
        "bit_generator": "PCG64",
        "state": {"state": random.getrandbits(128), "inc": random.getrandbits(128) | 1},
        "has_uint32": 0,
        "uinteger": 0,
    }
    np.random.Generator(_generator).random(out=data._storage)
    return from_data(data, backend, requires_grad)


def tensor(ls: Any, backend: TensorBackend = SimpleBackend, requires_grad: bool = False) -> Tensor:
    """Return a tensor of given numbers.

    Args:
        ls: numbers, in a list, or in a list of lists, and so on; or a NumPy array.
        backend: what computes with it.
        requires_grad: whether a derivative is wanted for it.

    Raises:
        ValueError: the lists at one level are not of the same length.
    """
    numbers = np.array(ls, dtype=np.float64, order="C")
    return from_data(TensorData(numbers.reshape(-1), numbers.shape), backend, requires_grad)


def _tensor(
    ls: Sequence[float],
    shape: UserShape,
    backend: TensorBackend = SimpleBackend,
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor of given numbers in a given shape.

    Args:
        ls: the numbers, in the order of their indices.
        shape: its shape.
        backend: what computes with it.
        requires_grad: whether a derivative is wanted for it.
    """
    return from_data(TensorData(list(ls), tuple(shape)), backend, requires_grad)


def from_data(data: TensorData, backend: TensorBackend, requires_grad: bool = False) -> Tensor:
    """Return the tensor of `data`, on the GPU if `backend` computes there."""
    made = tensors.Tensor(data, backend=backend)
    made._type_(backend)
    made.requires_grad_(requires_grad)
    return made


# Last, for that file needs the functions above. Importing the file, and no names out of
# it, works whichever of the two is read first.
from . import tensor as tensors  # noqa: E402
