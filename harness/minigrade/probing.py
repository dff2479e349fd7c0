"""What probes may use, beside the student's code: it runs in the worker.

Nothing here knows what is expected.
"""

from __future__ import annotations

import functools
import importlib.util
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

import numpy as np

from minigrade.evidence import compilation
from minigrade.laying import (
    fast_backend,
    gradient,
    lie,
    mend_views,
    raw,
    slopes_or_zeros,
    tensor,
    unchanged,
    values,
)

__all__ = [
    "as_written",
    "compilation",
    "compute",
    "derivative",
    "fast_backend",
    "gradient",
    "items",
    "lie",
    "linear",
    "linear_parameters",
    "mend_views",
    "number",
    "raw",
    "run_lines",
    "scalar_function",
    "script",
    "slopes_or_zeros",
    "tensor",
    "tensor_linear",
    "tensor_linear_parameters",
    "tensor_network",
    "unchanged",
    "values",
]


def as_written(*ways: Callable[[], Any]) -> Any:
    """Return what the first of `ways` to call a function gives that fits how it was written.

    For functions whose signature the course leaves open, such as ``map``, which
    takes a list at once or returns a function that takes it::

        as_written(lambda: map(fn)(ls), lambda: map(fn, ls))

    A way fits if it raises neither TypeError nor AttributeError, as arguments in the
    wrong places do, and is not left with a function.

    Raises:
        TypeError, AttributeError: no way fits. Of their errors, the one from deepest
            inside the function: it comes from its code, not from a call that misses it.
    """
    errors: list[Exception] = [TypeError("the result is a function, however it is called")]
    for way in ways:
        try:
            result = way()
        except (TypeError, AttributeError) as error:
            errors.append(error)
        else:
            if not callable(result):
                return result
    raise max(errors, key=lambda error: _depth(error.__traceback__))


def items(result: Any) -> Any:
    """Return the items of whatever can be gone through, as a list; all else as it is."""
    return list(result) if hasattr(result, "__iter__") else result


def number(scalar: Any) -> Any:
    """Return the number in a Scalar.

    Raises:
        TypeError: it is something else, such as a plain float, which knows no history.
    """
    if not hasattr(scalar, "history") or not hasattr(scalar, "data"):
        raise TypeError(f"expected a Scalar, got {scalar!r:.80}")
    return scalar.data


def derivative(scalar: Any) -> Any:
    """Return the derivative that a Scalar has got so far: 0.0 if none has reached it."""
    return 0.0 if scalar.derivative is None else scalar.derivative


@functools.cache
def scalar_function(
    mt: ModuleType, forward: Callable[..., Any], backward: Callable[..., Any]
) -> Any:
    """Return a ScalarFunction of the submission's with these two static methods."""
    methods = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    return type(forward.__name__, (mt.ScalarFunction,), methods)


def compute(expression: str, **names: Any) -> Any:
    """Return what `expression`, such as ``x * y``, gives for these `names`."""
    return eval(expression, {}, names)  # noqa: S307  (the instructor's text)


def run_lines(lines: list[str], names: dict[str, Any]) -> dict[str, Any]:
    """Run lines such as ``c = a * b`` on `names`; return all names, in their order."""
    names = dict(names)
    exec("\n".join(lines), {}, names)  # noqa: S102  (the instructor's text)
    return names


