"""Which shapes an operation takes, and which one it gives. All kinds of operations ask here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .layout import IndexingError, layout
from .tensor_data import UserShape, shape_broadcast

if TYPE_CHECKING:
    from .tensor import Tensor


def zip_shape(name: str, a: UserShape, b: UserShape) -> tuple[int, ...]:
    """Return the shape of a zip of two tensors.

    Args:
        name: what is to be done, such as ``"add"``, for the message.
        a: the shape of one tensor.
        b: the shape of the other one.

    Raises:
        IndexingError: the shapes do not broadcast.
    """
    try:
        return shape_broadcast(a, b)
    except IndexingError as error:
        raise IndexingError(f"cannot {name} shapes {a} and {b}: {error}") from None


def check_map_shape(name: str, a: UserShape, out: UserShape) -> None:
    """Check that a tensor can be mapped into another one.

    Raises:
        IndexingError: shape `a` does not broadcast to `out`.
    """
    if a != out and zip_shape(name, a, out) != out:
        raise IndexingError(f"cannot {name} shape {a} into the smaller shape {out}")


def check_dim(name: str, shape: UserShape, dim: int) -> None:
    """Check that a tensor has a dimension.

    Raises:
        IndexingError: `dim` is not a whole number from 0 to the number of dimensions less 1.
    """
    if not 0 <= dim < len(shape) or dim != int(dim):
        raise IndexingError(
            f"cannot {name} over dim {dim} of shape {shape}: its dims are {list(range(len(shape)))}"
        )


def matmul_shape(a: UserShape, b: UserShape) -> tuple[int, ...]:
    """Return the shape of the product of two tensors of matrices.

    Raises:
        IndexingError: the matrices, or the dimensions before them, do not fit.
    """
    if len(a) < 2 or len(b) < 2:
        raise IndexingError(f"cannot multiply shapes {a} and {b}: a matrix has 2 dimensions")
    if a[-1] != b[-2]:
        raise IndexingError(
            f"cannot multiply shapes {a} and {b}: {a[-1]} columns do not fit {b[-2]} rows"
        )
    try:
        return (*shape_broadcast(a[:-2], b[:-2]), a[-2], b[-1])
    except IndexingError as error:
        raise IndexingError(f"cannot multiply shapes {a} and {b}: {error}") from None


def check_view(a: UserShape, shape: UserShape, *, in_order: bool = True) -> None:
    """Check that a tensor can be seen in another shape.

    Args:
        a: the shape that it has.
        shape: the other one.
        in_order: whether the tensor is contiguous.

    Raises:
        ValueError: it has not as many elements in that shape, or there is no such shape.
        AssertionError: it is not contiguous.
    """
    if min(shape, default=0) < 0:
        raise ValueError(f"cannot view shape {a} as {shape}: a shape has no negative numbers")
    size, wanted = layout(a).size, layout(shape).size
    if size != wanted:
        raise ValueError(f"cannot view shape {a} as {shape}: {size} elements are not {wanted}")
    assert in_order, (
        f"cannot view shape {a} as {shape}: its elements do not lie in order in memory, "
        "so call contiguous() first"
    )


def check_convolution(source: Tensor, weight: Tensor, dims: int, *, cuda: bool) -> None:
    """Check that a weight fits an input.

    Args:
        source: the input.
        weight: the weight.
        dims: how many dimensions both have.
        cuda: whether their numbers are on a GPU.

    Raises:
        IndexingError: one has not as many dimensions, or not as many channels.
        TypeError: their numbers are somewhere else.
    """
    what = f"cannot convolve input of shape {source.shape} with weight of shape {weight.shape}"
    if source.dims != dims or weight.dims != dims:
        raise IndexingError(f"{what}: conv{dims - 2}d takes tensors of {dims} dimensions")
    if source.shape[1] != weight.shape[1]:
        raise IndexingError(
            f"{what}: {source.shape[1]} input channels do not fit {weight.shape[1]} of the weight"
        )
    if source.backend.cuda != cuda:
        raise TypeError(
            f"{what} on {source.backend} here: cuda_conv computes on a GPU, fast_conv on the CPU"
        )
