"""What probes may use, beside the student's code: it runs in the worker.

Nothing here knows what is expected.
"""

from __future__ import annotations

import functools
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

import numpy as np


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
    sys.path.append(str(path.parent))  # as if it were run: scripts import their neighbours
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


def _depth(traceback: TracebackType | None) -> int:
    """Return how many calls lie between a handler and what raised."""
    depth = 0
    while traceback:
        depth, traceback = depth + 1, traceback.tb_next
    return depth
