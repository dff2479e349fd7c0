"""What numba makes of a kernel's text, and how often: for probes.

Runs the front of numba's pipeline: types, and the loops that it will run in parallel.
Machine code, which takes nine tenths of the time, is not made, and no cache is asked.
"""

from __future__ import annotations

import contextlib
import linecache
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from minigrade.kernel_keys import of_numba
from minigrade.racing import collisions, replaced
from minigrade.usage import as_python, calls, computes

_LONG = 200
# What numba hands to BLAS and LAPACK: ``numba_xxgemm`` and the like stand in its machine code.
_LINEAR = frozenset(
    {"_operator.matmul", "_operator.imatmul", "Array.dot"}
    | {
        f"numpy.{name}"
        for name in ("dot", "vdot", "convolve", "correlate", "cov", "corrcoef", "roots")
    }
)
_BY_ADDRESS = "a function of a C library"


def compilation(
    kernel: Any,
    *arguments: Any,
    call: Callable[[], Any] | None = None,
    large: Callable[[], Any] | None = None,
    cases: Sequence[Sequence[Any]] = (),
) -> dict[str, Any]:
    """Return what numba would make of `kernel` for these arguments.

    Args:
        kernel: what should be one.
        arguments: what it is called with. Without any, numba is not asked: what is found is
            what the kernel says of itself, and what is seen when it runs.
        call: an operation that uses such a kernel; asked a few times, as Python.
        large: such an operation on so many numbers that cores are worth to share them, which
            returns an array of those that come out. It is asked with a kernel that does
            nothing but spoil its first argument.
        cases: arguments with which the kernel runs as Python, so that iterations of its
            parallel loops are seen that get in each other's way.

    Returns:
        ``compiled``: whether it is numba's at all; ``objects``: whether it handles Python's
        objects, in whole or in part, for which numba makes no machine code; ``parallel``:
        whether it was told so; ``loops``: how many loops through `prange` became parallel
        ones, or with no arguments ran; ``library``: functions of linear algebra that it or
        its helpers call; ``anew``: how many kernels each further call would compile that none
        before it had; ``unused``: whether calls succeed that run no kernel at all, or
        numbers come out that this one did not compute; ``library`` then has what multiplies
        in place of it; ``races``: where iterations write what others read or write.

    Raises:
        numba.core.errors.NumbaError: the kernel does not compile.
    """
    found: dict[str, Any] = {
        "compiled": _is_compiled(kernel),
        "objects": False,
        "parallel": False,
        "loops": 0,
        "library": [],
        "races": [],
        "anew": 0,
        "unused": False,
    }
    if call:
        found["anew"], ran = calls(call)
        found["unused"] = not ran
    if not found["compiled"]:
        return found
    # What runs no kernel on few numbers may take minutes on many.
    if asked := call if found["unused"] else large:
        used, found["library"] = computes(kernel, asked)
        found["unused"] |= not used
    if kernel.targetoptions.get("forceobj"):
        return found | {"objects": True}
    if kernel.targetoptions.get("parallel"):
        found |= {"parallel": True} | _seen(kernel.py_func, cases)
    if not arguments:
        return found
    typed = _typed(kernel, arguments)
    return found | typed | {"library": [*typed["library"], *found["library"]]}


def _typed(kernel: Any, arguments: Sequence[Any]) -> dict[str, Any]:
    """Return what of it numba knows once it has typed a kernel."""
    typeof = of_numba("core.dispatcher").typeof
    with _as_if_with_scipy():
        state = _front(kernel, tuple(typeof(argument) for argument in arguments))
        used = set(_used(state, set()))
    return {
        "objects": "" in used,
        "library": sorted(used - {""}),
        "loops": _parallel_loops(state) if kernel.targetoptions.get("parallel") else 0,
    }


