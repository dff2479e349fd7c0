"""The functions that compute tensors, forward and backward.

Source: https://minitorch.github.io/module2/tensorops/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .autodiff import Context
from .function import Function as Function
from .function import as_dim, as_numbers, is_wanted
from .gradients import grad_central_difference, grad_check  # noqa: F401
from .making import _tensor, ones, rand, tensor, zeros  # noqa: F401
from .matmul import MatMul as MatMul
from .shapes import check_view
from .tensor_data import TensorData

if TYPE_CHECKING:
    from .tensor import Tensor


class Neg(Function):
    """Negation: $f(x) = -x$."""

    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        """Return the numbers with the opposite sign."""
        return a.f.neg_map(a)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        """Return the derivative with respect to `a`."""
        return grad_output.f.neg_map(grad_output)


class Inv(Function):
    """The reciprocal: $f(x) = 1 / x$."""

    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        """Return the reciprocals, and keep `a`."""
        ctx.save_for_backward(a)
        return a.f.inv_map(a)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        """Return the derivative with respect to `a`."""
        (a,) = ctx.saved_values
        return grad_output.f.inv_back_zip(a, grad_output)


class Add(Function):
    """Addition: $f(x, y) = x + y$."""

    @staticmethod
    def forward(ctx: Context, a: Tensor, b: Tensor) -> Tensor:
        """Return the sum."""
        return a.f.add_zip(a, b)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, Tensor]:
        """Return the derivatives with respect to `a` and `b`."""
        return grad_output, grad_output


class Mul(Function):
    r"""Multiplication, number by number: $f(x, y) = x \cdot y$."""

    @staticmethod
    def forward(ctx: Context, a: Tensor, b: Tensor) -> Tensor:
        """Return the product."""
        # SOLUTION 2.3
        ctx.save_for_backward(a, b)
        return a.f.mul_zip(a, b)
        # END SOLUTION

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor | float, Tensor | float]:
        """Return the derivatives with respect to `a` and `b`, each if it is wanted."""
        # SOLUTION 2.4
        a, b = ctx.saved_values
        d_a = grad_output * b if is_wanted(ctx, 0) else 0.0
        d_b = grad_output * a if is_wanted(ctx, 1) else 0.0
        return d_a, d_b
        # END SOLUTION


class Sigmoid(Function):
    r"""The logistic function: $f(x) = \frac{1}{1 + e^{-x}}$."""

    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        """Return numbers between 0 and 1."""
        # SOLUTION 2.3
        result = a.f.sigmoid_map(a)
        ctx.save_for_backward(result)
        return result
        # END SOLUTION

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        """Return the derivative with respect to `a`."""
        # SOLUTION 2.4
        (result,) = ctx.saved_values
        slope: Tensor = result * (1.0 - result)
        return slope * grad_output
        # END SOLUTION


class ReLU(Function):
    """The positive part: $f(x) = x$ if $x > 0$, else 0."""

    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        """Return the positive parts."""
        # SOLUTION 2.3
        ctx.save_for_backward(a)
        return a.f.relu_map(a)
        # END SOLUTION

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        """Return the derivative with respect to `a`."""
        # SOLUTION 2.4
        (a,) = ctx.saved_values
        return grad_output.f.relu_back_zip(a, grad_output)
        # END SOLUTION


class Log(Function):
    r"""The natural logarithm: $f(x) = \ln x$, as `operators.log` has it."""

    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        """Return the logarithms."""
        # SOLUTION 2.3
        ctx.save_for_backward(a)
        return a.f.log_map(a)
        # END SOLUTION

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        """Return the derivative with respect to `a`."""
        # SOLUTION 2.4
        (a,) = ctx.saved_values
        return grad_output.f.log_back_zip(a, grad_output)
        # END SOLUTION


class Exp(Function):
    """The exponential: $f(x) = e^x$."""

    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        """Return the exponentials."""
        # SOLUTION 2.3
        result = a.f.exp_map(a)
        ctx.save_for_backward(result)
        return result
        # END SOLUTION

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        """Return the derivative with respect to `a`."""
        # SOLUTION 2.4
        (result,) = ctx.saved_values
        return grad_output.f.mul_zip(result, grad_output)
        # END SOLUTION


class Sum(Function):
    """The sum along a dimension, which has size 1 in the result."""

    @staticmethod
    def forward(ctx: Context, a: Tensor, dim: Any) -> Tensor:
        """Return the sums."""
        # SOLUTION 2.3
        return a.f.add_reduce(a, as_dim("sum", a, dim))
        # END SOLUTION

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, float]:
        """Return the derivatives with respect to `a`, to be broadcast, and `dim`."""
        # SOLUTION 2.4
        return grad_output, 0.0
        # END SOLUTION


class All(Function):
    """The product along a dimension: 1.0 if all of its numbers are 1.0. It has no derivative."""

    @staticmethod
    def forward(ctx: Context, a: Tensor, dim: Any) -> Tensor:
        """Return the products."""
        return a.f.mul_reduce(a, as_dim("take all", a, dim))


class LT(Function):
    """Less than: 1.0 if $x < y$, else 0.0. It is flat wherever it has a derivative."""

    @staticmethod
    def forward(ctx: Context, a: Tensor, b: Tensor) -> Tensor:
        """Return 1.0 or 0.0 for each pair."""
        # SOLUTION 2.3
        return a.f.lt_zip(a, b)
        # END SOLUTION

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[float, float]:
        """Return the derivatives with respect to `a` and `b`, to be broadcast."""
        # SOLUTION 2.4
        return 0.0, 0.0
        # END SOLUTION


class EQ(Function):
    """Equality: 1.0 if $x = y$, else 0.0. It is flat wherever it has a derivative."""

    @staticmethod
    def forward(ctx: Context, a: Tensor, b: Tensor) -> Tensor:
        """Return 1.0 or 0.0 for each pair."""
        # SOLUTION 2.3
        return a.f.eq_zip(a, b)
        # END SOLUTION

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[float, float]:
        """Return the derivatives with respect to `a` and `b`, to be broadcast."""
        # SOLUTION 2.4
        return 0.0, 0.0
        # END SOLUTION


class IsClose(Function):
    """Nearness: 1.0 if $x$ and $y$ are close, as `operators.is_close` has it, else 0.0."""

    @staticmethod
    def forward(ctx: Context, a: Tensor, b: Tensor) -> Tensor:
        """Return 1.0 or 0.0 for each pair."""
        # SOLUTION 2.3
        return a.f.is_close_zip(a, b)
        # END SOLUTION


class Permute(Function):
    """The same tensor with its dimensions in another order. Nothing is copied."""

    @staticmethod
    def forward(ctx: Context, a: Tensor, order: Any) -> Tensor:
        """Return `a` with dimension ``order[0]`` first, and so on."""
        # SOLUTION 2.3
        order = as_numbers(order)
        ctx.save_for_backward(order)
        return a._new(a._tensor.permute(*order))
        # END SOLUTION

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, float]:
        """Return the derivatives with respect to `a` and `order`."""
        # SOLUTION 2.4
        (order,) = ctx.saved_values
        way_back = sorted(range(len(order)), key=lambda i: order[i])
        return grad_output._new(grad_output._tensor.permute(*way_back)), 0.0
        # END SOLUTION


class View(Function):
    """The same numbers in the same order, in another shape. Nothing is copied."""

    @staticmethod
    def forward(ctx: Context, a: Tensor, shape: Any) -> Tensor:
        """Return `a` in another shape."""
        shape = as_numbers(shape)
        ctx.save_for_backward(a.shape)
        check_view(a.shape, shape, in_order=a._tensor.is_contiguous())
        return a._new(TensorData(a._tensor._storage, shape))

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, float]:
        """Return the derivatives with respect to `a` and `shape`."""
        (shape,) = ctx.saved_values
        # The derivative need not lie in memory as the result of `forward` did.
        grad = grad_output.contiguous()
        return grad._new(TensorData(grad._tensor._storage, shape)), 0.0


class Copy(Function):
    """A copy whose elements lie in the order of their indices."""

    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        """Return the copy."""
        return a.f.id_map(a)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        """Return the derivative with respect to `a`."""
        return grad_output
