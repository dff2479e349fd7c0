"""Scalar: a number that remembers how it was computed.

Source: https://minitorch.github.io/module1/module1/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeAlias

# This file and `scalar_functions` need each other. Importing the file, and no names
# out of it, works whichever of the two is read first.
from . import scalar_functions as functions
from .autodiff import Context, backpropagate, central_difference

ScalarLike: TypeAlias = "float | int | Scalar"
"""What an operation on Scalars accepts; a plain number becomes a Scalar."""

_next_id = count().__next__


@dataclass(slots=True)
class ScalarHistory:
    """How a Scalar came to be. A leaf, which was made by hand, has an empty one.

    It stays as it is: all leaves share one.

    Attributes:
        last_fn: the function that was called.
        ctx: what it kept for the backward pass.
        inputs: what it was called with.
    """

    last_fn: type[functions.ScalarFunction] | None = None
    ctx: Context | None = None
    inputs: Sequence[Scalar] = ()


_LEAF = ScalarHistory()


class Scalar:  # noqa: PLW1641  # no hash: equality is a Scalar, so it cannot tell keys apart
    """A number that can be used like a float, and can say what it depends on.

    Graphs have many of them, so they have slots, which are small and quickly made.

    Attributes:
        data: the number.
        history: how it was computed; None for a constant.
        derivative: of a leaf, after `backward`: the derivative of the variable that
            `backward` was called on, with respect to this one. None before.
        name: for people only.
        unique_id: a number that no other Scalar has.
    """

    __slots__ = ("data", "derivative", "history", "name", "unique_id")

    def __init__(
        self,
        data: float,
        history: ScalarHistory | None = _LEAF,
        derivative: float | None = None,
        name: str = "",
    ) -> None:
        self.data = float(data)
        self.history = history
        self.derivative = derivative
        self.name = name
        self.unique_id = _next_id()

    def __repr__(self) -> str:
        return f"Scalar({self.data})"

    def __bool__(self) -> bool:
        return bool(self.data)

    def __mul__(self, b: ScalarLike) -> Scalar:
        return functions.Mul.apply(self, b)

    def __rmul__(self, b: ScalarLike) -> Scalar:
        return self * b

    def __truediv__(self, b: ScalarLike) -> Scalar:
        return functions.Mul.apply(self, functions.Inv.apply(b))

    def __rtruediv__(self, b: ScalarLike) -> Scalar:
        return functions.Mul.apply(b, functions.Inv.apply(self))

    def __add__(self, b: ScalarLike) -> Scalar:
        # SOLUTION 1.2
        return functions.Add.apply(self, b)
        # END SOLUTION

    def __radd__(self, b: ScalarLike) -> Scalar:
        return self + b

    def __sub__(self, b: ScalarLike) -> Scalar:
        # SOLUTION 1.2
        return functions.Add.apply(self, functions.Neg.apply(b))
        # END SOLUTION

    def __rsub__(self, b: ScalarLike) -> Scalar:
        return -self + b

    def __neg__(self) -> Scalar:
        # SOLUTION 1.2
        return functions.Neg.apply(self)
        # END SOLUTION

    def __lt__(self, b: ScalarLike) -> Scalar:
        # SOLUTION 1.2
        return functions.LT.apply(self, b)
        # END SOLUTION

    def __gt__(self, b: ScalarLike) -> Scalar:
        # SOLUTION 1.2
        return functions.LT.apply(b, self)
        # END SOLUTION

    def __eq__(self, b: ScalarLike) -> Scalar:  # type: ignore[override]  # a Scalar, not a bool
        # SOLUTION 1.2
        return functions.EQ.apply(self, b)
        # END SOLUTION

    def log(self) -> Scalar:
        """Return the natural logarithm."""
        # SOLUTION 1.2
        return functions.Log.apply(self)
        # END SOLUTION

    def exp(self) -> Scalar:
        """Return e to the power of this number."""
        # SOLUTION 1.2
        return functions.Exp.apply(self)
        # END SOLUTION

    def sigmoid(self) -> Scalar:
        """Return this number squashed into the range from 0 to 1."""
        # SOLUTION 1.2
        return functions.Sigmoid.apply(self)
        # END SOLUTION

    def relu(self) -> Scalar:
        """Return this number if it is greater than 0, else 0."""
        # SOLUTION 1.2
        return functions.ReLU.apply(self)
        # END SOLUTION

    def requires_grad_(self, flag: bool = True) -> None:
        """Forget the history: become a leaf if `flag`, else a constant."""
        self.history = _LEAF if flag else None

    def accumulate_derivative(self, x: float) -> None:
        """Add `x` to the derivative of this variable, which must be a leaf."""
        assert self.is_leaf(), "only a leaf has a derivative"
        self.derivative = x if self.derivative is None else self.derivative + x

    def is_leaf(self) -> bool:
        """Tell whether this variable was made by hand, not computed from others."""
        return self.history is not None and self.history.last_fn is None

    def is_constant(self) -> bool:
        """Tell whether no derivative is wanted for this variable."""
        return self.history is None

    @property
    def parents(self) -> Iterable[Scalar]:
        """The variables that this one was computed from; none for a leaf."""
        assert self.history is not None, "a constant has no parents"
        return self.history.inputs

    def chain_rule(self, d_output: Any) -> Iterable[tuple[Scalar, Any]]:
        r"""Pass a derivative on to the variables that this one was computed from.

        For $z = f(x, y)$ and $d$, the derivative with respect to $z$, the one with
        respect to $x$ is $f'_x(x, y) \cdot d$, and likewise for $y$. The function that
        computed this variable has a `_backward` that calculates just that.

        Args:
            d_output: the derivative with respect to this variable: $d$.

        Returns:
            A pair for each input of that function, constants included, in their
            order: the input, and the derivative with respect to it.
        """
        h = self.history
        assert h is not None, "a constant was computed from nothing"
        assert h.last_fn is not None, "a leaf was computed from nothing"
        assert h.ctx is not None, "the context of the forward pass is missing"
        # SOLUTION 1.3
        return zip(h.inputs, h.last_fn._backward(h.ctx, d_output))  # noqa: B905  # strict is slow
        # END SOLUTION

    def backward(self, d_output: float = 1.0) -> None:
        """Find the derivative of every leaf that this variable was computed from.

        Args:
            d_output: the derivative with respect to this variable, to start from.
        """
        backpropagate(self, d_output)


def derivative_check(f: Callable[..., Scalar], *scalars: Scalar) -> None:
    """Compare the derivatives of `f` that `backward` finds with central differences.

    Args:
        f: a function of as many Scalars as are given.
        *scalars: where to compare.

    Raises:
        AssertionError: a derivative is missing, or it is off by more than 0.01, and by
            more than 1 % on top of that.
    """
    leaves = [Scalar(s.data) for s in scalars]
    f(*leaves).backward()
    where = ", ".join(str(leaf.data) for leaf in leaves)
    for i, leaf in enumerate(leaves):
        expected = central_difference(f, *leaves, arg=i).data
        found = leaf.derivative
        assert found is not None, f"f({where}).backward() left argument {i} without a derivative"
        assert abs(found - expected) <= 1e-2 + 1e-2 * abs(expected), (
            f"f({where}).backward() found {found} for argument {i}, "
            f"but the central difference is {expected}"
        )
