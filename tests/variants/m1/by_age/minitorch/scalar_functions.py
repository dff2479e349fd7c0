"""Functions of Scalars that work out their slopes on the way forward."""

import math

from . import operators, scalar
from .autodiff import Context


class ScalarFunction:
    @classmethod
    def _backward(cls, ctx, d_output):
        found = cls.backward(ctx, d_output)
        return found if isinstance(found, tuple) else (found,)

    @classmethod
    def apply(cls, *vals):
        inputs = tuple(v if isinstance(v, scalar.Scalar) else scalar.Scalar(v) for v in vals)
        ctx = Context()
        result = cls.forward(ctx, *[v.data for v in inputs])
        assert isinstance(result, float), f"{cls.__name__} returned {result!r}"
        return scalar.Scalar(result, scalar.ScalarHistory(cls, ctx, inputs))


class Sloped(ScalarFunction):
    """Has kept its slopes, one an input."""

    @staticmethod
    def backward(ctx, d_output):
        return tuple(slope * d_output for slope in ctx.saved_values)


class Add(Sloped):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(1.0, 1.0)
        return a + b


class Mul(Sloped):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(b, a)
        return a * b


class Inv(Sloped):
    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(-1.0 / a**2)
        return 1.0 / a


class Neg(Sloped):
    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(-1.0)
        return -a


class Log(Sloped):
    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(1.0 / a)
        return math.log(a)


class Exp(Sloped):
    @staticmethod
    def forward(ctx, a):
        result = math.exp(a)
        ctx.save_for_backward(result)
        return result


class Sigmoid(Sloped):
    @staticmethod
    def forward(ctx, a):
        result = operators.sigmoid(a)
        ctx.save_for_backward(result * (1 - result))
        return result


class ReLU(Sloped):
    @staticmethod
    def forward(ctx, a):
        active = a > 0
        ctx.save_for_backward(float(active))
        return a if active else 0.0


class LT(Sloped):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(0.0, 0.0)
        return 1.0 if a < b else 0.0


class EQ(Sloped):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(0.0, 0.0)
        return 1.0 if a == b else 0.0
