"""Say what a numba kernel is made of, so that equal kernels can be told by a key.

The key of a kernel covers all that its machine code depends on: bytecode, constants,
names, defaults, options; what it captures, and the globals that it reads, through
helpers and helpers of helpers; types of arguments; numba's settings, versions, and the
processor. Comments and places in the file are left out, but for functions that raise,
whose traceback names their line. Where the package lies is left out there too: a kernel
that was found may name a file of the copy in which it was compiled.

What cannot be keyed soundly is `Unkeyable`: whatever might change after it was looked at
(lists, dicts, instances), and what is compiled from other text than its own (functions
that are not jitted, but have an overload; ufuncs; stencils). numba freezes arrays, so
their contents are keyed.

numba is imported when the first kernel is keyed, not before.
"""

from __future__ import annotations

import dis
import hashlib
import importlib
import struct
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import PurePath
from types import CodeType, FunctionType, ModuleType
from typing import Any

# Modules whose functions are known by their names and versions.
_VERSIONED = frozenset({"numpy", "numba", "llvmlite"})
_LIBRARIES = _VERSIONED | sys.stdlib_module_names
# Settings of numba that change nothing in the code that it makes.
_IDLE_SETTINGS = ("CACHE_", "COLOR", "CUDA", "DEBUG_CACHE", "DUMP_", "ENABLE_CUDASIM", "THREADING_")
_FOLLOWED = ("LOAD_ATTR", "LOAD_METHOD")
_GLOBAL, _CAPTURED = ("LOAD_GLOBAL", "LOAD_NAME"), ("LOAD_DEREF", "LOAD_CLASSDEREF")


class Unkeyable(Exception):
    """A kernel depends on what a key cannot cover; says on what."""


def content_of(dispatcher: Any) -> tuple[str, list[Any]]:
    """Return a digest of a dispatcher, and all dispatchers that it depends on, itself included.

    Raises:
        Unkeyable: it depends on what cannot be keyed.
    """
    walk = _Walk()
    return _digest(walk.value(dispatcher)), walk.dispatchers


def key_of(content: str, signature: Any, codegen: Any) -> tuple[str, list[Any]]:
    """Return the key of a dispatcher's kernel for a signature, as 64 hexadecimal digits.

    Args:
        content: the digest of the dispatcher.
        signature: what numba asks to compile: types, or a signature with a return type.
        codegen: numba's code generator, which knows the processor.

    Returns:
        The key, and all dispatchers that the signature depends on: kernels can be
        arguments of kernels.

    Raises:
        Unkeyable: the types depend on what cannot be keyed.
    """
    walk = _Walk()
    arguments, result = of_numba("core.sigutils").normalize_signature(signature)
    types = [walk.argument(t) for t in arguments]
    returned = None if result is None else _type(result)
    parts = (content, types, returned, codegen.magic_tuple(), _surroundings())
    return _digest(parts), walk.dispatchers


def of_numba(module: str) -> Any:
    """Return a module of numba, whose types change with its versions, as untyped."""
    return importlib.import_module(f"numba.{module}")


def is_library(module: str) -> bool:
    """Tell whether a module's functions are known by their names and versions."""
    return module.partition(".")[0] in _LIBRARIES


def _digest(parts: Any) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _surroundings() -> tuple[Any, ...]:
    """Return what kernels depend on that stays the same as long as a process lives."""
    settings = sorted(
        (name, repr(value))
        for name, value in vars(of_numba("core.config")).items()
        if name.isupper() and isinstance(value, bool | int | float | str | None)
        if not name.startswith(_IDLE_SETTINGS) and not name.endswith("NUM_THREADS")
    )
    versions = [importlib.import_module(name).__version__ for name in sorted(_VERSIONED)]
    return (versions, sys.implementation.cache_tag, sys.version, sys.platform, settings)


