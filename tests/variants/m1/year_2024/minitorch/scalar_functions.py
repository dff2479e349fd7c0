"""Functions of Scalars as in the layout of 2024, with the operators of the last assignment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Tuple

import minitorch

from . import operators
from .autodiff import Context

if TYPE_CHECKING:
    from .scalar import Scalar, ScalarLike


class ScalarFunction:
    """What all functions share."""

    @classmethod
    def _backward(cls, ctx: Context, d_out: float) -> Tuple[float, ...]:
        grads = cls.backward(ctx, d_out)
        return grads if isinstance(grads, tuple) else (grads,)

    @classmethod
    def apply(cls, *vals: ScalarLike) -> Scalar:
        """Compute, and remember how."""
        raw_vals = []
        scalars = []
        for v in vals:
            if isinstance(v, minitorch.scalar.Scalar):
                scalars.append(v)
                raw_vals.append(v.data)
            else:
                scalars.append(minitorch.scalar.Scalar(v))
                raw_vals.append(v)
        ctx = Context(False)
        c = cls.forward(ctx, *raw_vals)
        assert isinstance(c, float), f"Expected return type float got {type(c)}"
        return minitorch.scalar.Scalar(c, minitorch.scalar.ScalarHistory(cls, ctx, scalars))


class Add(ScalarFunction):
    """Addition."""

    @staticmethod
    def forward(ctx: Context, a: float, b: float) -> float:
        """Return the sum."""
        return a + b

    @staticmethod
    def backward(ctx: Context, d_output: float) -> Tuple[float, ...]:
        """Return the derivatives."""
        return d_output, d_output


class Log(ScalarFunction):
    """Logarithm."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return the logarithm."""
        ctx.save_for_backward(a)
        return operators.log(a)

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return the derivative."""
        (a,) = ctx.saved_values
        return operators.log_back(a, d_output)


class Mul(ScalarFunction):
    """Multiplication."""

    @staticmethod
    def forward(ctx: Context, a: float, b: float) -> float:
        """Return the product."""
        ctx.save_for_backward(a, b)
        return float(operators.mul(a, b))

    @staticmethod
    def backward(ctx: Context, d_output: float) -> Tuple[float, float]:
        """Return the derivatives."""
        (a, b) = ctx.saved_values
        return operators.mul(d_output, b), operators.mul(d_output, a)


class Inv(ScalarFunction):
    """Reciprocal."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return the reciprocal."""
        ctx.save_for_backward(a)
        return operators.inv(a)

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return the derivative."""
        (a,) = ctx.saved_values
        return operators.inv_back(a, d_output)


class Neg(ScalarFunction):
    """Negation."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return the opposite."""
        return float(operators.neg(a))

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return the derivative."""
        return -d_output


class Sigmoid(ScalarFunction):
    """Sigmoid."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return the sigmoid, and keep it."""
        ctx.save_for_backward(operators.sigmoid(a))
        return ctx.saved_values[0]

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return the derivative."""
        sigma = ctx.saved_values[0]
        return sigma * (1.0 - sigma) * d_output


class ReLU(ScalarFunction):
    """Positive part."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return the positive part."""
        ctx.save_for_backward(a)
        return float(operators.relu(a))

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return the derivative."""
        return operators.relu_back(ctx.saved_values[0], d_output)


class Exp(ScalarFunction):
    """Exponential."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return the exponential, and keep it."""
        out = operators.exp(a)
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return the derivative."""
        (out,) = ctx.saved_values
        return d_output * out


class LT(ScalarFunction):
    """Less than."""

    @staticmethod
    def forward(ctx: Context, a: float, b: float) -> float:
        """Return 1.0 or 0.0."""
        return float(operators.lt(a, b))

    @staticmethod
    def backward(ctx: Context, d_output: float) -> Tuple[float, ...]:
        """Return zeros."""
        return 0.0, 0.0


class EQ(ScalarFunction):
    """Equality."""

    @staticmethod
    def forward(ctx: Context, a: float, b: float) -> float:
        """Return 1.0 or 0.0."""
        return float(operators.eq(a, b))

    @staticmethod
    def backward(ctx: Context, d_output: float) -> Tuple[float, ...]:
        """Return zeros."""
        return 0.0, 0.0
