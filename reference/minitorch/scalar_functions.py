"""The functions that compute Scalars, forward and backward.

Source: https://minitorch.github.io/module1/module1/
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from . import operators, scalar
from .autodiff import Context

if TYPE_CHECKING:
    from .scalar import Scalar, ScalarLike


class ScalarFunction:
    """A function of numbers that knows its derivatives. It has no instances.

    A subclass defines two static methods. ``forward(ctx, a, b)`` computes the result,
    a float, from floats, and keeps in `ctx` what the other one will need.
    ``backward(ctx, d_output)`` returns the derivative with respect to each input, in a
    tuple if there are several: the function's own derivative times `d_output`.
    """

    forward: ClassVar[Callable[..., float]]
    backward: ClassVar[Callable[..., float | tuple[float, ...]]]

    @classmethod
    def _backward(cls, ctx: Context, d_output: float) -> tuple[float, ...]:
        """Return the derivatives of `backward` as a tuple, even if there is but one."""
        derivatives = cls.backward(ctx, d_output)
        return derivatives if isinstance(derivatives, tuple) else (derivatives,)

    @classmethod
    def apply(cls, *vals: ScalarLike) -> Scalar:
        """Call the function, and let the result remember that.

        Args:
            *vals: Scalars, or plain numbers, each of which becomes a new leaf.

        Returns:
            The result.
        """
        inputs, numbers = [], []
        for val in vals:
            variable = val if isinstance(val, scalar.Scalar) else scalar.Scalar(val)
            inputs.append(variable)
            numbers.append(variable.data)
        ctx = Context()
        result = cls.forward(ctx, *numbers)
        assert isinstance(result, float), (
            f"{cls.__name__}.forward must return a float, not {result!r}"
        )
        return scalar.Scalar(result, scalar.ScalarHistory(cls, ctx, inputs))


class Add(ScalarFunction):
    """Addition: $f(x, y) = x + y$."""

    @staticmethod
    def forward(ctx: Context, a: float, b: float) -> float:
        """Return the sum."""
        return operators.add(a, b)

    @staticmethod
    def backward(ctx: Context, d_output: float) -> tuple[float, float]:
        """Return the derivatives with respect to `a` and `b`."""
        return d_output, d_output


class Log(ScalarFunction):
    r"""The natural logarithm: $f(x) = \ln x$, as `operators.log` has it."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return the logarithm, and keep `a`."""
        ctx.save_for_backward(a)
        return operators.log(a)

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return the derivative with respect to `a`."""
        (a,) = ctx.saved_values
        return operators.log_back(a, d_output)


class Mul(ScalarFunction):
    r"""Multiplication: $f(x, y) = x \cdot y$."""

    @staticmethod
    def forward(ctx: Context, a: float, b: float) -> float:
        """Return the product."""
        # SOLUTION 1.2
        ctx.save_for_backward(a, b)
        return operators.mul(a, b)
        # END SOLUTION

    @staticmethod
    def backward(ctx: Context, d_output: float) -> tuple[float, float]:
        """Return the derivatives with respect to `a` and `b`."""
        # SOLUTION 1.4
        a, b = ctx.saved_values
        return b * d_output, a * d_output
        # END SOLUTION


class Inv(ScalarFunction):
    """The reciprocal: $f(x) = 1 / x$."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return the reciprocal."""
        # SOLUTION 1.2
        ctx.save_for_backward(a)
        return operators.inv(a)
        # END SOLUTION

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return the derivative with respect to `a`."""
        # SOLUTION 1.4
        (a,) = ctx.saved_values
        return operators.inv_back(a, d_output)
        # END SOLUTION


class Neg(ScalarFunction):
    """Negation: $f(x) = -x$."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return the number with the opposite sign."""
        # SOLUTION 1.2
        return operators.neg(a)
        # END SOLUTION

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return the derivative with respect to `a`."""
        # SOLUTION 1.4
        return operators.neg(d_output)
        # END SOLUTION


class Sigmoid(ScalarFunction):
    r"""The logistic function: $f(x) = \frac{1}{1 + e^{-x}}$."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return a number between 0 and 1."""
        # SOLUTION 1.2
        result = operators.sigmoid(a)
        ctx.save_for_backward(result)
        return result
        # END SOLUTION

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return the derivative with respect to `a`."""
        # SOLUTION 1.4
        (result,) = ctx.saved_values
        return operators.mul(result * (1.0 - result), d_output)
        # END SOLUTION


class ReLU(ScalarFunction):
    """The positive part: $f(x) = x$ if $x > 0$, else 0."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return the positive part."""
        # SOLUTION 1.2
        ctx.save_for_backward(a)
        return operators.relu(a)
        # END SOLUTION

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return the derivative with respect to `a`."""
        # SOLUTION 1.4
        (a,) = ctx.saved_values
        return operators.relu_back(a, d_output)
        # END SOLUTION


class Exp(ScalarFunction):
    """The exponential: $f(x) = e^x$."""

    @staticmethod
    def forward(ctx: Context, a: float) -> float:
        """Return the exponential."""
        # SOLUTION 1.2
        result = operators.exp(a)
        ctx.save_for_backward(result)
        return result
        # END SOLUTION

    @staticmethod
    def backward(ctx: Context, d_output: float) -> float:
        """Return the derivative with respect to `a`."""
        # SOLUTION 1.4
        (result,) = ctx.saved_values
        return operators.mul(result, d_output)
        # END SOLUTION


class LT(ScalarFunction):
    """Less than: 1.0 if $x < y$, else 0.0. It is flat wherever it has a derivative."""

    @staticmethod
    def forward(ctx: Context, a: float, b: float) -> float:
        """Return 1.0 or 0.0."""
        # SOLUTION 1.2
        return operators.lt(a, b)
        # END SOLUTION

    @staticmethod
    def backward(ctx: Context, d_output: float) -> tuple[float, float]:
        """Return the derivatives with respect to `a` and `b`."""
        # SOLUTION 1.4
        return 0.0, 0.0
        # END SOLUTION


class EQ(ScalarFunction):
    """Equality: 1.0 if $x = y$, else 0.0. It is flat wherever it has a derivative."""

    @staticmethod
    def forward(ctx: Context, a: float, b: float) -> float:
        """Return 1.0 or 0.0."""
        # SOLUTION 1.2
        return operators.eq(a, b)
        # END SOLUTION

    @staticmethod
    def backward(ctx: Context, d_output: float) -> tuple[float, float]:
        """Return the derivatives with respect to `a` and `b`."""
        # SOLUTION 1.4
        return 0.0, 0.0
        # END SOLUTION
