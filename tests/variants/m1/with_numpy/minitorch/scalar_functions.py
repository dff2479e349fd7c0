"""Functions of Scalars by NumPy: results and derivatives are its scalars."""

from __future__ import annotations

import numpy as np

from . import scalar
from .autodiff import Context


class ScalarFunction:
    @classmethod
    def _backward(cls, ctx, d_output):
        return np.atleast_1d(cls.backward(ctx, d_output))

    @classmethod
    def apply(cls, *vals):
        inputs = [v if isinstance(v, scalar.Scalar) else scalar.Scalar(v) for v in vals]
        ctx = Context()
        result = cls.forward(ctx, *(np.float64(v.data) for v in inputs))
        assert isinstance(result, float)
        return scalar.Scalar(result, scalar.ScalarHistory(cls, ctx, inputs))


class Add(ScalarFunction):
    @staticmethod
    def forward(ctx, a, b):
        return np.add(a, b)

    @staticmethod
    def backward(ctx, d_output):
        return np.array([1.0, 1.0]) * d_output


class Log(ScalarFunction):
    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a)
        return np.log(a)

    @staticmethod
    def backward(ctx, d_output):
        (a,) = ctx.saved_values
        return d_output / a


class Mul(ScalarFunction):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return np.multiply(a, b)

    @staticmethod
    def backward(ctx, d_output):
        return np.flip(ctx.saved_values) * d_output


class Inv(ScalarFunction):
    @staticmethod
    def forward(ctx, a):
        result = np.reciprocal(a)
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx, d_output):
        (result,) = ctx.saved_values
        return -d_output * result * result


class Neg(ScalarFunction):
    @staticmethod
    def forward(ctx, a):
        return np.negative(a)

    @staticmethod
    def backward(ctx, d_output):
        return np.negative(d_output)


class Sigmoid(ScalarFunction):
    @staticmethod
    def forward(ctx, a):
        result = (1 + np.tanh(a / 2)) / 2
        ctx.save_for_backward(a)
        return result

    @staticmethod
    def backward(ctx, d_output):
        (a,) = ctx.saved_values
        return d_output / (2 + 2 * np.cosh(a))


class ReLU(ScalarFunction):
    @staticmethod
    def forward(ctx, a):
        result = np.maximum(a, 0.0)
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx, d_output):
        (result,) = ctx.saved_values
        return np.sign(result) * d_output


class Exp(ScalarFunction):
    @staticmethod
    def forward(ctx, a):
        result = np.exp(a)
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx, d_output):
        return ctx.saved_values[0] * d_output


class LT(ScalarFunction):
    @staticmethod
    def forward(ctx, a, b):
        return np.float64(a < b)

    @staticmethod
    def backward(ctx, d_output):
        return np.zeros(2)


class EQ(ScalarFunction):
    @staticmethod
    def forward(ctx, a, b):
        return np.float64(a == b)

    @staticmethod
    def backward(ctx, d_output):
        return np.zeros(2)
