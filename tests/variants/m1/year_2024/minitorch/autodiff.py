"""Automatic differentiation as in the layout of 2024."""

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Any, Deque, Dict, Iterable, Protocol, Set, Tuple


def central_difference(f: Any, *vals: Any, arg: int = 0, epsilon: float = 1e-6) -> Any:
    """Step to either side and measure the slope between."""
    plus, minus = list(vals), list(vals)
    plus[arg] = plus[arg] + epsilon
    minus[arg] = minus[arg] - epsilon
    return (f(*plus) - f(*minus)) / (2.0 * epsilon)


class Variable(Protocol):
    """What backpropagation asks of a variable."""

    def accumulate_derivative(self, x: Any) -> None:
        """Add to the derivative."""
        ...

    @property
    def unique_id(self) -> int:
        """Return an id."""
        ...

    def is_leaf(self) -> bool:
        """Tell leaves."""
        ...

    def is_constant(self) -> bool:
        """Tell constants."""
        ...

    @property
    def parents(self) -> Iterable["Variable"]:
        """Return the inputs."""
        ...

    def chain_rule(self, d_output: Any) -> Iterable[Tuple["Variable", Any]]:
        """Return inputs and derivatives."""
        ...


def topological_sort(variable: Variable) -> Iterable[Variable]:
    """Visit depth first; whoever is done goes to the front."""
    order: Deque[Variable] = deque()
    seen: Set[int] = set()

    def dfs(var: Variable) -> None:
        if var.unique_id in seen or var.is_constant():
            return
        seen.add(var.unique_id)
        for parent in var.parents:
            dfs(parent)
        order.appendleft(var)

    dfs(variable)
    return order


def backpropagate(variable: Variable, deriv: Any) -> None:
    """Hand derivatives on, from right to left."""
    grads: Dict[int, Any] = defaultdict(float)
    grads[variable.unique_id] += deriv
    for var in topological_sort(variable):
        if not var.is_leaf():
            for parent, grad in var.chain_rule(grads[var.unique_id]):
                grads[parent.unique_id] += grad
        else:
            var.accumulate_derivative(grads[var.unique_id])


@dataclass
class Context:
    """Keep values between forward and backward."""

    no_grad: bool = False
    saved_values: Tuple[Any, ...] = ()

    def save_for_backward(self, *values: Any) -> None:
        """Keep values."""
        if self.no_grad:
            return
        self.saved_values = values

    @property
    def saved_tensors(self) -> Tuple[Any, ...]:
        """Return what was kept."""
        return self.saved_values
