"""Modules that yield what is in them, one after the other."""


class Parameter:
    def __init__(self, x, name=None):
        self.name = name
        self.update(x)

    def update(self, x):
        self.value = x
        if hasattr(x, "requires_grad_"):
            x.requires_grad_(True)
            if self.name:
                x.name = self.name


class Module:
    def __init__(self):
        self._modules = {}
        self._parameters = {}
        self.training = True

    def modules(self):
        return self._modules.values()

    def _tree(self):
        """Yield this module and all below it."""
        yield self
        for child in self.modules():
            yield from child._tree()

    def train(self):
        for module in self._tree():
            module.training = True

    def eval(self):
        for module in self._tree():
            module.training = False

    def _walk(self, prefix=""):
        for name, child in self._modules.items():
            yield from child._walk(f"{prefix}{name}.")
        for name, parameter in self._parameters.items():
            yield prefix + name, parameter

    def named_parameters(self):
        return tuple(self._walk())

    def parameters(self):
        return [p for module in self._tree() for p in module._parameters.values()]

    def add_parameter(self, k, v):
        val = Parameter(v, k)
        self._parameters[k] = val
        return val

    def __setattr__(self, key, val):
        if isinstance(val, Parameter):
            self._parameters[key] = val
        elif isinstance(val, Module):
            self._modules[key] = val
        else:
            object.__setattr__(self, key, val)

    def __getattr__(self, key):
        if key in self.__dict__["_parameters"]:
            return self.__dict__["_parameters"][key]
        if key in self.__dict__["_modules"]:
            return self.__dict__["_modules"][key]
        return None

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)
