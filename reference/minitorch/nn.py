"""The functions and layers that convolutional networks need besides convolution.

Source: https://minitorch.github.io/module4/pooling/, https://minitorch.github.io/module4/softmax/
"""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from . import operators
from .autodiff import Context
from .function import as_dim
from .making import from_data, rand
from .module import Module, Parameter
from .tensor_data import IndexingError, TensorData
from .tensor_functions import Function
from .tensor_ops import SimpleBackend, SimpleOps, TensorBackend

if TYPE_CHECKING:
    from .tensor import Tensor


def tile(input: Tensor, kernel: tuple[int, int]) -> tuple[Tensor, int, int]:
    """Cut images into tiles, and put the numbers of each tile side by side.

    Args:
        input: images, of shape (batch, channel, height, width).
        kernel: height and width of a tile; they divide those of the images.

    Returns:
        A tensor of shape (batch, channel, new height, new width, numbers in a tile), how
        many tiles stand above each other, and how many beside each other.
    """
    what = f"cannot tile shape {input.shape} by {kernel}"
    assert input.dims == 4, f"{what}: images have 4 dimensions"
    batch, channel, height, width = input.shape
    kh, kw = kernel
    assert kh > 0 and kw > 0, f"{what}: a tile has at least one number"  # noqa: PT018
    assert height % kh == 0 and width % kw == 0, (  # noqa: PT018
        f"{what}: {kh} must divide {height}, and {kw} {width}"
    )
    # SOLUTION 4.3
    new_height, new_width = height // kh, width // kw
    cut = input.contiguous().view(batch, channel, new_height, kh, new_width, kw)
    side_by_side = cut.permute(0, 1, 2, 4, 3, 5).contiguous()
    tiles = side_by_side.view(batch, channel, new_height, new_width, kh * kw)
    return tiles, new_height, new_width
    # END SOLUTION


def avgpool2d(input: Tensor, kernel: tuple[int, int]) -> Tensor:
    """Shrink images: each tile becomes one number, its mean.

    Args:
        input: images, of shape (batch, channel, height, width).
        kernel: height and width of a tile; they divide those of the images.

    Returns:
        Images of shape (batch, channel, new height, new width).
    """
    # SOLUTION 4.3
    tiles, new_height, new_width = tile(input, kernel)
    return tiles.mean(4).view(*input.shape[:2], new_height, new_width)
    # END SOLUTION


# SOLUTION 4.4
def _largest(name: str, input: Tensor, dim: Any) -> Tensor:
    """Return the largest number along a dimension, as a constant; `name` is for errors."""
    # A backend from an earlier year lacks this reduction.
    reduce = getattr(input.f, "max_reduce", None) or SimpleOps.reduce(operators.max, -math.inf)
    found: Tensor = reduce(input, as_dim(name, input, dim))
    return found


# END SOLUTION


def argmax(input: Tensor, dim: int) -> Tensor:
    """Return 1.0 where a number is the largest along a dimension, else 0.0.

    Args:
        input: any tensor.
        dim: the dimension.

    Returns:
        A constant tensor of the same shape. Equal numbers may all be the largest.
    """
    # SOLUTION 4.4
    return input.detach() == _largest("take argmax", input, dim)
    # END SOLUTION


class Max(Function):
    """The largest number along a dimension, which has size 1 in the result.

    Where several numbers are the largest, each gets the whole derivative.
    """

    @staticmethod
    def forward(ctx: Context, input: Tensor, dim: Any) -> Tensor:
        """Return the largest numbers."""
        # SOLUTION 4.4
        largest = _largest("take max", input, dim)
        ctx.save_for_backward(input, largest)
        return largest
        # END SOLUTION

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, float]:
        """Return the derivatives with respect to `input` and `dim`."""
        # SOLUTION 4.4
        input, largest = ctx.saved_values
        is_largest: Tensor = input == largest
        return is_largest * grad_output, 0.0
        # END SOLUTION


def max(input: Tensor, dim: int) -> Tensor:
    """Return the largest number along a dimension: see `Max`.

    Args:
        input: any tensor.
        dim: the dimension.
    """
    # SOLUTION 4.4
    return Max.apply(input, dim)
    # END SOLUTION


def softmax(input: Tensor, dim: int) -> Tensor:
    r"""Turn numbers into probabilities, which are positive and add up to 1.

    $$z_i = \frac{e^{x_i}}{\sum_j e^{x_j}}$$

    It must hold for numbers such as 1000 too, whose exponential is too large for a float.

    Args:
        input: any tensor.
        dim: the dimension along which they add up to 1.
    """
    # SOLUTION 4.4
    # Less the largest number, no exponential is too large. The result is the same, and
    # so is its derivative.
    exps = (input - _largest("take softmax", input, dim)).exp()
    return exps / exps.sum(dim)
    # END SOLUTION


