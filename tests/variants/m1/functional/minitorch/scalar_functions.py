"""Functions of Scalars, each made of a formula and its partial derivatives."""

from __future__ import annotations

from typing import Any, Callable

from . import operators, scalar
from .autodiff import Context

Formula = Callable[..., float]


class ScalarFunction:
    @classmethod
    def _backward(cls, ctx: Context, d_output: float) -> tuple[float, ...]:
        found = cls.backward(ctx, d_output)
        return found if isinstance(found, tuple) else (found,)

    @classmethod
    def apply(cls, *vals: Any) -> Any:
        inputs = [v if isinstance(v, scalar.Scalar) else scalar.Scalar(v) for v in vals]
        ctx = Context()
        result = cls.forward(ctx, *(v.data for v in inputs))
        assert isinstance(result, float), f"expected a float, got {result!r}"
        return scalar.Scalar(result, scalar.ScalarHistory(cls, ctx, inputs))


def function(name: str, formula: Formula, *slopes: Formula) -> type[ScalarFunction]:
    """Return a function with a slope for each of its inputs."""

    def forward(ctx: Context, *inputs: float) -> float:
        ctx.save_for_backward(*inputs)
        return formula(*inputs)

    def backward(ctx: Context, d_output: float) -> tuple[float, ...]:
        return tuple(slope(*ctx.saved_values) * d_output for slope in slopes)

    methods = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    return type(name, (ScalarFunction,), methods)


def flat(*_: float) -> float:
    return 0.0


Add = function("Add", operators.add, lambda a, b: 1.0, lambda a, b: 1.0)
Mul = function("Mul", operators.mul, lambda a, b: b, lambda a, b: a)
Inv = function("Inv", operators.inv, lambda a: operators.inv_back(a, 1.0))
Neg = function("Neg", operators.neg, lambda a: -1.0)
Log = function("Log", operators.log, lambda a: operators.log_back(a, 1.0))
Exp = function("Exp", operators.exp, operators.exp)
Sigmoid = function(
    "Sigmoid", operators.sigmoid, lambda a: operators.sigmoid(a) * operators.sigmoid(-a)
)
ReLU = function("ReLU", operators.relu, lambda a: operators.relu_back(a, 1.0))
LT = function("LT", operators.lt, flat, flat)
EQ = function("EQ", operators.eq, flat, flat)
