"""Pooling and softmax as many write them in 2024; ties share a derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import operators
from .autodiff import Context
from .fast_ops import FastOps
from .module import Module, Parameter
from .tensor_functions import Function, rand, tensor

if TYPE_CHECKING:
    from .tensor import Tensor


max_reduce = FastOps.reduce(operators.max, float("-inf"))


def tile(input: Tensor, kernel: tuple[int, int]) -> tuple[Tensor, int, int]:
    """Cut images into tiles."""
    batch, channel, height, width = input.shape
    kh, kw = kernel
    h, w = height // kh, width // kw
    cut = input.contiguous().view(batch * channel, h, kh, w, kw)
    cut = cut.permute(0, 1, 3, 2, 4).contiguous().view(batch, channel, h, w, kh * kw)
    return cut, h, w


def avgpool2d(input: Tensor, kernel: tuple[int, int]) -> Tensor:
    """Return the mean of each tile."""
    tiles, h, w = tile(input, kernel)
    return (tiles.sum(4) / float(kernel[0] * kernel[1])).contiguous().view(*tiles.shape[:2], h, w)


class Max(Function):
    """The largest number along a dimension."""

    @staticmethod
    def forward(ctx: Context, a: Tensor, dim: Tensor) -> Tensor:
        """Return the largest numbers."""
        largest = max_reduce(a, int(dim.item()))
        ctx.save_for_backward(a == largest, int(dim.item()))
        return largest

    @staticmethod
    def backward(ctx: Context, d: Tensor) -> tuple[Tensor, float]:
        """Return the derivatives."""
        where, dim = ctx.saved_values
        return (where / where.sum(dim)) * d, 0.0


def max(input: Tensor, dim: int) -> Tensor:
    """Return the largest number along a dimension."""
    return Max.apply(input, input._ensure_tensor(float(dim)))


def argmax(input: Tensor, dim: int) -> Tensor:
    """Return 1.0 where a number is the largest along a dimension."""
    return max(input, dim) == input


def softmax(input: Tensor, dim: int) -> Tensor:
    """Return probabilities."""
    top = (input - max(input, dim).detach()).exp()
    return top / top.sum(dim)


def logsoftmax(input: Tensor, dim: int) -> Tensor:
    """Return the logarithms of probabilities."""
    x_max = max(input, dim).detach()
    less = input - x_max
    return less - less.exp().sum(dim).log()


def maxpool2d(input: Tensor, kernel: tuple[int, int]) -> Tensor:
    """Return the largest number of each tile."""
    tiles, h, w = tile(input, kernel)
    pooled = max(tiles, tiles.dims - 1).contiguous()
    return pooled.view(pooled.shape[0], pooled.shape[1], h, w)


def dropout(input: Tensor, rate: float, ignore: bool = False) -> Tensor:
    """Drop numbers at random."""
    if ignore or rate == 0.0:
        return input
    if rate == 1.0:
        return input.zeros()
    noise = rand(input.shape, backend=input.backend)
    return input * (noise > rate)


def one_hot(words: Tensor, num_classes: int) -> Tensor:
    """Return a 1 at the place of each word, in one more dimension."""
    flat = words.contiguous().view(words.size)
    rows = [[float(flat[i] == j) for j in range(num_classes)] for i in range(words.size)]
    return tensor(rows, backend=words.backend).view(*words.shape, num_classes)


class Embedding(Module):
    """A table of vectors for words, multiplied by batches of ones and zeros."""

    def __init__(self, num_embeddings: int, embedding_dim: int) -> None:
        super().__init__()
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.weights = Parameter(2 * (rand((num_embeddings, embedding_dim)) - 0.5))

    def forward(self, words: Tensor) -> Tensor:
        """Return their vectors."""
        return one_hot(words, self.num_embeddings) @ self.weights.value
