"""Pooling and softmax as the course suggests them, with a compiled maximum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import operators
from .autodiff import Context
from .fast_ops import FastOps
from .module import Module, Parameter
from .tensor_functions import Function, rand, tensor

if TYPE_CHECKING:
    from .tensor import Tensor


max_reduce = FastOps.reduce(operators.max, -1e9)


def tile(input: Tensor, kernel: tuple[int, int]) -> tuple[Tensor, int, int]:
    """Cut images into tiles."""
    batch, channel, height, width = input.shape
    kh, kw = kernel
    new_height, new_width = height // kh, width // kw
    out = input.contiguous().view(batch, channel, height, new_width, kw)
    out = out.permute(0, 1, 3, 2, 4).contiguous()
    out = out.view(batch, channel, new_width, new_height, kh * kw)
    out = out.permute(0, 1, 3, 2, 4).contiguous()
    return out.view(batch, channel, new_height, new_width, kh * kw), new_height, new_width


def avgpool2d(input: Tensor, kernel: tuple[int, int]) -> Tensor:
    """Return the mean of each tile."""
    batch, channel, height, width = input.shape
    out, new_height, new_width = tile(input, kernel)
    out = out.mean(dim=4)
    return out.contiguous().view(batch, channel, new_height, new_width)


def argmax(input: Tensor, dim: int) -> Tensor:
    """Return 1.0 where a number is the largest along a dimension."""
    out = max_reduce(input, dim)
    return out == input


class Max(Function):
    """The largest number along a dimension."""

    @staticmethod
    def forward(ctx: Context, input: Tensor, dim: Tensor) -> Tensor:
        """Return the largest numbers."""
        ctx.save_for_backward(input, int(dim.item()))
        return max_reduce(input, int(dim.item()))

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, float]:
        """Return the derivatives."""
        input, dim = ctx.saved_values
        return argmax(input, dim) * grad_output, 0.0


def max(input: Tensor, dim: int) -> Tensor:
    """Return the largest number along a dimension."""
    return Max.apply(input, input._ensure_tensor(dim))


def softmax(input: Tensor, dim: int) -> Tensor:
    """Return probabilities."""
    e = (input - max(input, dim)).exp()
    partition = e.sum(dim=dim)
    return e / partition


def logsoftmax(input: Tensor, dim: int) -> Tensor:
    """Return the logarithms of probabilities."""
    e = input
    mx = max(e, dim)
    lse = (e - mx).exp().sum(dim=dim).log() + mx
    return e - lse


def maxpool2d(input: Tensor, kernel: tuple[int, int]) -> Tensor:
    """Return the largest number of each tile."""
    batch, channel, height, width = input.shape
    out, new_height, new_width = tile(input, kernel)
    out = max(out, 4)
    return out.contiguous().view(batch, channel, new_height, new_width)


def dropout(input: Tensor, rate: float, ignore: bool = False) -> Tensor:
    """Drop numbers at random."""
    if ignore:
        return input
    drop = rand(input.shape, backend=input.backend) < rate
    return input * (1.0 - drop)


class Embedding(Module):
    """A table of vectors for words, found by comparing each word with all numbers."""

    def __init__(self, vocabulary: int, size: int) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.size = size
        self.table = Parameter(rand((vocabulary, size)) * 0.1)

    def forward(self, words: Tensor) -> Tensor:
        """Return their vectors: for each word the sum of all rows, each times 1 or 0."""
        numbers = tensor([float(i) for i in range(self.vocabulary)])
        is_word = words.contiguous().view(words.size, 1) == numbers
        rows = is_word.view(words.size, self.vocabulary, 1) * self.table.value
        return rows.sum(1).view(*words.shape, self.size)
