"""Scalars of NumPy's numbers, which ask their functions one input at a time."""

from __future__ import annotations

import numpy as np

from . import scalar_functions as functions
from .autodiff import backpropagate, central_difference


class ScalarHistory:
    def __init__(self, last_fn=None, ctx=None, inputs=()):
        self.last_fn = last_fn
        self.ctx = ctx
        self.inputs = inputs


class Scalar:
    count = 0

    def __init__(self, v, back=ScalarHistory(), name=None):
        Scalar.count += 1
        self.unique_id = Scalar.count
        self.data = np.float64(v)
        self.history = back
        self.derivative = None
        self.name = name

    def __add__(self, b):
        return functions.Add.apply(self, b)

    def __mul__(self, b):
        return functions.Mul.apply(self, b)

    def __sub__(self, b):
        return functions.Add.apply(self, functions.Mul.apply(-1.0, b))

    def __neg__(self):
        return functions.Neg.apply(self)

    def __truediv__(self, b):
        return functions.Mul.apply(self, functions.Inv.apply(b))

    def __radd__(self, b):
        return functions.Add.apply(b, self)

    def __rmul__(self, b):
        return functions.Mul.apply(b, self)

    def __rtruediv__(self, b):
        return functions.Mul.apply(b, functions.Inv.apply(self))

    def __lt__(self, b):
        return functions.LT.apply(self, b)

    def __gt__(self, b):
        return functions.LT.apply(b, self)

    def __eq__(self, b):
        return functions.EQ.apply(self, b)

    def __bool__(self):
        return bool(self.data)

    def log(self):
        return functions.Log.apply(self)

    def exp(self):
        return functions.Exp.apply(self)

    def sigmoid(self):
        return functions.Sigmoid.apply(self)

    def relu(self):
        return functions.ReLU.apply(self)

    def accumulate_derivative(self, x):
        assert self.is_leaf()
        self.derivative = x if self.derivative is None else np.add(self.derivative, x)

    def is_leaf(self):
        return self.history is not None and self.history.last_fn is None

    def is_constant(self):
        return self.history is None

    @property
    def parents(self):
        return self.history.inputs

    def chain_rule(self, d_output):
        h = self.history
        d_inputs = iter(h.last_fn._backward(h.ctx, d_output))
        return tuple((parent, next(d_inputs)) for parent in h.inputs)

    def backward(self, d_output=1.0):
        backpropagate(self, d_output)


def derivative_check(f, *scalars):
    f(*scalars).backward()
    for i, x in enumerate(scalars):
        wanted = central_difference(f, *scalars, arg=i).data
        np.testing.assert_allclose(x.derivative, wanted, 1e-2, 1e-2)
