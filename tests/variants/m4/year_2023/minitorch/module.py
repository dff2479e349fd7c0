"""Modules as the course gives them; a state is gathered module by module, under a prefix."""

from __future__ import annotations

from typing import Any, Dict, Optional, Sequence, Tuple


class Module:
    """A tree of modules."""

    _modules: Dict[str, Module]
    _parameters: Dict[str, Parameter]
    training: bool

    def __init__(self) -> None:
        self._modules = {}
        self._parameters = {}
        self.training = True

    def modules(self) -> Sequence[Module]:
        m: Dict[str, Module] = self.__dict__["_modules"]
        return list(m.values())

    def train(self) -> None:
        self.training = True
        for m in self.modules():
            m.train()

    def eval(self) -> None:
        self.training = False
        for m in self.modules():
            m.eval()

    def named_parameters(self) -> Sequence[Tuple[str, Parameter]]:
        parameters = {}
        for name, value in self._parameters.items():
            parameters[name] = value
        for mod_name, m in self._modules.items():
            for name, value in m.named_parameters():
                parameters[f"{mod_name}.{name}"] = value
        return list(parameters.items())

    def parameters(self) -> Sequence[Parameter]:
        return [value for _, value in self.named_parameters()]

    def add_parameter(self, k: str, v: Any) -> Parameter:
        val = Parameter(v, k)
        self.__dict__["_parameters"][k] = val
        return val

    def state_dict(self, prefix: str = "") -> Dict[str, Any]:
        """Return copies of the numbers here, and of those of each module below."""
        state = {}
        for name, parameter in self._parameters.items():
            state[prefix + name] = parameter.value.to_numpy()
        for name, module in self._modules.items():
            state.update(module.state_dict(prefix + name + "."))
        return state

    def load_state_dict(self, state: Dict[str, Any], prefix: str = "") -> None:
        """Load the numbers here, then those of each module below; look at them all first."""
        if not prefix:
            own = self.state_dict()
            if set(own) != set(state):
                raise KeyError(f"expected {sorted(own)}, got {sorted(state)}")
            for name in own:
                if own[name].shape != state[name].shape:
                    raise ValueError(f"{name}: {own[name].shape} is not {state[name].shape}")
        for name, parameter in self._parameters.items():
            old, numbers = parameter.value, state[prefix + name]
            flat = [float(number) for number in numbers.reshape(-1)]
            parameter.update(old.make(flat, numbers.shape, backend=old.backend))
        for name, module in self._modules.items():
            module.load_state_dict(state, prefix + name + ".")

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
        raise AttributeError(key)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.forward(*args, **kwargs)


class Parameter:
    """A value in a module."""

    def __init__(self, x: Any, name: Optional[str] = None) -> None:
        self.value = x
        self.name = name
        if hasattr(x, "requires_grad_"):
            self.value.requires_grad_(True)
            if self.name:
                self.value.name = self.name

    def update(self, x: Any) -> None:
        """Replace the value."""
        self.value = x
        if hasattr(x, "requires_grad_"):
            self.value.requires_grad_(True)
            if self.name:
                self.value.name = self.name
