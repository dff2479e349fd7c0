"""Modules whose parameters come in a dict of names, as in the layout of 2020."""

from __future__ import annotations

from typing import Any


class Parameter:
    def __init__(self, x: Any = None, name: str | None = None) -> None:
        self.value = x
        self.name = name
        if hasattr(x, "requires_grad_"):
            self.value.requires_grad_(True)
            if self.name:
                self.value.name = self.name

    def update(self, x: Any) -> None:
        self.__init__(x, self.name)


class Module:
    def __init__(self) -> None:
        self.__dict__.update({"_modules": {}, "_parameters": {}, "training": True})

    def modules(self) -> list[Module]:
        return [*self._modules.values()]

    def train(self, flag: bool = True) -> None:
        self.training = flag
        [child.train(flag) for child in self.modules()]

    def eval(self) -> None:
        self.train(False)

    def named_parameters(self) -> dict[str, Parameter]:
        below = {
            f"{name}.{key}": parameter
            for name, child in self._modules.items()
            for key, parameter in child.named_parameters().items()
        }
        return self._parameters | below

    def parameters(self) -> list[Parameter]:
        return list(self.named_parameters().values())

    def add_parameter(self, k: str, v: Any) -> Parameter:
        self._parameters[k] = Parameter(v, k)
        return self._parameters[k]

    def __setattr__(self, key: str, val: Any) -> None:
        kind = {True: "_parameters", False: "_modules"}
        if isinstance(val, Parameter | Module):
            self.__dict__[kind[isinstance(val, Parameter)]][key] = val
        else:
            self.__dict__[key] = val

    def __getattr__(self, key: str) -> Any:
        return self.__dict__["_parameters"].get(key, self.__dict__["_modules"].get(key))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.forward(*args, **kwargs)
