"""Automatic differentiation as in the layout of 2022."""

from dataclasses import dataclass
from typing import Any, Iterable, List, Tuple

from typing_extensions import Protocol


def central_difference(f: Any, *vals: Any, arg: int = 0, epsilon: float = 1e-6) -> Any:
    vals_right = [v if i != arg else v + epsilon for i, v in enumerate(vals)]
    vals_left = [v if i != arg else v - epsilon for i, v in enumerate(vals)]
    delta = f(*vals_right) - f(*vals_left)
    return delta / (2 * epsilon)


variable_count = 1


class Variable(Protocol):
    def accumulate_derivative(self, x: Any) -> None: ...

    @property
    def unique_id(self) -> int: ...

    def is_leaf(self) -> bool: ...

    def is_constant(self) -> bool: ...

    @property
    def parents(self) -> Iterable["Variable"]: ...

    def chain_rule(self, d_output: Any) -> Iterable[Tuple["Variable", Any]]: ...


def topological_sort(variable: Variable) -> Iterable[Variable]:
    visited: List[int] = []
    result: List[Variable] = []

    def visit(n: Variable) -> None:
        if n.is_constant() or n.unique_id in visited:
            return
        if not n.is_leaf():
            for parent in n.parents:
                visit(parent)
        visited.append(n.unique_id)
        result.insert(0, n)

    visit(variable)
    return result


def backpropagate(variable: Variable, deriv: Any) -> None:
    queue = topological_sort(variable)
    derivatives = {}
    derivatives[variable.unique_id] = deriv
    for var in queue:
        deriv = derivatives[var.unique_id]
        if var.is_leaf():
            var.accumulate_derivative(deriv)
        else:
            for v, d in var.chain_rule(deriv):
                if v.is_constant():
                    continue
                derivatives.setdefault(v.unique_id, 0.0)
                derivatives[v.unique_id] = derivatives[v.unique_id] + d


@dataclass
class Context:
    no_grad: bool = False
    saved_values: Tuple[Any, ...] = ()

    def save_for_backward(self, *values: Any) -> None:
        if self.no_grad:
            return
        self.saved_values = values

    @property
    def saved_tensors(self) -> Tuple[Any, ...]:
        return self.saved_values