def _seen(function: Any, cases: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Return what of it is seen when a kernel's text runs as Python."""
    file = function.__code__.co_filename
    with as_python():
        loops, races = collisions(function, cases)
    return {
        "loops": loops,
        "races": [
            {
                "file": "/".join(file.split("/")[-2:])[-_LONG:],
                "function": function.__qualname__[-_LONG:],
                "line": line,
                "other": other,
                "source": linecache.getline(file, line).strip()[:_LONG],
            }
            for line, other in races
        ],
    }


def _is_compiled(kernel: Any) -> bool:
    """Tell numba's kernels from functions, and from objects that only look like kernels."""
    return (
        type(kernel) is of_numba("core.registry").CPUDispatcher
        and kernel._compiler.pipeline_class is of_numba("core.compiler").Compiler
    )


def _front(kernel: Any, types: tuple[Any, ...]) -> Any:
    """Return the state of numba's compiler after all of its passes but the last ones."""
    compiler = of_numba("core.compiler")
    states: list[Any] = []

    class Front(compiler.CompilerBase):  # type: ignore[misc, name-defined]  # no types
        """Numba's pipeline without its last part."""

        def define_pipelines(self) -> list[Any]:
            builder = compiler.DefaultPassBuilder
            front = of_numba("core.compiler_machinery").PassManager("front")
            for part in (builder.define_untyped_pipeline, builder.define_typed_pipeline):
                front.passes.extend(part(self.state).passes)
            front.finalize()
            states.append(self.state)
            return [front]

    description = kernel.targetdescr
    flags = compiler.Flags()
    description.options.parse_as_flags(flags, kernel.targetoptions)
    contexts = (description.typing_context, description.target_context)
    front = Front(*contexts, None, types, None, flags, kernel.locals)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that nothing is parallel is what was asked
            front.compile_extra(kernel.py_func)
    except AttributeError as error:
        if error.name != "cr":  # the result, which there is none of, as meant
            raise
    except of_numba("core.errors").NumbaError as error:
        passes, _, message = str(error).partition("\n")  # numba first names its own pass
        if message and passes.startswith("Failed in"):
            error.args = (message, *error.args[1:])
        raise
    return states[-1]


@contextlib.contextmanager
def _as_if_with_scipy() -> Iterator[None]:
    """Let numba type what calls BLAS or LAPACK; without scipy, which has them, it refuses."""
    of_numba("np.arraymath")  # finds out, when imported, whether they are there
    linear = of_numba("np.linalg")
    with replaced(linear, ensure_blas=lambda: None, ensure_lapack=lambda: None):
        yield


def _parallel_loops(state: Any) -> int:
    """Count loops that the text wrote, not those that numba made of array expressions."""
    parfor = of_numba("parfors.parfor").Parfor
    return sum(
        isinstance(statement, parfor)
        and any(pattern[:2] == ("prange", "user") for pattern in statement.patterns)
        for block in state.func_ir.blocks.values()
        for statement in block.body
    )


def _used(state: Any, seen: set[Any]) -> Iterator[str]:
    """Yield which functions of other libraries typed text uses, its helpers' text included.

    An empty name is Python itself, as objects.
    """
    types = of_numba("core.types")
    for expression, signature in list(state.calltypes.items()):
        callee = _callee(state, expression)
        name = _name(callee)
        if isinstance(callee, types.ObjModeDispatcher):
            yield ""
        elif isinstance(callee, types.ExternalFunctionPointer):
            yield _BY_ADDRESS
        elif isinstance(callee, types.ExternalFunction):
            yield callee.symbol
        elif name in _LINEAR or name.startswith("numpy.linalg."):
            yield name.removeprefix("_")
        for helper in _helpers(callee, signature):
            if helper not in seen:
                seen.add(helper)
                yield from _used(_front(*helper), seen)


def _helpers(callee: Any, signature: Any) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Yield the kernels that a call runs, with types; not those that numba brings along."""
    types = of_numba("core.types")
    found: list[Any] = []
    if isinstance(callee, types.Dispatcher):
        found = [(callee.dispatcher, signature.args)]
    elif isinstance(callee, types.Function):  # `numba.extending.overload`
        caches = [getattr(template, "_impl_cache", {}) for template in callee.templates]
        found = [one for cache in caches for one in cache.values() if isinstance(one, tuple)]
    for helper, arguments in found:
        if _is_compiled(helper) and not helper.py_func.__module__.startswith("numba."):
            yield helper, arguments


def _callee(state: Any, expression: Any) -> Any:
    """Return what an expression calls: a type of numba's, or for operators the function."""
    kind = getattr(expression, "op", None)
    if kind == "call":
        return state.typemap.get(expression.func.name)
    return expression.fn if kind in ("binop", "inplace_binop") else None


def _name(callee: Any) -> str:
    """Return the name of what is called, with its module; an empty one if it has none."""
    key = getattr(callee, "typing_key", callee)
    if isinstance(key, tuple) and isinstance(key[0], type):  # a method
        return f"{key[0].__name__}.{key[1]}"
    module, name = getattr(key, "__module__", None), getattr(key, "__name__", "")
    return f"{module or 'numpy'}.{name}" if name else ""
