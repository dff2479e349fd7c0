"""The `compiled` kind: does numba make parallel loops of a kernel, and of nothing but it?

The probe hands each kernel to `minigrade.probing.compilation`, in a worker that has asked
the submission nothing before, and finds nothing compiled. What comes back is the word of
a process that holds the submission's code: it earns nothing. Where a kernel is not
compiled, or at every call, or has no parallel loop, it caps the task. Where a library
computes in its place, nothing is left.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from fractions import Fraction
from typing import Annotated, Any

import msgspec

from minigrade.boundary.session import Returned
from minigrade.errors import CourseError
from minigrade.kinds.base import Means, Question, make_check, place
from minigrade.kinds.failures import describe
from minigrade.model import Check, Status, Verdict

FRONT_LIMIT_S = 60.0  # helpers of a kernel are compiled on the way


class Compiled(msgspec.Struct, frozen=True):
    """What a check of this kind needs; see `compiled_check`."""

    cap: Fraction


class _Evidence(msgspec.Struct):
    """See `minigrade.probing.compilation`."""

    compiled: bool
    objects: bool
    parallel: bool
    loops: int
    library: list[Annotated[str, msgspec.Meta(max_length=200)]]
    anew: int


def compiled_check(
    *, each: tuple[Hashable, ...], cap: int | Fraction
) -> Callable[[Callable[..., Any]], Check]:
    """Make a check of a probe ``(mt, value)`` that returns what `compilation` says of a kernel.

    Args:
        each: names of kernels, an outcome each.
        cap: the part of the task's points that is left if one is not compiled in parallel,
            or at every call. None is left if a library of linear algebra computes.

    Raises:
        CourseError: the cap is no part of the points.
    """

    def decorate(probe: Callable[..., Any]) -> Check:
        if not 0 <= cap < 1:
            raise CourseError(f"{place(probe)} has cap={cap}; expected a part, 0 to below 1")
        return make_check(COMPILED, probe, Compiled(Fraction(cap)), weight=0, each=each)

    return decorate


class _CompiledKind:
    """See `minigrade.kinds.base.Kind`."""

    name = "compiled"
    has_probe = True

    def examine(self, question: Question, means: Means) -> Verdict:
        """Have the kernel compiled as far as its loops, and say what is missing."""
        spec: Compiled = question.check.spec
        seen = means.session.call(
            question.check.name, question.leading(), time_limit_s=FRONT_LIMIT_S
        )
        if not isinstance(seen, Returned):
            verdict = describe(seen, question, means.session.problems)
            # What does not compile at all earns nothing with the checks of its values.
            return msgspec.structs.replace(verdict, cap=spec.cap)
        try:
            found = msgspec.convert(seen.value, _Evidence)
        except msgspec.ValidationError as error:
            message = f"the process that compiles your kernel answered nonsense ({error})"
            return _capped(spec, Status.CRASHED, "unreadable", message)
        if found.library:
            message = _LIBRARY.format(question.value, ", ".join(found.library[:_SHOWN]))
            return _capped(Compiled(Fraction(0)), Status.FAILED, "library", message)
        category, message = _missing(str(question.value), found)
        if category:
            return _capped(spec, Status.FAILED, category, message)
        return Verdict(status=Status.PASSED, score=Fraction(1), data={"loops": found.loops})


COMPILED = _CompiledKind()

_SHOWN = 4
_LIBRARY = (
    "`{}`, or a helper that it calls, has a library compute: {}. "
    "Write the loops yourself; that they are fast is what this task is about."
)


def _missing(kernel: str, found: _Evidence) -> tuple[str, str]:
    """Return what a kernel lacks, as a word and as a sentence; two empty strings if nothing."""
    if not found.compiled:
        return "not_compiled", (
            f"`{kernel}` gives a plain Python function; expected one that numba compiled. "
            "Return what `njit(…, parallel=True)` makes of it."
        )
    if found.objects:
        return "objects", (
            f"`{kernel}` handles Python objects (forceobj=True, or a block `with objmode`), for "
            "which numba makes no fast code. Use numbers and arrays only, without these."
        )
    if not found.parallel:
        return "not_parallel", (
            f"`{kernel}` is compiled without parallel=True, so `prange` runs on one core only. "
            "Give it to `njit` with parallel=True."
        )
    if found.loops < 1:
        return "no_loop", (
            f"numba finds no parallel loop in `{kernel}`; expected one at least. "
            "Does its main loop run through `prange`?"
        )
    if found.anew > 0:
        return "anew", (
            f"numba compiles `{kernel}` again at each call of an operation, which takes seconds; "
            "expected that it does so once. Call `njit` where the operation is made, outside of "
            "the function that gets the tensors."
        )
    return "", ""


def _capped(spec: Compiled, status: Status, category: str, message: str) -> Verdict:
    return Verdict(status=status, category=category, message=message, cap=spec.cap)
