"""Modules that are gone through by generators; a state that does not fit is rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np


class Parameter:
    """A value in a module."""

    def __init__(self, x: Any, name: str | None = None) -> None:
        self.name = name
        self.update(x)

    def update(self, x: Any) -> None:
        """Replace the value."""
        self.value = x
        if hasattr(x, "requires_grad_"):
            x.requires_grad_(True)
            if self.name:
                x.name = self.name


class Module:
    """A tree of modules."""

    def __init__(self) -> None:
        self.__dict__.update(_modules={}, _parameters={}, training=True)

    def modules(self) -> list[Module]:
        return list(self._modules.values())

    def _walk(self, prefix: str) -> Iterator[tuple[str, Module]]:
        """Yield this module and all below it, with what their parameters' names begin with."""
        yield prefix, self
        for name, child in self._modules.items():
            yield from child._walk(f"{prefix}{name}.")

    def train(self, mode: bool = True) -> None:
        for _, module in self._walk(""):
            module.training = mode

    def eval(self) -> None:
        self.train(False)

    def named_parameters(self) -> list[tuple[str, Parameter]]:
        return [
            (prefix + name, parameter)
            for prefix, module in self._walk("")
            for name, parameter in module._parameters.items()
        ]

    def parameters(self) -> list[Parameter]:
        return list(dict(self.named_parameters()).values())

    def add_parameter(self, k: str, v: Any) -> Parameter:
        self._parameters[k] = Parameter(v, k)
        return self._parameters[k]

    def state_dict(self) -> dict[str, Any]:
        """Return an array for each parameter, by its name."""
        pairs = self.named_parameters()
        return {pair[0]: np.array(pair[1].value.to_numpy(), np.float64) for pair in pairs}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take numbers off a copy of the state, one parameter after the other.

        Whatever goes wrong, the parameters get back the values that they had.
        """
        before = [(parameter, parameter.value) for parameter in self.parameters()]
        left = dict(state)
        try:
            for name, parameter in self.named_parameters():
                array = np.asarray(left.pop(name), np.float64)
                value = parameter.value.zeros(array.shape)
                value._tensor._storage[:] = array.ravel()
                if value.shape != parameter.value.shape:
                    raise ValueError(f"{name} is {parameter.value.shape}, not {value.shape}")
                parameter.update(value)
            if left:
                raise KeyError(f"nobody wants {', '.join(left)}")
        except Exception:
            for parameter, value in before:
                parameter.value = value
            raise

    def __setattr__(self, key: str, val: Any) -> None:
        registry = {Parameter: self._parameters, Module: self._modules}
        for kind, names in registry.items():
            if isinstance(val, kind):
                names[key] = val
                return
        super().__setattr__(key, val)

    def __getattr__(self, key: str) -> Any:
        names = self.__dict__["_parameters"] | self.__dict__["_modules"]
        if key not in names:
            raise AttributeError(key)
        return names[key]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.forward(*args, **kwargs)
