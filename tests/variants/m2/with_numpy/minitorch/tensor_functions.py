"""Derivatives in NumPy: what comes back is an array, made a tensor again at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .autodiff import Context
from .function import Function as Function
from .function import as_dim, as_numbers
from .matmul import MatMul as MatMul
from .shapes import check_view
from .tensor_data import TensorData

if TYPE_CHECKING:
    from .tensor import Tensor


def made(like: Tensor, array: np.ndarray) -> Tensor:
    """Return a constant with the numbers of an array."""
    flat = np.array(array, np.float64, order="C").reshape(-1)
    return like._new(TensorData(flat, tuple(array.shape)))


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
        d = grad_output.to_numpy()
        a, b = (value.to_numpy() for value in ctx.saved_values)
        return (made(grad_output, d * b), made(grad_output, d * a))


class Sigmoid(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        out = a.f.sigmoid_map(a)
        ctx.save_for_backward(out.to_numpy())
        return out

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        (out,) = ctx.saved_values
        return made(grad_output, out * (1 - out) * grad_output.to_numpy())


class ReLU(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        ctx.save_for_backward(a.to_numpy() > 0)
        return a.f.relu_map(a)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        (is_positive,) = ctx.saved_values
        return made(grad_output, np.where(is_positive, grad_output.to_numpy(), 0.0))


class Log(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        ctx.save_for_backward(a.to_numpy())
        return a.f.log_map(a)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        (a,) = ctx.saved_values
        return made(grad_output, grad_output.to_numpy() / a)


class Exp(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        ctx.save_for_backward(a.to_numpy())
        return a.f.exp_map(a)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        (a,) = ctx.saved_values
        return made(grad_output, np.exp(a) * grad_output.to_numpy())


class Sum(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor, dim: Any) -> Tensor:
        ctx.save_for_backward(a.shape)
        return a.f.add_reduce(a, as_dim("sum", a, dim))

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, float]:
        (shape,) = ctx.saved_values
        return (made(grad_output, np.broadcast_to(grad_output.to_numpy(), shape)), 0.0)


class All(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor, dim: Any) -> Tensor:
        return a.f.mul_reduce(a, as_dim("take all", a, dim))


class LT(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor, b: Tensor) -> Tensor:
        return a.f.lt_zip(a, b)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, Tensor]:
        nothing = made(grad_output, np.zeros(grad_output.shape))
        return (nothing, nothing)


class EQ(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor, b: Tensor) -> Tensor:
        return a.f.eq_zip(a, b)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, Tensor]:
        nothing = made(grad_output, np.zeros(grad_output.shape))
        return (nothing, nothing)


class IsClose(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor, b: Tensor) -> Tensor:
        return a.f.is_close_zip(a, b)


class Permute(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor, order: Any) -> Tensor:
        numbers = as_numbers(order)
        ctx.save_for_backward(np.argsort(numbers))
        return a._new(a._tensor.permute(*numbers))

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, float]:
        (way_back,) = ctx.saved_values
        return (made(grad_output, grad_output.to_numpy().transpose(way_back)), 0.0)


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
