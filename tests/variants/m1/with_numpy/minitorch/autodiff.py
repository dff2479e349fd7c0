"""Automatic differentiation in arrays, in an order by height."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


def central_difference(f, *vals, arg=0, epsilon=1e-6):
    steps = np.zeros((2, len(vals)))
    steps[:, arg] = epsilon, -epsilon
    right, left = (f(*moved) for moved in np.array(vals, dtype=object) + steps)
    return (right - left) / (2 * epsilon)


class Variable:
    pass


def topological_sort(variable):
    """Sort by the longest way to a leaf."""
    heights, variables = {}, {}

    def measure(v):
        if v.unique_id not in heights:
            height = 0
            for parent in v.parents:
                if not parent.is_constant():
                    height = max(height, measure(parent) + 1)
            heights[v.unique_id], variables[v.unique_id] = height, v
        return heights[v.unique_id]

    if not variable.is_constant():
        measure(variable)
    highest_first = np.argsort([-height for height in heights.values()], kind="stable")
    found = list(variables.values())
    return [found[place] for place in highest_first]


def backpropagate(variable, deriv):
    order = topological_sort(variable)
    places = {v.unique_id: place for place, v in enumerate(order)}
    derivs = np.zeros(len(order))
    derivs[:1] = deriv
    for v, d in zip(order, derivs):
        if v.is_leaf():
            v.accumulate_derivative(d)
        else:
            for parent, d_parent in v.chain_rule(d):
                if parent.unique_id in places:
                    derivs[places[parent.unique_id]] += d_parent


@dataclass
class Context:
    no_grad: bool = False
    saved_values: tuple[Any, ...] = ()

    def save_for_backward(self, *values):
        if not self.no_grad:
            self.saved_values = values

    @property
    def saved_tensors(self):
        return self.saved_values
