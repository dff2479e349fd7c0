"""Derivatives by operators of tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .autodiff import Context
from .function import Function as Function
from .function import as_dim, as_numbers
from .matmul import MatMul as MatMul
from .shapes import check_view
from .tensor_data import TensorData

if TYPE_CHECKING:
    from .tensor import Tensor


class Neg(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        return a.f.neg_map(a)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        return grad_output.f.neg_map(grad_output)


class Inv(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        ctx.save_for_backward(a)
        return a.f.inv_map(a)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        (a,) = ctx.saved_values
        return grad_output.f.inv_back_zip(a, grad_output)


class Add(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor, b: Tensor) -> Tensor:
        return a.f.add_zip(a, b)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, Tensor]:
        return (grad_output, grad_output)


class Mul(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor, b: Tensor) -> Tensor:
        ctx.save_for_backward(a, b)
        return a.f.mul_zip(a, b)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor | float, Tensor | float]:
        a, b = ctx.saved_values
        return (b * grad_output, a * grad_output)


class Sigmoid(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        result = a.f.sigmoid_map(a)
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        (result,) = ctx.saved_values
        return grad_output * (result - result * result)


class ReLU(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        positive = a.f.lt_zip(a._ensure_tensor(0.0), a)
        ctx.save_for_backward(positive)
        return a.f.mul_zip(a, positive)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        (positive,) = ctx.saved_values
        return positive * grad_output


class Log(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        ctx.save_for_backward(a)
        return a.f.log_map(a)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        (a,) = ctx.saved_values
        return grad_output / a


class Exp(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        result = a.f.exp_map(a)
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        (result,) = ctx.saved_values
        return result * grad_output


class Sum(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor, dim: Any) -> Tensor:
        return a.f.add_reduce(a, as_dim("sum", a, dim))

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, float]:
        return (grad_output, 0.0)


class All(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor, dim: Any) -> Tensor:
        return a.f.mul_reduce(a, as_dim("take all", a, dim))


class LT(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor, b: Tensor) -> Tensor:
        return a.f.lt_zip(a, b)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[float, float]:
        return (0.0 * grad_output, 0.0 * grad_output)


class EQ(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor, b: Tensor) -> Tensor:
        return a.f.eq_zip(a, b)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[float, float]:
        return (0.0 * grad_output, 0.0 * grad_output)


class IsClose(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor, b: Tensor) -> Tensor:
        return a.f.is_close_zip(a, b)


class Permute(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor, order: Any) -> Tensor:
        order = as_numbers(order)
        ctx.save_for_backward(order)
        return a._new(a._tensor.permute(*order))

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, float]:
        (order,) = ctx.saved_values
        places = {dim: place for place, dim in enumerate(order)}
        return (grad_output.permute(*(places[i] for i in range(len(order)))), 0.0)


class View(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor, shape: Any) -> Tensor:
        shape = as_numbers(shape)
        ctx.save_for_backward(a.shape)
        check_view(a.shape, shape)
        assert a._tensor.is_contiguous(), "view() needs elements in order: contiguous() first"
        return a._new(TensorData(a._tensor._storage, shape))

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, float]:
        (shape,) = ctx.saved_values
        grad = grad_output.contiguous()
        return (grad._new(TensorData(grad._tensor._storage, shape)), 0.0)


class Copy(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        return a.f.id_map(a)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        return grad_output
