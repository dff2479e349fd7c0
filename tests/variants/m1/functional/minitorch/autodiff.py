"""Automatic differentiation that counts who still waits for whom."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Iterable, Iterator, Protocol


def central_difference(f: Any, *vals: Any, arg: int = 0, epsilon: float = 1e-6) -> Any:
    def at(step: float) -> Any:
        return f(*(v + step if i == arg else v for i, v in enumerate(vals)))

    return 0.5 * (at(epsilon) - at(-epsilon)) / epsilon


class Variable(Protocol):
    def accumulate_derivative(self, x: Any) -> None: ...

    @property
    def unique_id(self) -> int: ...

    def is_leaf(self) -> bool: ...

    def is_constant(self) -> bool: ...

    @property
    def parents(self) -> Iterable[Variable]: ...

    def chain_rule(self, d_output: Any) -> Iterable[tuple[Variable, Any]]: ...


def _inputs(variable: Variable) -> list[Variable]:
    return [parent for parent in variable.parents if not parent.is_constant()]


def _children(variable: Variable) -> Counter[int]:
    """Count for each variable how many times others were computed from it."""
    counts: Counter[int] = Counter()
    todo, met = [variable], {variable.unique_id}
    while todo:
        for parent in _inputs(todo.pop()):
            counts[parent.unique_id] += 1
            if parent.unique_id not in met:
                met.add(parent.unique_id)
                todo.append(parent)
    return counts


def topological_sort(variable: Variable) -> Iterator[Variable]:
    if variable.is_constant():
        return
    waiting = _children(variable)
    ready = [variable]
    while ready:
        current = ready.pop()
        yield current
        for parent in _inputs(current):
            waiting[parent.unique_id] -= 1
            if not waiting[parent.unique_id]:
                ready.append(parent)


def backpropagate(variable: Variable, deriv: Any) -> None:
    derivs = {variable.unique_id: deriv}
    for current in topological_sort(variable):
        d_output = derivs.pop(current.unique_id, 0.0)
        if current.is_leaf():
            current.accumulate_derivative(d_output)
        else:
            for parent, d in current.chain_rule(d_output):
                derivs[parent.unique_id] = derivs.get(parent.unique_id, 0.0) + d


@dataclass
class Context:
    no_grad: bool = False
    saved_values: tuple[Any, ...] = ()

    def save_for_backward(self, *values: Any) -> None:
        self.saved_values = () if self.no_grad else values

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        return self.saved_values
