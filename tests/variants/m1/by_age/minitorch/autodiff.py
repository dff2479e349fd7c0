"""Automatic differentiation from the youngest variable to the oldest.

Whoever was computed from others is younger than they are, so an order by `unique_id`
needs no search.
"""

import heapq
from dataclasses import dataclass


def central_difference(f, *vals, arg=0, epsilon=1e-6):
    values = []
    for sign in (1, -1):
        moved = vals[:arg] + (vals[arg] + sign * epsilon,) + vals[arg + 1 :]
        values.append(f(*moved))
    return (values[0] - values[1]) / (epsilon + epsilon)


class Variable:
    def is_leaf(self):
        raise NotImplementedError


def topological_sort(variable):
    found = {}
    todo = [variable]
    while todo:
        current = todo.pop()
        if current.unique_id not in found and not current.is_constant():
            found[current.unique_id] = current
            todo += current.parents
    return [found[unique_id] for unique_id in sorted(found, reverse=True)]


def backpropagate(variable, deriv):
    if variable.is_constant():
        return
    variables = {variable.unique_id: variable}
    derivs = {variable.unique_id: deriv}
    heap = [-variable.unique_id]
    while heap:
        youngest = -heapq.heappop(heap)
        current, d_output = variables.pop(youngest), derivs.pop(youngest)
        if current.is_leaf():
            current.accumulate_derivative(d_output)
            continue
        for parent, d_parent in current.chain_rule(d_output):
            if parent.is_constant():
                continue
            if parent.unique_id not in variables:
                variables[parent.unique_id] = parent
                derivs[parent.unique_id] = 0.0
                heapq.heappush(heap, -parent.unique_id)
            derivs[parent.unique_id] += d_parent


@dataclass
class Context:
    no_grad: bool = False
    saved_values: tuple = ()

    def save_for_backward(self, *values):
        self.saved_values = values

    @property
    def saved_tensors(self):
        return self.saved_values
