"""Pooling and softmax without tricks: piece by piece, in plain Python."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from . import operators
from .autodiff import Context
from .making import tensor
from .module import Module, Parameter
from .tensor_functions import Function
from .tensor_ops import SimpleOps

if TYPE_CHECKING:
    from .tensor import Tensor


_fold = SimpleOps.reduce(operators.max, -1e9)


def tile(input: Tensor, kernel: tuple[int, int]) -> tuple[Tensor, int, int]:
    """Cut images into tiles, columns of a tile first."""
    batch, channel, height, width = input.shape
    (kh, kw), size = kernel, kernel[0] * kernel[1]
    rows, columns = height // kh, width // kw
    cut = input.permute(0, 1, 3, 2).contiguous().view(batch, channel, columns, kw, rows, kh)
    cut = cut.permute(0, 1, 4, 2, 3, 5).contiguous()
    return cut.view(batch, channel, rows, columns, size), rows, columns


def avgpool2d(input: Tensor, kernel: tuple[int, int]) -> Tensor:
    """Return the mean of each tile: of its columns, then of these."""
    tiles, rows, columns = tile(input, kernel)
    parts = tiles.view(*tiles.shape[:4], kernel[1], kernel[0]).mean(5).mean(4)
    return parts.contiguous().view(input.shape[0], input.shape[1], rows, columns)


class Max(Function):
    """The largest number along a dimension."""

    @staticmethod
    def forward(ctx: Context, input: Tensor, dim: int) -> Tensor:
        """Return the largest numbers."""
        found = _fold(input, dim)
        ctx.save_for_backward(input.f.eq_zip(input, found))
        return found

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, float]:
        """Return the derivatives."""
        (where,) = ctx.saved_values
        return grad_output.f.mul_zip(where, grad_output), 0.0


def argmax(input: Tensor, dim: int) -> Tensor:
    """Return 1.0 where no number is larger along a dimension."""
    return 1.0 - (input < max(input, dim))


def max(input: Tensor, dim: int) -> Tensor:
    """Return the largest number along a dimension."""
    found: Tensor = Max.apply(input, dim)
    return found


def softmax(input: Tensor, dim: int) -> Tensor:
    """Return probabilities: one over the sum of the others' shares."""
    powers = (input - _fold(input, dim)).exp()
    return powers * (1.0 / powers.sum(dim))


def logsoftmax(input: Tensor, dim: int) -> Tensor:
    """Return the logarithms of probabilities."""
    largest = max(input, dim)
    powers = (input - largest).exp()
    return input - (largest + powers.sum(dim).log())


def maxpool2d(input: Tensor, kernel: tuple[int, int]) -> Tensor:
    """Return the largest number of each tile: of its columns, then of these."""
    tiles, rows, columns = tile(input, kernel)
    parts = tiles.view(*tiles.shape[:4], kernel[1], kernel[0])
    return max(max(parts, 5), 4).view(input.shape[0], input.shape[1], rows, columns)


def dropout(input: Tensor, rate: float, ignore: bool = False) -> Tensor:
    """Drop numbers at random."""
    if not ignore:
        kept = [float(random.random() >= rate) for _ in range(input.size)]
        input = input * tensor(kept, backend=input.backend).view(*input.shape)
    return input


class Rows(Function):
    """Rows of a table, one number after the other."""

    @staticmethod
    def forward(ctx: Context, table: Tensor, words: Tensor) -> Tensor:
        """Return a row for each word."""
        width = table.shape[1]
        places = [int(words[index]) for index in words._tensor.indices()]
        ctx.save_for_backward(table.shape, places)
        found = [table[place, i] for place in places for i in range(width)]
        return tensor(found, backend=table.backend).view(*words.shape, width)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, float]:
        """Add each derivative to the row that its vector came from."""
        shape, places = ctx.saved_values
        total = grad_output.zeros(shape)
        slopes = grad_output.contiguous().view(len(places), shape[1])
        for number, place in enumerate(places):
            for i in range(shape[1]):
                total[place, i] = total[place, i] + slopes[number, i]
        return total, 0.0


class Embedding(Module):
    """A table of vectors for words."""

    weights: Parameter

    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        numbers = [
            [random.gauss(0, 1) for _ in range(embedding_dim)] for _ in range(num_embeddings)
        ]
        self.add_parameter("weights", tensor(numbers))

    def forward(self, words: Tensor) -> Tensor:
        """Return their vectors."""
        return Rows.apply(self.weights.value, words.detach())
