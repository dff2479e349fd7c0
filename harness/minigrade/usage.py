"""Whether operations run a kernel, and how often they make a new one: for probes.

Kernels run as Python meanwhile, and so do those that they call: machine code would take
seconds to make, and say the same. What calls raise is left to other checks.

That a kernel runs says little: its numbers may go nowhere. So an operation is asked once
more, with the kernel writing NaN. Numbers that come out whole were computed elsewhere.
"""

from __future__ import annotations

import contextlib
import dis
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import numpy as np

from minigrade.kernel_keys import of_numba
from minigrade.racing import replaced

# Functions of NumPy that multiply matrices or vectors.
_PRODUCTS = ("dot", "vdot", "inner", "matmul", "vecdot", "matvec", "vecmat", "tensordot",
             "einsum", "convolve", "correlate", "linalg")  # fmt: skip
_REPEATED = 3
_FEW = 4_096  # numbers that Python deals with in milliseconds


def calls(call: Callable[[], Any]) -> tuple[int, bool]:
    """Return how many kernels each further call runs anew, and whether it runs any, or raises."""
    known: set[Any] = set()
    fresh: list[int] = []
    well = False

    def run(dispatcher: Any, *given: Any, **named: Any) -> Any:
        types = tuple(map(dispatcher.typeof_pyval, (*given, *named.values())))
        known.add((dispatcher, types))
        with as_python():
            return dispatcher.py_func(*given, **named)

    with as_python(run):
        for _ in range(1 + _REPEATED):
            before = len(known)
            with contextlib.suppress(Exception):
                call()
                well = True
            fresh.append(len(known) - before)
    return min(fresh[1:]), bool(known) or not well


def computes(kernel: Any, call: Callable[[], Any]) -> tuple[bool, list[str]]:
    """Return whether an operation's numbers come from a kernel, and what multiplies if not.

    Args:
        kernel: what should compute them. It writes to its first argument.
        call: the operation, on many numbers; returns an array of those that come out.

    Returns:
        Whether they come from it, or the call fails; and the functions and operators of
        NumPy's for products in the text of the kernel's package that ran.
    """
    code = kernel.py_func.__code__

    def run(dispatcher: Any, *given: Any, **named: Any) -> Any:
        bound = inspect.signature(dispatcher.py_func).bind(*given, **named)
        arrays = [one for one in bound.arguments.values() if isinstance(one, np.ndarray)]
        if code in _reached(dispatcher, set()):
            _spoil(arrays)
        elif sum(array.size for array in arrays) > _FEW:
            # Stands for what it would do: what was spoiled before stays so.
            if any(map(_is_spoiled, arrays)):
                _spoil(arrays)
        else:
            with as_python():
                return dispatcher.py_func(*given, **named)
        return None

    products: set[str] = set()
    with as_python(run), _profiled(str(Path(code.co_filename).parent), products):
        try:
            numbers = call()
        except Exception:
            return True, []
    spoiled = isinstance(numbers, np.ndarray) and _is_spoiled(numbers)
    return spoiled, [] if spoiled else sorted(products)


@contextlib.contextmanager
def as_python(run: Callable[..., Any] | None = None) -> Iterator[None]:
    """Have kernels run as Python, or have `run` called with each of them and its arguments."""

    def called(dispatcher: Any, *given: Any, **named: Any) -> Any:
        return dispatcher.py_func(*given, **named)

    changed: dict[str, Any] = {
        "__call__": run or called,
        "compile": lambda *_: None,  # what `njit` does at once where it is given types
        "disable_compile": lambda *_: None,
    }
    with replaced(of_numba("core.registry").CPUDispatcher, **changed):
        yield


def _reached(function: Any, seen: set[int]) -> Iterator[CodeType]:
    """Yield the code of a kernel or function, and of those that it can call."""
    function = getattr(function, "py_func", function)
    if not isinstance(function, FunctionType) or id(function) in seen:
        return
    seen.add(id(function))
    yield function.__code__
    captured = [cell.cell_contents for cell in function.__closure__ or () if _is_filled(cell)]
    named = [function.__globals__.get(name) for name in function.__code__.co_names]
    for other in (*captured, *named):
        if hasattr(other, "py_func"):
            yield from _reached(other, seen)


def _is_filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def _spoil(arrays: list[np.ndarray]) -> None:
    if arrays and np.issubdtype(arrays[0].dtype, np.floating) and arrays[0].flags.writeable:
        arrays[0].fill(np.nan)


def _is_spoiled(array: np.ndarray) -> bool:
    return np.issubdtype(array.dtype, np.floating) and bool(np.isnan(array).any())


# What else multiplies


@contextlib.contextmanager
def _profiled(folder: str, products: set[str]) -> Iterator[None]:
    """Add what the functions use that run, of files in a folder and those below, to `products`."""
    seen: set[CodeType] = set()

    def entered(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code not in seen and code.co_filename.startswith(folder):
            seen.add(code)
            products.update(_products(code, frame.f_globals))

    before = sys.getprofile()
    sys.setprofile(entered)
    try:
        yield
    finally:
        sys.setprofile(before)


def _products(code: CodeType, names: dict[str, Any]) -> Iterator[str]:
    """Yield the functions and operators for products that the text of a function names."""
    known = {id(getattr(np, name)): name for name in _PRODUCTS if hasattr(np, name)}
    for step in dis.get_instructions(code):
        if step.opname == "BINARY_OP" and step.argrepr.startswith("@"):
            yield "operator.matmul"
        elif step.opname in ("LOAD_ATTR", "LOAD_METHOD") and step.argval in _PRODUCTS:
            yield f"numpy.{step.argval}"
        elif step.opname == "LOAD_GLOBAL" and id(names.get(step.argval)) in known:
            yield f"numpy.{known[id(names[step.argval])]}"