def script(mt: ModuleType, name: str) -> ModuleType:
    """Load ``project/<name>.py`` of the submission, once, and return it as a module.

    It is not run as ``__main__``; what it imports as ``minitorch`` is `mt`.

    Raises:
        FileNotFoundError: there is no such script.
    """
    path = Path(mt.__path__[0]).parent / "project" / f"{name}.py"
    known = sys.modules.get(f"project.{name}")
    if known is not None:
        return known
    if not path.is_file():
        raise FileNotFoundError(f"project/{name}.py is missing; was it deleted or renamed?")
    spec = importlib.util.spec_from_file_location(f"project.{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    # As if it were run, with the repository installed: scripts import their neighbours, and
    # some the tests.
    sys.path += [str(path.parent), str(path.parents[1])]
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[spec.name]
        raise
    return module


def linear(mt: ModuleType, weights: np.ndarray, bias: np.ndarray) -> Any:
    """Return a `Linear` of the submission's ``run_scalar`` with these parameters.

    Args:
        mt: the submission.
        weights: (inputs, outputs).
        bias: (outputs,).
    """
    layer = script(mt, "run_scalar").Linear(*weights.shape)
    named = dict(layer.named_parameters())
    for (i, j), value in np.ndenumerate(weights):
        named[f"weight_{i}_{j}"].update(mt.Scalar(float(value)))
    for j, value in enumerate(bias):
        named[f"bias_{j}"].update(mt.Scalar(float(value)))
    return layer


def linear_parameters(
    layer: Any, shape: tuple[int, int], read: Callable[[Any], float] = number
) -> tuple[np.ndarray, np.ndarray]:
    """Return weights, of `shape`, and bias of a `Linear`: what `read` finds in each Scalar."""
    named = dict(layer.named_parameters())
    weights = [read(named[f"weight_{i}_{j}"].value) for i, j in np.ndindex(*shape)]
    bias = [read(named[f"bias_{j}"].value) for j in range(shape[1])]
    return np.array(weights).reshape(shape), np.array(bias)


def tensor_linear(
    mt: ModuleType, weights: np.ndarray, bias: np.ndarray, backend: Any = None
) -> Any:
    """Return a `Linear` of the submission's ``run_tensor`` with these parameters.

    Args:
        mt: the submission.
        weights: (inputs, outputs).
        bias: (outputs,).
        backend: if given, the `Linear` is that of ``run_fast_tensor``, on this backend.
    """
    layer = _made(mt, backend, "Linear", *weights.shape)
    _fill(mt, layer, weights, bias, backend)
    return layer


def tensor_network(
    mt: ModuleType, layers: Sequence[tuple[np.ndarray, np.ndarray]], backend: Any = None
) -> Any:
    """Return a `Network` as `tensor_linear` returns a layer, with weights and bias a layer."""
    network = _made(mt, backend, "Network", len(layers[0][1]))
    for layer, (weights, bias) in zip(network.modules(), layers, strict=True):
        _fill(mt, layer, weights, bias, backend)
    return network


def _made(mt: ModuleType, backend: Any, name: str, *sizes: int) -> Any:
    """Return a module of the script that trains on a backend; None is the simple one."""
    if backend is None:
        return getattr(script(mt, "run_tensor"), name)(*sizes)
    return getattr(script(mt, "run_fast_tensor"), name)(*sizes, backend)


def _fill(mt: ModuleType, layer: Any, weights: np.ndarray, bias: np.ndarray, backend: Any) -> None:
    """Give a layer these parameters."""
    weights = weights.T if _turned(mt, backend) else weights
    for parameter, array in zip(_parameters(layer), (weights, bias), strict=True):
        shaped = array.reshape(tuple(parameter.value.shape))
        parameter.update(tensor(mt, shaped, constant=True, backend=backend))


def tensor_linear_parameters(
    mt: ModuleType,
    layer: Any,
    shape: tuple[int, int],
    read: Callable[[Any], np.ndarray] = values,
    backend: Any = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return weights, of `shape`, and bias of a `Linear`: what `read` finds in each Tensor."""
    weights, bias = (read(parameter.value) for parameter in _parameters(layer))
    turned = _turned(mt, backend)
    weights = weights.reshape(shape[::-1]).T if turned else weights.reshape(shape)
    return weights, bias.reshape(shape[1])


def _parameters(layer: Any) -> tuple[Any, Any]:
    """Return weights and bias of a layer, by their names.

    Raises:
        LookupError: there are no two parameters, one of them a bias.
    """
    named = dict(layer.named_parameters())
    bias = [parameter for name, parameter in named.items() if name.startswith("b")]
    weights = [parameter for name, parameter in named.items() if not name.startswith("b")]
    if len(bias) != 1 or len(weights) != 1:
        raise LookupError(
            f"Linear has the parameters {', '.join(named) or 'none'}; expected weights and bias"
        )
    return weights[0], bias[0]


@functools.cache
def _turned(mt: ModuleType, backend: Any) -> bool:
    """Tell whether the submission keeps its weights as (outputs, inputs)."""
    weights, _ = _parameters(_made(mt, backend, "Linear", 2, 3))
    return [side for side in weights.value.shape if side != 1] == [3, 2]


def _depth(traceback: TracebackType | None) -> int:
    """Return how many calls lie between a handler and what raised."""
    depth = 0
    while traceback:
        depth, traceback = depth + 1, traceback.tb_next
    return depth
