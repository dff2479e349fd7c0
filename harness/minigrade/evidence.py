"""What numba makes of a kernel's text, as far as its parallel loops: for probes.

Runs the front of numba's pipeline: types, and the loops that it will run in parallel.
Machine code, which takes nine tenths of the time, is not made, and no cache is asked.
"""

from __future__ import annotations

import warnings
from typing import Any


def compilation(kernel: Any, *arguments: Any) -> dict[str, Any]:
    """Return what numba would make of `kernel` for these arguments.

    Returns:
        ``compiled``: whether it is numba's at all; ``parallel``: whether it was told so;
        ``loops``: how many loops through `prange` became parallel ones.

    Raises:
        numba.core.errors.NumbaError: the kernel does not compile.
    """
    options = getattr(kernel, "targetoptions", None)
    if not isinstance(options, dict) or not callable(getattr(kernel, "py_func", None)):
        return {"compiled": False, "parallel": False, "loops": 0}
    parallel = bool(options.get("parallel"))
    return {
        "compiled": True,
        "parallel": parallel,
        "loops": _parallel_loops(kernel, arguments) if parallel else 0,
    }


def _parallel_loops(kernel: Any, arguments: tuple[Any, ...]) -> int:
    from numba import typeof
    from numba.core import compiler
    from numba.core.compiler_machinery import PassManager
    from numba.parfors.parfor import Parfor

    states: list[Any] = []

    class Front(compiler.CompilerBase):  # type: ignore[misc]  # numba has no types
        """Numba's pipeline without its last part."""

        def define_pipelines(self) -> list[Any]:
            builder = compiler.DefaultPassBuilder
            front = PassManager("front")
            for part in (builder.define_untyped_pipeline, builder.define_typed_pipeline):
                front.passes.extend(part(self.state).passes)
            front.finalize()
            states.append(self.state)
            return [front]

    description = kernel.targetdescr
    flags = compiler.Flags()
    description.options.parse_as_flags(flags, kernel.targetoptions)
    types = tuple(typeof(argument) for argument in arguments)
    front = Front(
        description.typing_context,
        description.target_context,
        None,
        types,
        None,
        flags,
        kernel.locals,
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that nothing is parallel is what was asked
            front.compile_extra(kernel.py_func)
    except AttributeError as error:
        if error.name != "cr":  # the result, which there is none of, as meant
            raise
    return sum(
        isinstance(statement, Parfor) and _from_prange(statement)
        for block in states[-1].func_ir.blocks.values()
        for statement in block.body
    )


def _from_prange(loop: Any) -> bool:
    """Tell a loop that the text wrote from one that numba made of an array expression."""
    return any(pattern[:2] == ("prange", "user") for pattern in loop.patterns)
