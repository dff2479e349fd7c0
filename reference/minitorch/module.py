"""Modules: the parts that a model is put together from.

A `Module` holds parameters and other modules, and so on downwards: a tree.
Whoever assigns a `Parameter` or a `Module` to an attribute has registered it::

    class Pair(Module):
        def __init__(self):
            super().__init__()
            self.left = Linear(2, 1)  # a child, found in `modules()`
            self.bias = Parameter(0.5)  # a parameter, found in `named_parameters()`

Source: https://minitorch.github.io/module0/module0/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any


class Parameter:
    """A value that training changes, in a place where a `Module` can find it.

    Args:
        x: the value: a number, a Scalar or a Tensor. One that can track gradients
            is told to.
        name: a name for the value, for people.
    """

    def __init__(self, x: Any, name: str | None = None) -> None:
        self.name = name
        self.update(x)

    def update(self, x: Any) -> None:
        """Replace the value by `x`, which starts without a history."""
        self.value = x
        if hasattr(x, "requires_grad_"):
            x.requires_grad_(True)
            if self.name:
                x.name = self.name

    def __repr__(self) -> str:
        return repr(self.value)


class Module:
    """A tree of modules, with parameters at any of them.

    A subclass calls ``super().__init__()`` before it assigns anything, and defines
    ``forward``, which runs when the module is called.
    """

    _modules: dict[str, Module]
    _parameters: dict[str, Parameter]
    training: bool
    forward: Callable[..., Any]

    def __init__(self) -> None:
        # Past `__setattr__`, which needs the two dictionaries.
        self.__dict__.update(_modules={}, _parameters={}, training=True)

    def modules(self) -> Sequence[Module]:
        """Return the direct children, in the order of their assignment."""
        return list(self._modules.values())

    def train(self) -> None:
        """Set `training` to True, here and in every module below."""
        # SOLUTION 0.4
        self.training = True
        for child in self.modules():
            child.train()
        # END SOLUTION

    def eval(self) -> None:
        """Set `training` to False, here and in every module below."""
        # SOLUTION 0.4
        self.training = False
        for child in self.modules():
            child.eval()
        # END SOLUTION

    def named_parameters(self) -> Sequence[tuple[str, Parameter]]:
        """Return every parameter of this tree with its name.

        Returns:
            A list of pairs. A parameter of this module has the name it was assigned
            to, such as ``"bias"``. The name of one further down begins with the names
            of the modules on the way, as in ``"left.bias"`` or ``"a.b.bias"``.
        """
        # SOLUTION 0.4
        pairs = list(self._parameters.items())
        for prefix, child in self._modules.items():
            pairs += [(f"{prefix}.{name}", value) for name, value in child.named_parameters()]
        return pairs
        # END SOLUTION

    def parameters(self) -> Sequence[Parameter]:
        """Return every parameter of this tree, as a list."""
        # SOLUTION 0.4
        return [parameter for _, parameter in self.named_parameters()]
        # END SOLUTION

    def add_parameter(self, k: str, v: Any) -> Parameter:
        """Make a parameter without an attribute in the source, as in a loop.

        Args:
            k: its name.
            v: its value.

        Returns:
            The new parameter, which is also the attribute `k` from now on.
        """
        parameter = Parameter(v, k)
        setattr(self, k, parameter)
        return parameter

    # SOLUTION 4.7
    def state_dict(self) -> dict[str, Any]:
        """Return the numbers of every parameter, as NumPy arrays by their names.

        NumPy writes them to a file, and `load_state_dict` takes them from there::

            numpy.savez("model.npz", **model.state_dict())
            model.load_state_dict(numpy.load("model.npz"))
        """
        return {name: _to_array(parameter.value) for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Change every parameter to numbers that `state_dict` returned.

        Args:
            state: arrays by the names of the parameters, such as an open npz file.

        Raises:
            KeyError: the names are not those of the parameters. Nothing is changed.
            ValueError: an array has another shape than its parameter. Nothing is changed.
        """
        parameters = dict(self.named_parameters())
        missing = sorted(parameters.keys() - state.keys())
        unknown = sorted(state.keys() - parameters.keys())
        if missing or unknown:
            raise KeyError(
                f"the state is not of this {type(self).__name__}: it lacks {missing}, "
                f"and no parameter is called {unknown}"
            )
        values = {
            name: _with_numbers(name, parameter.value, state[name])
            for name, parameter in parameters.items()
        }
        for name, value in values.items():
            parameters[name].update(value)

    # END SOLUTION

    def __setattr__(self, key: str, val: Any) -> None:
        if "_modules" not in self.__dict__:
            raise AttributeError(
                f"cannot assign {type(self).__name__}.{key} yet: "
                "call super().__init__() first in __init__"
            )
        home: dict[str, Any] = self.__dict__
        if isinstance(val, Parameter):
            home = self._parameters
        elif isinstance(val, Module):
            home = self._modules
        for names in (self.__dict__, self._parameters, self._modules):
            if names is not home:
                names.pop(key, None)  # what had this name before is gone, whatever it was
        if home is self.__dict__:
            super().__setattr__(key, val)
        else:
            home[key] = val

    def __getattr__(self, key: str) -> Any:
        # Python comes here only for what is not an ordinary attribute. Nor need the
        # two dictionaries exist: `copy` asks before it fills the new object.
        for registry in ("_parameters", "_modules"):
            names = self.__dict__.get(registry, {})
            if key in names:
                return names[key]
        raise AttributeError(f"{type(self).__name__} has no attribute {key!r}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run `forward`."""
        return self.forward(*args, **kwargs)

    def __repr__(self) -> str:
        if not self._modules:
            return f"{type(self).__name__}()"
        children = "".join(f"({name}): {child!r}\n" for name, child in self._modules.items())
        indented = "".join(f"  {line}\n" for line in children.splitlines())
        return f"{type(self).__name__}(\n{indented})"


# SOLUTION 4.7
def _to_array(value: Any) -> Any:
    """Return the numbers of a tensor, a Scalar or a number as a NumPy array."""
    import numpy as np

    if hasattr(value, "to_numpy"):
        return value.to_numpy()
    return np.array(getattr(value, "data", value), np.float64)


def _with_numbers(name: str, value: Any, numbers: Any) -> Any:
    """Return a value of the same kind as `value` with other numbers."""
    import numpy as np

    old, new = _to_array(value), np.array(numbers, np.float64)
    if new.shape != old.shape:
        raise ValueError(f"{name} has shape {old.shape}, but the state has {new.shape}")
    if hasattr(value, "to_numpy"):
        made = value.make(new.reshape(-1), new.shape, backend=value.backend)
        made._type_(value.backend)  # to the GPU, if it was there
        return made
    return type(value)(float(new)) if hasattr(value, "data") else float(new)


# END SOLUTION
