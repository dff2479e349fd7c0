"""Scalars whose operators come from one table."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any, Callable, Sequence

from . import scalar_functions as functions
from .autodiff import Context, backpropagate, central_difference

_ids = itertools.count()


@dataclass(frozen=True)
class ScalarHistory:
    last_fn: Any = None
    ctx: Context | None = None
    inputs: Sequence[Any] = ()


def by(name: str, turned: bool = False) -> Callable[..., Any]:
    """Return a method that applies a function to a Scalar, and to another value if there is one."""

    def method(self: Scalar, *others: Any) -> Scalar:
        inputs = (self, *others)
        return getattr(functions, name).apply(*(reversed(inputs) if turned else inputs))

    return method


@dataclass(eq=False)
class Scalar:
    data: float
    history: ScalarHistory | None = field(default_factory=ScalarHistory)
    derivative: float | None = None
    name: str = ""
    unique_id: int = field(default_factory=lambda: next(_ids))

    __add__ = __radd__ = by("Add")
    __mul__ = __rmul__ = by("Mul")
    __neg__ = by("Neg")
    __lt__ = by("LT")
    __gt__ = by("LT", turned=True)
    __eq__ = by("EQ")
    log = by("Log")
    exp = by("Exp")
    sigmoid = by("Sigmoid")
    relu = by("ReLU")

    def __post_init__(self) -> None:
        self.data = float(self.data)

    def __sub__(self, b: Any) -> Scalar:
        return self + b * -1.0

    def __rsub__(self, b: Any) -> Scalar:
        return -(self - b)

    def __truediv__(self, b: Any) -> Scalar:
        return self * functions.Inv.apply(b)

    def __rtruediv__(self, b: Any) -> Scalar:
        return b * functions.Inv.apply(self)

    def __bool__(self) -> bool:
        return self.data != 0

    def accumulate_derivative(self, x: float) -> None:
        assert self.is_leaf()
        self.derivative = (self.derivative or 0.0) + x

    def is_leaf(self) -> bool:
        return not self.is_constant() and self.history.last_fn is None

    def is_constant(self) -> bool:
        return self.history is None

    @property
    def parents(self) -> Sequence[Scalar]:
        return self.history.inputs

    def chain_rule(self, d_output: float) -> Any:
        slopes = self.history.last_fn._backward(self.history.ctx, d_output)
        return filter(lambda pair: not pair[0].is_constant(), zip(self.parents, slopes))

    def backward(self, d_output: float = 1.0) -> None:
        backpropagate(self, d_output)


def derivative_check(f: Any, *scalars: Scalar) -> None:
    f(*scalars).backward()
    for i, x in enumerate(scalars):
        wanted = central_difference(f, *scalars, arg=i).data
        assert abs(x.derivative - wanted) <= 1e-2 * (1 + abs(wanted))
