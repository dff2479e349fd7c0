"""From a Python function, or a numba dispatcher, to its text and the names around it."""

from __future__ import annotations

import ast
import builtins
import io
import linecache
import sys
import tokenize
import types
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from minigrade.simt import operators
from minigrade.simt.dtypes import BY_NAME
from minigrade.simt.entities import Constant, Extern, Function, Tuple
from minigrade.simt.errors import LimitExceeded, ResolveError, SimtError
from minigrade.simt.limits import Limits
from minigrade.simt.meanings import Unknown, entity_of

_CUDA_NAMES = (
    "threadIdx", "blockIdx", "blockDim", "gridDim", "grid", "gridsize", "syncthreads", "shared",
    "local", "atomic",
)  # fmt: skip


def read_source(path: Path, limits: Limits) -> str:
    """Return the text of a source file, in the encoding that it declares.

    Raises:
        ResolveError: it cannot be read.
        LimitExceeded: it is too long.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limits.source_bytes + 1)
        if len(data) > limits.source_bytes:
            raise LimitExceeded(f"{path} is longer than {limits.source_bytes} bytes")
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return io.TextIOWrapper(io.BytesIO(data), encoding).read()
    except (OSError, UnicodeError, SyntaxError, LookupError) as error:
        raise ResolveError(f"{path.name} cannot be read: {error}") from None


def parse(text: str, file: str, limits: Limits) -> ast.Module:
    """Return the syntax of a source file.

    Raises:
        ResolveError: it is no Python.
        LimitExceeded: it is too long or too deeply nested.
    """
    if len(text) > limits.source_bytes:
        raise LimitExceeded(f"{file} is longer than {limits.source_bytes} bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of strange escapes, say: the author's to hear
            return ast.parse(text)
    except SyntaxError as error:
        if not error.lineno:
            raise ResolveError(f"{file}: {error.msg}") from None
        raise ResolveError(f"{error.msg}", line=error.lineno, file=file) from None
    except ValueError as error:
        raise ResolveError(f"{file}: {error}") from None
    except (RecursionError, MemoryError):
        raise LimitExceeded(f"{file} is too deeply nested") from None


def check_depth(node: ast.AST, file: str, limits: Limits) -> None:
    """Refuse syntax that is nested too deeply to be compiled.

    Raises:
        LimitExceeded: it is.
    """
    layer, depth = [node], 0
    while layer:
        depth += 1
        if depth > limits.depth:
            line = getattr(layer[0], "lineno", 0)
            raise LimitExceeded(
                f"nested more than {limits.depth} levels deep", line=line, file=file
            )
        layer = [child for parent in layer for child in ast.iter_child_nodes(parent)]


def of_object(thing: Any, limits: Limits) -> Function:
    """Return the kernel or device function that a Python object is.

    Raises:
        ResolveError: it is no function, or its source cannot be had.
    """
    # A dispatcher keeps its function as py_func, one of numba's simulator as fn.
    function = getattr(thing, "py_func", None) or getattr(thing, "fn", thing)
    if isinstance(function, staticmethod):
        function = function.__func__
    if not isinstance(function, types.FunctionType):
        raise ResolveError(f"{thing!r:.80} is no function, and has no py_func that is one")
    code = function.__code__
    text = "".join(linecache.getlines(code.co_filename, function.__globals__))
    if not text:
        raise ResolveError(f"the source of {function.__name__} cannot be read")
    tree = parse(text, code.co_filename, limits)
    node = _find(tree, code)
    if node is None:
        raise ResolveError(f"{code.co_filename} has no {function.__name__} any more")
    check_depth(node, code.co_filename, limits)
    scope = ObjectScope(function, limits)
    defaults = {name: scope.given(name, value) for name, value in _defaults(function).items()}
    return Function(function.__name__, node, scope, code.co_filename, defaults)


def _defaults(function: types.FunctionType) -> dict[str, Any]:
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    values = function.__defaults__ or ()
    pairs = zip(reversed(names), reversed(values), strict=False)
    return {**dict(pairs), **(function.__kwdefaults__ or {})}


def _find(tree: ast.Module, code: types.CodeType) -> ast.FunctionDef | ast.Lambda | None:
    """Return the syntax that `code` was compiled from; lambdas on a line differ by columns."""
    lambdas = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            first = min([node.lineno, *[mark.lineno for mark in node.decorator_list]])
            if first == code.co_firstlineno:
                return node
        elif isinstance(node, ast.Lambda) and node.lineno == code.co_firstlineno:
            lambdas.append(node)
    if code.co_name != "<lambda>":
        return None
    places = [
        (line, column)
        for line, _, column, _ in code.co_positions()
        if line is not None and column is not None
    ]
    for node in lambdas:
        body = node.body
        start = (body.lineno, body.col_offset)
        end = (body.end_lineno or 0, body.end_col_offset or 0)
        inside = [start <= place < end for place in places if place[1] or place[0] != node.lineno]
        if inside and all(inside):
            return node
    return lambdas[0] if len(lambdas) == 1 else None


class ObjectScope:
    """The names of a live function: its closure, its module, and Python's own."""

    def __init__(self, function: types.FunctionType, limits: Limits) -> None:
        self._function, self._limits = function, limits
        self._known: dict[str, Any] = {}

    def lookup(self, name: str) -> Any:
        """Return the entity called `name`, or None."""
        if name not in self._known:
            self._known[name] = self._look(name)
        return self._known[name]

    def _look(self, name: str) -> Any:
        function = self._function
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        if name in cells:
            try:
                value = cells[name].cell_contents
            except ValueError:  # a cell that nothing was put into yet
                return None
            return entity_of(self.given(name, value))
        if name in function.__globals__:
            return entity_of(self.given(name, function.__globals__[name]))
        if hasattr(builtins, name):
            return Extern(f"builtins.{name}")
        return None

    def given(self, name: str, value: Any) -> Any:
        """Return what `value`, called `name`, is to a kernel, or what to say of it."""
        found = entity(value, self._limits)
        if found is not None:
            return found
        file, kind = self._function.__code__.co_filename, type(value).__name__
        return Unknown(f"it is an object of type {kind}", name, file=file)


