"""Modules that are gone through with a stack of what is still to be seen."""

from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple


class Module:
    def __init__(self) -> None:
        self._modules: Dict[str, Module] = {}
        self._parameters: Dict[str, Parameter] = {}
        self.training = True

    def modules(self) -> Sequence["Module"]:
        m: Dict[str, Module] = self.__dict__["_modules"]
        return list(m.values())

    def _descendants(self) -> Iterator[Tuple[List[str], "Module"]]:
        stack: List[Tuple[List[str], Module]] = [([], self)]
        while stack:
            path, module = stack.pop()
            yield path, module
            for name, child in module._modules.items():
                stack.append(([*path, name], child))

    def train(self) -> None:
        for _, module in self._descendants():
            module.training = True

    def eval(self) -> None:
        for _, module in self._descendants():
            module.training = False

    def named_parameters(self) -> Sequence[Tuple[str, "Parameter"]]:
        result = []
        for path, module in self._descendants():
            for name in module._parameters:
                result.append((".".join([*path, name]), module._parameters[name]))
        return result

    def parameters(self) -> Sequence["Parameter"]:
        result: List[Parameter] = []
        for _, module in self._descendants():
            result += module._parameters.values()
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
        if key in self.__dict__["_parameters"]:
            return self.__dict__["_parameters"][key]
        if key in self.__dict__["_modules"]:
            return self.__dict__["_modules"][key]
        return None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.forward(*args, **kwargs)

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({', '.join(self._modules)})"


class Parameter:
    def __init__(self, x: Any, name: Optional[str] = None) -> None:
        self.value = x
        self.name = name
        if hasattr(x, "requires_grad_"):
            self.value.requires_grad_(True)
            if self.name:
                self.value.name = self.name

    def update(self, x: Any) -> None:
        self.value = x
        if hasattr(x, "requires_grad_"):
            self.value.requires_grad_(True)
            if self.name:
                self.value.name = self.name