def logsoftmax(input: Tensor, dim: int) -> Tensor:
    r"""Return the logarithm of `softmax`, also where that is too small for a float.

    $$z_i = x_i - \ln \sum_j e^{x_j}$$

    Args:
        input: any tensor.
        dim: the dimension of the sum.

    Source: https://en.wikipedia.org/wiki/LogSumExp#log-sum-exp_trick_for_log-domain_calculations
    """
    # SOLUTION 4.4
    shifted = input - _largest("take logsoftmax", input, dim)
    total = shifted.exp().sum(dim)  # at least 1
    return shifted - (total - operators.EPS).log()  # for `log` adds EPS
    # END SOLUTION


def maxpool2d(input: Tensor, kernel: tuple[int, int]) -> Tensor:
    """Shrink images: each tile becomes one number, its largest.

    Args:
        input: images, of shape (batch, channel, height, width).
        kernel: height and width of a tile; they divide those of the images.

    Returns:
        Images of shape (batch, channel, new height, new width).
    """
    # SOLUTION 4.4
    tiles, new_height, new_width = tile(input, kernel)
    return max(tiles, 4).view(*input.shape[:2], new_height, new_width)
    # END SOLUTION


def dropout(input: Tensor, rate: float, ignore: bool = False) -> Tensor:
    """Replace some of the numbers by 0, drawn at random. The others stay as they are.

    Args:
        input: any tensor.
        rate: how likely a number is to become 0, from 0 (none does) to 1 (all do).
        ignore: whether to return `input` as it is, as one does when not training.
    """
    # SOLUTION 4.4
    if ignore or rate <= 0:
        return input
    is_kept = rand(input.shape, backend=input.backend) > rate
    return input * is_kept
    # END SOLUTION


# SOLUTION 4.6
def one_hot(ids: Any, num_classes: int, backend: TensorBackend = SimpleBackend) -> Tensor:
    """Write each whole number as a row of zeros with a 1 at that place.

    Args:
        ids: whole numbers from 0 to `num_classes` - 1, in lists or a tensor of any shape.
        num_classes: how long a row is.
        backend: what computes with the result.

    Returns:
        A constant tensor of shape (as many as there are `ids`, `num_classes`).

    Raises:
        IndexingError: an id is out of range.
    """
    places = _array(ids).ravel().tolist()
    data = TensorData.zeros((len(places), num_classes))
    for row, place in enumerate(places):
        if not 0 <= place < num_classes or place != int(place):
            raise IndexingError(f"{place} is not a whole number from 0 to {num_classes - 1}")
        data._storage[row * num_classes + int(place)] = 1.0
    return from_data(data, backend)


def _array(numbers: Any) -> npt.NDArray[np.float64]:
    """Return numbers in lists or in a tensor as an array."""
    return numbers.to_numpy() if hasattr(numbers, "to_numpy") else np.array(numbers, np.float64)


class Embedding(Module):
    """A table with a vector for each word of a vocabulary, to be learned.

    Words are numbers, counted from 0. The parameter `weights` has a row for each: random
    numbers between -0.5 and 0.5 to begin with.

    Args:
        num_embeddings: how many words there are.
        embedding_dim: how long a vector is.
        backend: what computes with them.
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, backend: TensorBackend = SimpleBackend
    ) -> None:
        super().__init__()
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.weights = Parameter(rand((num_embeddings, embedding_dim), backend) - 0.5)

    def forward(self, words: Any) -> Tensor:
        """Look words up: multiply the table by a row of zeros and a 1 for each of them.

        Args:
            words: numbers of words, in lists or a tensor of any shape, such as (batch, length).

        Returns:
            Their vectors, in one more dimension: (batch, length, embedding dimension).
        """
        table: Tensor = self.weights.value
        found = one_hot(words, self.num_embeddings, table.backend) @ table
        return found.view(*_array(words).shape, self.embedding_dim)

    def nearest(self, vector: Tensor, count: int = 10) -> list[int]:
        """Return the words whose vectors have the largest dot products with a vector.

        Args:
            vector: a tensor with as many numbers as a vector of the table.
            count: how many words to return, the nearest first.
        """
        table = self.weights.value.detach()
        products = table @ vector.detach().contiguous().view(self.embedding_dim, 1)
        scores = products.to_numpy().ravel().tolist()
        return heapq.nlargest(count, range(self.num_embeddings), key=scores.__getitem__)


# END SOLUTION
