"""Modules without recursion; a state is read and written number by number."""

from __future__ import annotations

import itertools
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
    """A tree of modules, gone through by a list of those that wait."""

    def __init__(self) -> None:
        self.__dict__["_modules"] = {}
        self.__dict__["_parameters"] = {}
        self.training = True

    def modules(self) -> list[Module]:
        return [*self._modules.values()]

    def _everywhere(self) -> list[tuple[str, Module]]:
        """Return this module and all below it, with their prefixes."""
        waiting: list[tuple[str, Module]] = [("", self)]
        found = []
        while waiting:
            prefix, module = waiting.pop()
            found.append((prefix, module))
            for name, child in module._modules.items():
                waiting.append((f"{prefix}{name}.", child))
        return found

    def train(self) -> None:
        for _, module in self._everywhere():
            module.training = True

    def eval(self) -> None:
        for _, module in self._everywhere():
            module.training = False

    def named_parameters(self) -> list[tuple[str, Parameter]]:
        pairs = []
        for prefix, module in self._everywhere():
            for name, parameter in module._parameters.items():
                pairs.append((prefix + name, parameter))
        return pairs

    def parameters(self) -> list[Parameter]:
        return [parameter for _, parameter in self.named_parameters()]

    def add_parameter(self, k: str, v: Any) -> Parameter:
        setattr(self, k, Parameter(v, k))
        return self._parameters[k]

    def state_dict(self) -> dict[str, Any]:
        """Return new arrays, filled number by number."""
        state = {}
        for name, parameter in self.named_parameters():
            array = np.zeros(parameter.value.shape)
            for index in itertools.product(*map(range, array.shape)):
                array[index] = parameter.value[index]
            state[name] = array
        return state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Write the numbers into the tensors that are there, once all of them fit."""
        left = dict(state)
        for name, parameter in self.named_parameters():
            assert name in left, f"{name} is missing"
            array = left.pop(name)
            assert list(array.shape) == list(parameter.value.shape), f"{name} has another shape"
        assert not left, f"there is no parameter called {' or '.join(left)}"
        for name, parameter in self.named_parameters():
            for index in itertools.product(*map(range, parameter.value.shape)):
                parameter.value[index] = float(state[name][index])

    def __setattr__(self, key: str, val: Any) -> None:
        if isinstance(val, Parameter):
            self._parameters[key] = val
        elif isinstance(val, Module):
            self._modules[key] = val
        else:
            object.__setattr__(self, key, val)

    def __getattr__(self, key: str) -> Any:
        for names in (self.__dict__["_parameters"], self.__dict__["_modules"]):
            if key in names:
                return names[key]
        raise AttributeError(key)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.forward(*args, **kwargs)