def _type(numba_type: Any) -> tuple[Any, ...]:
    """Return what tells a type of numba from others."""
    types = of_numba("core.types")
    kind = type(numba_type)
    name = (kind.__name__, repr(numba_type))
    if kind is types.Array:
        return (*name, _type(numba_type.dtype))
    if kind in (types.Tuple, types.UniTuple):
        return (*name, *(_type(t) for t in numba_type))
    if kind is types.Omitted:
        return (*name, _Walk().value(numba_type.value))
    if kind is types.Optional:
        return (*name, _type(numba_type.type))
    plain = (types.Number, types.Boolean, types.NoneType, types.UnicodeType, types.StringLiteral)
    if isinstance(numba_type, plain) and kind.__module__.startswith("numba."):
        return name
    raise Unkeyable(f"a {kind.__name__} in the signature")


class _Walk:
    """Describes values by tuples of plain things, which `repr` tells apart.

    Functions are numbered as they are met, and described once.
    """

    def __init__(self) -> None:
        self.dispatchers: list[Any] = []
        self._met: dict[int, int] = {}

    def value(self, value: Any) -> tuple[Any, ...]:
        """Describe a constant, or what a kernel captures or reads from its globals."""
        kind = type(value)
        if value is None or value is ... or kind in (bool, int, str, bytes):
            return (kind.__name__, value if value is not ... else "...")
        if kind is float:
            return ("float", struct.pack("<d", value))  # tells -0.0 from 0.0, and each nan
        if kind is complex:
            return ("complex", struct.pack("<dd", value.real, value.imag))
        if kind is tuple:
            return ("tuple", *(self.value(v) for v in value))
        if kind is frozenset:
            return ("frozenset", *sorted(repr(self.value(v)) for v in value))
        if kind is slice:
            return ("slice", *(self.value(v) for v in (value.start, value.stop, value.step)))
        return _named(value) or self._numpy(value) or self._numba(value)

    def argument(self, numba_type: Any) -> tuple[Any, ...]:
        """Describe the type of an argument, which for a dispatcher is that dispatcher's own."""
        if type(numba_type) is of_numba("core.types").Dispatcher:
            return self.value(numba_type.dispatcher)
        return _type(numba_type)

    def _numpy(self, value: Any) -> tuple[Any, ...] | None:
        """Describe an array by its content, which numba freezes, and its layout."""
        import numpy as np

        if type(value) is np.ndarray and value.dtype.kind in "biufc":
            flags = (value.flags.c_contiguous, value.flags.f_contiguous, value.flags.writeable)
            content = hashlib.sha256(value.tobytes()).hexdigest()
            return ("array", value.dtype.str, value.shape, value.strides, flags, content)
        if isinstance(value, np.generic) and value.dtype.kind in "biufc":
            return ("number", value.dtype.str, value.tobytes())
        if isinstance(value, np.dtype) and value.kind in "biufc":
            return ("dtype", value.str)
        return None

    def _numba(self, value: Any) -> tuple[Any, ...]:
        """Describe a dispatcher, a type of numba's, or an exception that a kernel raises."""
        if type(value) is of_numba("core.registry").CPUDispatcher:
            return self._once(value, self._dispatcher)
        if isinstance(value, of_numba("core.types").Type):
            return ("type", *_type(value))
        if isinstance(value, type) and issubclass(value, BaseException):
            return ("exception", value.__module__, value.__qualname__)
        raise Unkeyable(f"{type(value).__name__}: {value!r:.60}")

    def _once(self, value: Any, describe: Any) -> tuple[Any, ...]:
        if id(value) in self._met:
            return ("again", self._met[id(value)])
        self._met[id(value)] = len(self._met)
        description: tuple[Any, ...] = describe(value)
        return description

    def _dispatcher(self, dispatcher: Any) -> tuple[Any, ...]:
        compiler = dispatcher._compiler
        if (
            type(compiler) is not of_numba("core.dispatcher")._FunctionCompiler
            or compiler.pipeline_class is not of_numba("core.compiler").Compiler
        ):
            raise Unkeyable(f"{dispatcher}: not compiled as usual")
        self.dispatchers.append(dispatcher)
        options = self._options({**dispatcher.targetoptions, "locals": dispatcher.locals})
        return ("dispatcher", options, *self._function(dispatcher.py_func))

    def _options(self, value: Any) -> tuple[Any, ...]:
        if isinstance(value, Mapping):
            return ("dict", *((self.value(k), self._options(v)) for k, v in sorted(value.items())))
        if isinstance(value, set | list):
            return (type(value).__name__, *sorted(repr(self.value(v)) for v in value))
        return self.value(value)

    def _function(self, function: FunctionType) -> tuple[Any, ...]:
        try:
            cells = {
                name: cell.cell_contents
                for name, cell in zip(
                    function.__code__.co_freevars, function.__closure__ or (), strict=True
                )
            }
        except ValueError:
            raise Unkeyable(f"{function.__qualname__}: captures what is not set yet") from None
        spaces = (_Names(function.__globals__), cells)
        return (
            function.__module__,
            function.__qualname__,
            self.value(function.__defaults__),
            self._options(function.__kwdefaults__ or {}),
            self._code(function.__code__, spaces),
            [(n, self.value(v)) for n, v in cells.items() if not isinstance(v, ModuleType)],
        )

    def _code(self, code: CodeType, spaces: tuple[Mapping[str, Any], ...]) -> tuple[Any, ...]:
        steps = [step for step in dis.get_instructions(code) if step.opname != "EXTENDED_ARG"]
        place: tuple[Any, ...] = ()
        if any(step.opname == "RAISE_VARARGS" for step in steps):
            depth = 1 + str(spaces[0].get("__name__")).count(".")
            inside = PurePath(code.co_filename).parts[-depth:]
            place = (inside, code.co_firstlineno, code.co_linetable)
        counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags)
        names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
        constants = [
            self._code(constant, spaces) if isinstance(constant, CodeType) else self.value(constant)
            for constant in code.co_consts
        ]
        used = [(name, self.value(value)) for name, value in _used(steps, spaces)]
        table = code.co_exceptiontable
        return (code.co_name, code.co_code, counts, names, table, place, constants, used)


