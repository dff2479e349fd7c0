"""Modules whose state is loaded in two rounds: what is wrong with it, then what is new."""

from __future__ import annotations

from typing import Any, Optional, Sequence


class Parameter:
    """A value in a module."""

    def __init__(self, x: Any, name: Optional[str] = None) -> None:
        self.value = x
        self.name = name
        self.update(x)

    def update(self, x: Any) -> None:
        """Replace the value."""
        self.value = x
        if hasattr(x, "requires_grad_"):
            self.value.requires_grad_(True)
            if self.name:
                self.value.name = self.name

    def __repr__(self) -> str:
        return repr(self.value)


class Module:
    """A tree of modules."""

    def __init__(self) -> None:
        self._modules = {}
        self._parameters = {}
        self.training = True

    def modules(self) -> Sequence[Module]:
        return list(self.__dict__["_modules"].values())

    def train(self) -> None:
        self.training = True
        for module in self.modules():
            module.train()

    def eval(self) -> None:
        self.training = False
        for module in self.modules():
            module.eval()

    def named_parameters(self) -> Sequence[tuple[str, Parameter]]:
        def go(module: Module, prefix: str) -> list[tuple[str, Parameter]]:
            own = [(prefix + name, value) for name, value in module._parameters.items()]
            for name, child in module._modules.items():
                own.extend(go(child, f"{prefix}{name}."))
            return own

        return go(self, "")

    def parameters(self) -> Sequence[Parameter]:
        return [parameter for _, parameter in self.named_parameters()]

    def add_parameter(self, k: str, v: Any) -> Parameter:
        val = Parameter(v, k)
        self.__dict__["_parameters"][k] = val
        return val

    def state_dict(self) -> dict[str, Any]:
        """Return what the parameters are now."""
        names, parameters = zip(*self.named_parameters()) if self.parameters() else ((), ())
        return dict(zip(names, (parameter.value.to_numpy().copy() for parameter in parameters)))

    def load_state_dict(self, state_dict: dict[str, Any], strict: bool = True) -> None:
        """Set the parameters; without `strict`, only those that the state has."""
        from .tensor_functions import tensor

        own, errors = dict(self.named_parameters()), []
        if strict:
            errors += [f"missing: {name}" for name in own if name not in state_dict]
            errors += [f"unexpected: {name}" for name in state_dict if name not in own]
        shared = [name for name in own if name in state_dict]
        for name in shared:
            if tuple(own[name].value.shape) != tuple(state_dict[name].shape):
                errors.append(f"size mismatch: {name}")
        if errors:
            raise RuntimeError("cannot load this state: " + "; ".join(errors))
        for name in shared:
            value = own[name].value
            own[name].update(tensor(state_dict[name].tolist(), backend=value.backend))

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
        raise AttributeError(f"{type(self).__name__} has no {key}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.forward(*args, **kwargs)
