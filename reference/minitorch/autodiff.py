"""Derivatives, found from outside and from inside.

`central_difference` asks a function for two of its values and knows no more.
`backpropagate` knows the graph: which variables a value was computed from, and how.
Both work for whatever is a `Variable`, be it a Scalar or a Tensor.

Source: https://minitorch.github.io/module1/module1/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol


def central_difference(
    f: Callable[..., Any], *vals: Any, arg: int = 0, epsilon: float = 1e-6
) -> Any:
    r"""Approximate the derivative of `f` with respect to one of its arguments.

    $$f'_i(x_1, \ldots, x_n) \approx
    \frac{f(\ldots, x_i + \epsilon, \ldots) - f(\ldots, x_i - \epsilon, \ldots)}{2 \epsilon}$$

    Args:
        f: a function of as many numbers as there are `vals`.
        *vals: where to take the derivative: $x_1, \ldots, x_n$.
        arg: which argument, counted from 0: $i - 1$.
        epsilon: a small number.

    Returns:
        The approximation.
    """
    # SOLUTION 1.1
    before, x, after = vals[:arg], vals[arg], vals[arg + 1 :]
    right = f(*before, x + epsilon, *after)
    left = f(*before, x - epsilon, *after)
    return (right - left) / (2 * epsilon)
    # END SOLUTION


class Variable(Protocol):
    """What `backpropagate` needs to know of a value in a graph."""

    @property
    def unique_id(self) -> int:
        """A number that no other variable has."""

    @property
    def parents(self) -> Iterable[Variable]:
        """The variables that this one was computed from; none for a leaf."""

    def is_leaf(self) -> bool:
        """Tell whether this variable was made by hand, not computed from others."""

    def is_constant(self) -> bool:
        """Tell whether no derivative is wanted for this variable."""

    def accumulate_derivative(self, x: Any) -> None:
        """Add `x` to the derivative of this variable, which is a leaf."""

    def chain_rule(self, d_output: Any) -> Iterable[tuple[Variable, Any]]:
        """Return each parent, and the derivative that it gets from this variable."""


def topological_sort(variable: Variable) -> Iterable[Variable]:
    """Put the graph to the left of a variable in order.

    Args:
        variable: the right-most variable.

    Returns:
        The variable and all that it was computed from, each once, and each before
        its parents. Constants are left out, and so is what only they lead to.

    Tell variables apart by `unique_id`: ``==`` of a Scalar is one more operation. A
    long computation makes a deep graph, deeper than Python lets a function call
    itself, and shared variables make it one with far more paths than variables.
    """
    # SOLUTION 1.4
    # A variable goes back on the stack below all that is to its left, with a mark on it:
    # when the mark comes up, all to its left is in `order`.
    order: list[Variable] = []
    seen: set[int] = set()
    stack: list[Any] = [variable]
    while stack:
        current = stack.pop()
        if current is None:
            order.append(stack.pop())
        elif current.unique_id not in seen and not current.is_constant():
            seen.add(current.unique_id)
            stack += (current, None)
            stack += current.parents
    order.reverse()
    return order
    # END SOLUTION


def backpropagate(variable: Variable, deriv: Any) -> None:
    """Find the derivative of every leaf to the left of a variable.

    Args:
        variable: the right-most variable.
        deriv: its own derivative, to be passed on to the left.

    Returns nothing: each leaf is told by `accumulate_derivative`, and its derivative
    is the sum over all the paths that lead to it.
    """
    # SOLUTION 1.4
    derivs = {variable.unique_id: deriv}
    for current in topological_sort(variable):
        d_output = derivs.pop(current.unique_id)
        if current.is_leaf():
            current.accumulate_derivative(d_output)
            continue
        for parent, d_parent in current.chain_rule(d_output):
            key = parent.unique_id
            derivs[key] = derivs[key] + d_parent if key in derivs else d_parent
    # END SOLUTION


@dataclass(slots=True)
class Context:
    """What the forward pass of a function keeps for the backward pass.

    Attributes:
        no_grad: keep nothing, since there will be no backward pass.
        saved_values: what was kept, always a tuple: take one value out of it by
            ``(a,) = ctx.saved_values``.
    """

    no_grad: bool = False
    saved_values: tuple[Any, ...] = ()

    def save_for_backward(self, *values: Any) -> None:
        """Keep `values` until the backward pass."""
        if not self.no_grad:
            self.saved_values = values

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """The `saved_values`, under the name that torch has for them."""
        return self.saved_values
