"""Modules as in the layout of 2024: what is unknown is None, and both lists are made apart."""

from typing import Any, Dict, List, Optional, Sequence, Tuple


class Module:
    _modules: Dict[str, "Module"]
    _parameters: Dict[str, "Parameter"]
    training: bool

    def __init__(self) -> None:
        self._modules = {}
        self._parameters = {}
        self.training = True

    def modules(self) -> Sequence["Module"]:
        return list(self.__dict__["_modules"].values())

    def train(self) -> None:
        self._set_mode(True)

    def eval(self) -> None:
        self._set_mode(False)

    def _set_mode(self, training: bool) -> None:
        self.training = training
        for module in self._modules.values():
            module._set_mode(training)

    def named_parameters(self) -> Sequence[Tuple[str, "Parameter"]]:
        found: List[Tuple[str, Parameter]] = []

        def collect(module: "Module", prefix: str) -> None:
            for name, parameter in module._parameters.items():
                found.append((prefix + name, parameter))
            for name, child in module._modules.items():
                collect(child, prefix + name + ".")

        collect(self, "")
        return found

    def parameters(self) -> Sequence["Parameter"]:
        result = list(self._parameters.values())
        for module in self.modules():
            result.extend(module.parameters())
        return result

    def add_parameter(self, k: str, v: Any) -> "Parameter":
        val = Parameter(v, k)
        self.__dict__["_parameters"][k] = val
        return val

    def __setattr__(self, key: str, val: Any) -> None:
        if isinstance(val, Parameter):
            self.__dict__["_parameters"][key] = val
        elif isinstance(val, Module):
            self.__dict__["_modules"][key] = val
        else:
            super().__setattr__(key, val)

    def __getattr__(self, key: str) -> Any:
        for names in (self.__dict__["_parameters"], self.__dict__["_modules"]):
            if key in names:
                return names[key]
        return None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.forward(*args, **kwargs)


class Parameter:
    def __init__(self, x: Any, name: Optional[str] = None) -> None:
        self.value = x
        self.name = name
        self._track()

    def update(self, x: Any) -> None:
        self.value = x
        self._track()

    def _track(self) -> None:
        if hasattr(self.value, "requires_grad_"):
            self.value.requires_grad_(True)
            if self.name:
                self.value.name = self.name

    def __repr__(self) -> str:
        return repr(self.value)