class _Names(dict[str, Any]):
    """The names that a function can read beside its own: globals, or else builtins."""

    def __init__(self, names: dict[str, Any]) -> None:
        builtins = names.get("__builtins__", {})
        super().__init__(builtins if isinstance(builtins, dict) else vars(builtins))
        self.update(names)


def _used(
    steps: list[dis.Instruction], spaces: tuple[Mapping[str, Any], ...]
) -> Iterator[tuple[str, Any]]:
    """Yield each name that bytecode reads from outside, as ``operators.add``, and its value.

    Names that do not exist are left out: numba refuses them.
    """
    names, cells = spaces
    for i, step in enumerate(steps):
        if step.opname not in (*_GLOBAL, *_CAPTURED):
            continue
        space = names if step.opname in _GLOBAL else cells
        if step.argval not in space:
            continue
        name, value = step.argval, space[step.argval]
        for attribute in steps[i + 1 :]:
            if not isinstance(value, ModuleType) or attribute.opname not in _FOLLOWED:
                break
            name = f"{name}.{attribute.argval}"
            value = getattr(value, attribute.argval, None)
        if isinstance(value, ModuleType) and not is_library(value.__name__):
            raise Unkeyable(f"{name}: a module, of which anything may be used")
        yield name, value


def _named(value: Any) -> tuple[str, ...] | None:
    """Describe what a library holds by its name; return None for all else."""
    if isinstance(value, ModuleType):
        return ("module", value.__name__) if is_library(value.__name__) else None
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    module = getattr(value, "__module__", None)
    if module is None and type(value).__module__ == "numpy":
        module = "numpy"  # ufuncs do not say so
    if not isinstance(name, str) or not isinstance(module, str) or not is_library(module):
        return None
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = vars(found).get(part) if hasattr(found, "__dict__") else None
    return ("named", module, name) if found is value else None
