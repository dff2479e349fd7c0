"""Optimizers: they change parameters so that a loss goes down.

Source: https://minitorch.github.io/module1/module1/
"""

from __future__ import annotations

from collections.abc import Sequence

from .module import Parameter
from .scalar import Scalar


class Optimizer:
    """What all optimizers share: the parameters that they change."""

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self.parameters = parameters


class SGD(Optimizer):
    """Gradient descent: a step of length `lr` times the derivative, downhill.

    Args:
        parameters: what to change, as `Module.parameters` returns it.
        lr: the learning rate.
    """

    def __init__(self, parameters: Sequence[Parameter], lr: float = 1.0) -> None:
        super().__init__(parameters)
        self.lr = lr

    def zero_grad(self) -> None:
        """Forget the derivatives, before the next ones are accumulated."""
        for parameter in self.parameters:
            value = parameter.value
            if isinstance(value, Scalar):
                value.derivative = None
            elif hasattr(value, "grad"):  # a tensor
                value.grad = None

    def step(self) -> None:
        """Move each parameter that has a derivative against it."""
        for parameter in self.parameters:
            value = parameter.value
            if isinstance(value, Scalar):
                if value.derivative is not None:
                    parameter.update(Scalar(value.data - self.lr * value.derivative))
            elif getattr(value, "grad", None) is not None:
                # Detached, for what was computed with the old value does not matter any more.
                parameter.update(value.detach() + value.grad * -self.lr)
