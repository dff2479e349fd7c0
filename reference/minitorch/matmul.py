"""The product of matrices, forward and backward.

Source: https://minitorch.github.io/module3/matrixmult/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .autodiff import Context
from .function import Function, is_wanted

if TYPE_CHECKING:
    from .tensor import Tensor


class MatMul(Function):
    r"""The product of matrices: $f(A, B) = A B$, for the last two dimensions."""

    @staticmethod
    def forward(ctx: Context, a: Tensor, b: Tensor) -> Tensor:
        """Return the product."""
        ctx.save_for_backward(a, b)
        return a.f.matrix_multiply(a, b)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor | float, Tensor | float]:
        """Return the derivatives with respect to `a` and `b`, each if it is wanted."""
        a, b = ctx.saved_values
        product = grad_output.f.matrix_multiply
        return (
            product(grad_output, _transpose(b)) if is_wanted(ctx, 0) else 0.0,
            product(_transpose(a), grad_output) if is_wanted(ctx, 1) else 0.0,
        )


def _transpose(a: Tensor) -> Tensor:
    """Return `a` with its last two dimensions exchanged."""
    *batch, rows, columns = range(a.dims)
    return a._new(a._tensor.permute(*batch, columns, rows))
