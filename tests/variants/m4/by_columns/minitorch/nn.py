"""Pooling and softmax by loops in NumPy, with derivatives of their own; dropout that scales."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .autodiff import Context
from .module import Module, Parameter
from .tensor_data import TensorData
from .tensor_functions import Function, rand

if TYPE_CHECKING:
    from .tensor import Tensor


def _made(like: Tensor, array: np.ndarray) -> Tensor:
    """Return a constant with the numbers of an array."""
    data = TensorData(np.array(array, np.float64).reshape(-1), tuple(array.shape))
    return like._new(data)


class Tiles(Function):
    """The numbers of each tile, from the last to the first."""

    @staticmethod
    def forward(ctx: Context, input: Tensor, kh: int, kw: int) -> Tensor:
        """Return them in a dimension of their own."""
        batch, channel, height, width = input.shape
        rows, columns = height // kh, width // kw
        ctx.save_for_backward(input.shape, kh, kw)
        numbers, found = input.to_numpy(), np.zeros((batch, channel, rows, columns, kh * kw))
        for i in range(height):
            for j in range(width):
                place = kh * kw - 1 - (i % kh * kw + j % kw)
                found[:, :, i // kh, j // kw, place] = numbers[:, :, i, j]
        return _made(input, found)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, float, float]:
        """Return the derivatives to where the numbers came from."""
        shape, kh, kw = ctx.saved_values
        slopes, found = grad_output.to_numpy(), np.zeros(shape)
        for i in range(shape[2]):
            for j in range(shape[3]):
                place = kh * kw - 1 - (i % kh * kw + j % kw)
                found[:, :, i, j] = slopes[:, :, i // kh, j // kw, place]
        return _made(grad_output, found), 0.0, 0.0


class Max(Function):
    """The largest number along a dimension, by sorting."""

    @staticmethod
    def forward(ctx: Context, input: Tensor, dim: int) -> Tensor:
        """Return the largest numbers."""
        numbers = np.moveaxis(input.to_numpy(), dim, -1)
        first = np.argsort(numbers, -1)[..., -1:]
        where = np.zeros(numbers.shape)
        np.put_along_axis(where, first, 1.0, -1)
        ctx.save_for_backward(np.moveaxis(where, -1, dim))
        return _made(input, np.moveaxis(np.take_along_axis(numbers, first, -1), -1, dim))

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, float]:
        """Return the derivatives."""
        (where,) = ctx.saved_values
        return _made(grad_output, where * grad_output.to_numpy()), 0.0


def tile(input: Tensor, kernel: tuple[int, int]) -> tuple[Tensor, int, int]:
    """Cut images into tiles."""
    tiles = Tiles.apply(input, *kernel)
    return tiles, tiles.shape[2], tiles.shape[3]


def avgpool2d(input: Tensor, kernel: tuple[int, int]) -> Tensor:
    """Return the mean of each tile."""
    tiles, rows, columns = tile(input, kernel)
    total = tiles.sum(4).view(*tiles.shape[:2], rows, columns)
    return total * (1.0 / (kernel[0] * kernel[1]))


def argmax(input: Tensor, dim: int) -> Tensor:
    """Return 1.0 where a number is the largest along a dimension."""
    numbers = input.to_numpy()
    places = np.expand_dims(numbers.argmax(dim), dim)
    found = np.zeros(numbers.shape)
    np.put_along_axis(found, places, 1.0, dim)
    return _made(input, found)


def max(input: Tensor, dim: int) -> Tensor:
    """Return the largest number along a dimension."""
    return Max.apply(input, dim)


def softmax(input: Tensor, dim: int) -> Tensor:
    """Return probabilities."""
    return logsoftmax(input, dim).exp()


def logsoftmax(input: Tensor, dim: int) -> Tensor:
    """Return the logarithms of probabilities."""
    less = input - _made(input, input.to_numpy().max(dim, keepdims=True))
    return less - less.exp().sum(dim).log()


def maxpool2d(input: Tensor, kernel: tuple[int, int]) -> Tensor:
    """Return the largest number of each tile."""
    tiles, rows, columns = tile(input, kernel)
    return max(tiles, 4).view(*input.shape[:2], rows, columns)


def dropout(input: Tensor, rate: float, ignore: bool = False) -> Tensor:
    """Drop numbers at random, and make up for them."""
    if ignore or rate == 0.0:
        return input
    if rate == 1.0:
        return input * 0.0
    return input * _made(input, (np.random.rand(*input.shape) >= rate) / (1 - rate))


class Lookup(Function):
    """Rows of a table."""

    @staticmethod
    def forward(ctx: Context, table: Tensor, words: Tensor) -> Tensor:
        """Return a row for each word."""
        places = words.to_numpy().astype(int)
        ctx.save_for_backward(table.shape, places)
        return _made(table, table.to_numpy()[places])

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, float]:
        """Add the derivatives up for each row."""
        shape, places = ctx.saved_values
        found = np.zeros(shape)
        np.add.at(found, places, grad_output.to_numpy())
        return _made(grad_output, found), 0.0


class Embedding(Module):
    """A table of vectors for words."""

    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        self.table = Parameter(rand((num_embeddings, embedding_dim)))

    def forward(self, words: Tensor) -> Tensor:
        """Return their vectors."""
        return Lookup.apply(self.table.value, words)
