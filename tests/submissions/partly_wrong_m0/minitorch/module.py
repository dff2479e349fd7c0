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

from collections.abc import Callable, Sequence
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
        self.training = True
        for module in self.modules():
            module.train()

    def eval(self) -> None:
        """Set `training` to False, here and in every module below."""
        self.training = False
        for module in self.modules():
            module.training = False

    def named_parameters(self) -> Sequence[tuple[str, Parameter]]:
        """Return every parameter of this tree with its name.

        Returns:
            A list of pairs. A parameter of this module has the name it was assigned
            to, such as ``"bias"``. The name of one further down begins with the names
            of the modules on the way, as in ``"left.bias"`` or ``"a.b.bias"``.
        """
        named = list(self._parameters.items())
        for name, module in self._modules.items():
            for key, parameter in module.named_parameters():
                named.append((name + "." + key, parameter))
        return named

    def parameters(self) -> Sequence[Parameter]:
        """Return every parameter of this tree, as a list."""
        return [parameter for _, parameter in self.named_parameters()]

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
