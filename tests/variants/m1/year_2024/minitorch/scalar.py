"""Scalars as in the layout of 2024: a dataclass that compares by functions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Iterable, Optional, Sequence, Tuple, Type, Union

from .autodiff import Context, Variable, backpropagate, central_difference
from .scalar_functions import EQ, LT, Add, Exp, Inv, Log, Mul, Neg, ReLU, ScalarFunction, Sigmoid

ScalarLike = Union[float, int, "Scalar"]


@dataclass
class ScalarHistory:
    """How a Scalar was made."""

    last_fn: Optional[Type[ScalarFunction]] = None
    ctx: Optional[Context] = None
    inputs: Sequence[Scalar] = ()


_var_count = 0


@dataclass
class Scalar:
    """A number with a history."""

    data: float
    history: Optional[ScalarHistory] = field(default_factory=ScalarHistory)
    derivative: Optional[float] = None
    name: str = field(default="")
    unique_id: int = field(default=0)

    def __post_init__(self):
        global _var_count
        _var_count += 1
        object.__setattr__(self, "unique_id", _var_count)
        object.__setattr__(self, "name", self.name or str(self.unique_id))
        object.__setattr__(self, "data", float(self.data))

    def __repr__(self) -> str:
        return f"Scalar({self.data})"

    def __bool__(self) -> bool:
        return bool(self.data)

    def __mul__(self, b: ScalarLike) -> Scalar:
        return Mul.apply(self, b)

    def __rmul__(self, b: ScalarLike) -> Scalar:
        return self * b

    def __truediv__(self, b: ScalarLike) -> Scalar:
        return Mul.apply(self, Inv.apply(b))

    def __rtruediv__(self, b: ScalarLike) -> Scalar:
        return Mul.apply(b, Inv.apply(self))

    def __radd__(self, b: ScalarLike) -> Scalar:
        return self + b

    def __add__(self, b: ScalarLike) -> Scalar:
        return Add.apply(self, b)

    def __lt__(self, b: ScalarLike) -> Scalar:
        return LT.apply(self, b)

    def __gt__(self, b: ScalarLike) -> Scalar:
        return _scalar(b) < self

    def __eq__(self, b: ScalarLike) -> Scalar:
        return EQ.apply(b, self)

    def __sub__(self, b: ScalarLike) -> Scalar:
        return Add.apply(self, Neg.apply(b))

    def __neg__(self) -> Scalar:
        return Neg.apply(self)

    def log(self) -> Scalar:
        """Return the logarithm."""
        return Log.apply(self)

    def exp(self) -> Scalar:
        """Return the exponential."""
        return Exp.apply(self)

    def sigmoid(self) -> Scalar:
        """Return the sigmoid."""
        return Sigmoid.apply(self)

    def relu(self) -> Scalar:
        """Return the positive part."""
        return ReLU.apply(self)

    def accumulate_derivative(self, x: Any) -> None:
        """Add to the derivative."""
        assert self.is_leaf(), "Only leaf variables can have derivatives."
        if self.derivative is None:
            self.__setattr__("derivative", 0.0)
        self.__setattr__("derivative", self.derivative + x)

    def is_leaf(self) -> bool:
        """Tell leaves."""
        return self.history is not None and self.history.last_fn is None

    def is_constant(self) -> bool:
        """Tell constants."""
        return self.history is None

    @property
    def parents(self) -> Iterable[Variable]:
        """Return the inputs."""
        assert self.history is not None
        return self.history.inputs

    def chain_rule(self, d_output: Any) -> Iterable[Tuple[Variable, Any]]:
        """Yield inputs and derivatives."""
        h = self.history
        assert h is not None
        assert h.last_fn is not None
        assert h.ctx is not None
        yield from zip(h.inputs, h.last_fn._backward(h.ctx, d_output))

    def backward(self, d_output: Optional[float] = None) -> None:
        """Start backpropagation here."""
        backpropagate(self, 1.0 if d_output is None else d_output)


def _scalar(value: ScalarLike) -> Scalar:
    return value if isinstance(value, Scalar) else Scalar(value)


def derivative_check(f: Any, *scalars: Scalar) -> None:
    """Compare derivatives with central differences."""
    f(*scalars).backward()
    for i, x in enumerate(scalars):
        check = central_difference(f, *scalars, arg=i)
        assert abs(x.derivative - check.data) <= 1e-2 + 1e-2 * abs(check.data)
