"""As in 2024: a dimension, an order and a shape come as tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .autodiff import Context
from .function import Function as Function
from .function import as_numbers
from .making import tensor, zeros
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
        return (grad_output.f.mul_zip(grad_output, b), grad_output.f.mul_zip(grad_output, a))


class Sigmoid(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        result = a.f.sigmoid_map(a)
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        (result,) = ctx.saved_values
        f = grad_output.f
        rest = f.add_zip(tensor([1.0]), f.neg_map(result))
        return f.mul_zip(grad_output, f.mul_zip(result, rest))


class ReLU(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        ctx.save_for_backward(a)
        return a.f.relu_map(a)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        (a,) = ctx.saved_values
        return grad_output.f.relu_back_zip(a, grad_output)


class Log(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        ctx.save_for_backward(a)
        return a.f.log_map(a)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        (a,) = ctx.saved_values
        return grad_output.f.log_back_zip(a, grad_output)


class Exp(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor) -> Tensor:
        result = a.f.exp_map(a)
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> Tensor:
        (result,) = ctx.saved_values
        return grad_output.f.mul_zip(result, grad_output)


class Sum(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor, dim: Any) -> Tensor:
        return a.f.add_reduce(a, int(dim.item()))

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, float]:
        return (grad_output, 0.0)


class All(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor, dim: Any) -> Tensor:
        return a.f.mul_reduce(a, int(dim.item()))


class LT(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor, b: Tensor) -> Tensor:
        return a.f.lt_zip(a, b)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[float, float]:
        return (zeros(grad_output.shape), zeros(grad_output.shape))


class EQ(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor, b: Tensor) -> Tensor:
        return a.f.eq_zip(a, b)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[float, float]:
        return (zeros(grad_output.shape), zeros(grad_output.shape))


class IsClose(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor, b: Tensor) -> Tensor:
        return a.f.is_close_zip(a, b)


class Permute(Function):
    @staticmethod
    def forward(ctx: Context, a: Tensor, order: Any) -> Tensor:
        numbers = [int(order[i]) for i in range(order.size)]
        ctx.save_for_backward(numbers)
        return a._new(a._tensor.permute(*numbers))

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, float]:
        (numbers,) = ctx.saved_values
        way_back = [numbers.index(i) for i in range(len(numbers))]
        return (grad_output._new(grad_output._tensor.permute(*way_back)), 0.0)


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