class ModuleScope:
    """The names of a live module, looked at without running its `__getattr__`."""

    def __init__(self, module: types.ModuleType, limits: Limits) -> None:
        self._module, self._limits = module, limits

    def lookup(self, name: str) -> Any:
        """Return the entity called `name`, or None."""
        found = vars(self._module).get(name, self)
        return None if found is self else entity(found, self._limits)


def entity(thing: Any, limits: Limits) -> Any:
    """Return what a Python object means to a kernel, or None if nothing."""
    if thing is None or isinstance(thing, str):
        return Constant(thing)
    if isinstance(thing, bool | int | float | np.generic):
        return operators.constant(thing)
    if isinstance(thing, tuple):
        items = tuple(entity(item, limits) for item in thing)
        return None if None in items else Tuple(items)
    if isinstance(thing, types.ModuleType):
        name = _module_name(thing.__name__)
        known = name.partition(".")[0] in ("math", "numpy", "numba", "builtins")
        return Extern(name) if known else ModuleScope(thing, limits)
    path = _extern_path(thing)
    if path:
        return Extern(path)
    try:
        return of_object(thing, limits)
    except SimtError:
        return None


def _module_name(name: str) -> str:
    return "numba.cuda" if name.startswith("numba.cuda") else name


def _extern_path(thing: Any) -> str:
    """Return the full name of something of Python, NumPy or numba, or nothing."""
    cuda = sys.modules.get("numba.cuda")
    for name in _CUDA_NAMES if cuda else ():
        if getattr(cuda, name, None) is thing:
            return f"numba.cuda.{name}"
    module = str(getattr(thing, "__module__", "") or type(thing).__module__)
    name = getattr(thing, "__name__", "")
    if isinstance(thing, type) and module == "numpy" and name in BY_NAME:
        return f"numpy.{name}"
    if isinstance(thing, types.BuiltinFunctionType | type) and module in ("math", "builtins"):
        return f"{module}.{name}"
    if module.startswith("numba") and str(thing) in BY_NAME:
        return f"numba.{thing}"
    if module.startswith("numba") and name == "prange":
        return "numba.prange"
    return ""
