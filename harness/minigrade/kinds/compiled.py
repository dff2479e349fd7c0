"""The `compiled` kind: does numba make parallel loops of a kernel, and of nothing but it?

The probe hands each kernel to `minigrade.probing.compilation`, in a worker that has asked
the submission nothing before, and finds nothing compiled. What comes back is the word of
a process that holds the submission's code: it earns nothing. Where a kernel is not
compiled, or at every call, or has no parallel loop, or one whose iterations get in each
other's way, it caps the task. Where a library computes in its place, nothing is left.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from typing import Annotated, Any

import msgspec

from minigrade.boundary.session import Returned
from minigrade.errors import CourseError
from minigrade.kinds.base import Means, Question, make_check, place
from minigrade.kinds.failures import describe
from minigrade.model import Check, Frame, Status, Verdict

FRONT_LIMIT_S = 60.0  # helpers of a kernel are compiled on the way


class Compiled(msgspec.Struct, frozen=True):
    """What a check of this kind needs; see `compiled_check`."""

    cap: Fraction
    parallel: bool


_Text = Annotated[str, msgspec.Meta(max_length=200)]


class _Race(msgspec.Struct):
    """Two lines of a kernel that iterations must not run at the same time; see `racing.py`."""

    file: _Text
    function: _Text
    line: int
    other: int
    source: _Text


class _Evidence(msgspec.Struct):
    """See `minigrade.probing.compilation`."""

    compiled: bool
    objects: bool
    parallel: bool
    loops: int
    library: list[_Text]
    anew: int
    unused: bool
    races: list[_Race]


def compiled_check(
    *, each: tuple[Hashable, ...], cap: int | Fraction, parallel: bool = True
) -> Callable[[Callable[..., Any]], Check]:
    """Make a check of a probe ``(mt, value)`` that returns what `compilation` says of a kernel.

    Args:
        each: names of kernels, an outcome each.
        cap: the part of the task's points that is left if one is not compiled in parallel,
            or at every call. None is left if a library of linear algebra computes.
        parallel: whether its main loop has to run in parallel. If not, it may, and then has
            to be right on several cores too.

    Raises:
        CourseError: the cap is no part of the points.
    """

    def decorate(probe: Callable[..., Any]) -> Check:
        if not 0 <= cap < 1:
            raise CourseError(f"{place(probe)} has cap={cap}; expected a part, 0 to below 1")
        return make_check(COMPILED, probe, Compiled(Fraction(cap), parallel), weight=0, each=each)

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
            nothing = msgspec.structs.replace(spec, cap=Fraction(0))
            return _capped(nothing, Status.FAILED, "library", message)
        category, message = _missing(str(question.value), found, spec)
        if category:
            return _capped(spec, Status.FAILED, category, message)
        if found.races:
            message = _racing(str(question.value), found.races)
            return _capped(spec, Status.FAILED, "race", message, found.races)
        return Verdict(status=Status.PASSED, score=Fraction(1), data={"loops": found.loops})


COMPILED = _CompiledKind()

_SHOWN = 4
_LIBRARY = (
    "`{}`, a helper, or an operation in place of it has a library compute: {}. "
    "Write the loops yourself; that they are fast is what this task is about."
)


def _racing(kernel: str, races: list[_Race]) -> str:
    """Say where iterations get in each other's way, and what to do."""
    first = races[0]
    other = "the same line" if first.other == first.line else f"line {first.other}"
    return (
        f"`{kernel}` has a race: what one iteration of its parallel loop writes at {first.file}:"
        f"{first.line}, another one reads or writes at {other}. On several cores they do so at "
        "the same time, and numbers come out wrong now and then. Let each iteration write to "
        "places that are its own, and make what it fills, such as an index, inside of the loop."
    )


def _missing(kernel: str, found: _Evidence, spec: Compiled) -> tuple[str, str]:
    """Return what a kernel lacks, as a word and as a sentence; two empty strings if nothing."""
    if not found.compiled:
        return "not_compiled", (
            f"`{kernel}` gives a plain Python function; expected one that numba compiled. "
            "Give it to `njit` with parallel=True."
        )
    if found.objects:
        return "objects", (
            f"`{kernel}` handles Python objects (forceobj=True, or a block `with objmode`), for "
            "which numba makes no fast code. Use numbers and arrays only, without these."
        )
    if not found.parallel and spec.parallel:
        return "not_parallel", (
            f"`{kernel}` is compiled without parallel=True, so `prange` runs on one core only. "
            "Give it to `njit` with parallel=True."
        )
    if found.loops < 1 and spec.parallel:
        return "no_loop", (
            f"numba finds no parallel loop in `{kernel}`; expected one at least. "
            "Does its main loop run through `prange`?"
        )
    if found.unused:
        return "unused", (
            f"`{kernel}` is compiled, and what an operation of your backend gives is computed "
            "elsewhere. Have the operation call what `njit` returned, not the Python function, "
            "for large tensors at least, and return what it writes."
        )
    if found.anew > 0:
        return "anew", (
            f"numba compiles `{kernel}` again at each call of an operation, which takes seconds; "
            "expected that it does so once. Call `njit` where the operation is made, outside of "
            "the function that gets the tensors."
        )
    return "", ""


def _capped(
    spec: Compiled, status: Status, category: str, message: str, races: Sequence[_Race] = ()
) -> Verdict:
    frames = tuple(Frame(one.file, one.line, one.function, one.source) for one in races)
    return Verdict(status=status, category=category, message=message, frames=frames, cap=spec.cap)
