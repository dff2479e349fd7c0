"""Put into words what became of a call that gave no value.

Each kind of trouble is named as what it is: a stub, a missing name, a file that
does not import, work of an earlier assignment that was not carried over, an
endless loop, a crash. A student should know from the message what to do next.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from minigrade.boundary.session import Crashed, Observation, Problem, Raised, Returned, TimedOut
from minigrade.kinds.base import Question
from minigrade.model import Status, Verdict

_PRINTABLE_KEPT = 1_500
_ELEMENTS_KEPT = 400  # of an array, before NumPy shows its ends only
_TASK_NUMBER = re.compile(r"[Tt]ask\s*(\d)[._](\d)")

_NOT_IN_MODULE = re.compile(r"cannot import name '(\w+)' from '")
_ABSENT = ("stub", "missing")
_EARLIER = re.compile(r"(past|previous|last) (assignment|module)")  # upstream's own stubs say so


def describe(observed: Observation, question: Question, problems: dict[str, Problem]) -> Verdict:
    """Return the verdict on an observation that is no value.

    Args:
        observed: what became of the call.
        question: what was asked.
        problems: files of the submission that do not load, and why.
    """
    match observed:
        case TimedOut():
            return Verdict(
                status=Status.TIMED_OUT,
                category="timed_out",
                message=f"did not finish within {observed.limit_s:g} s (an endless loop?)",
                printed=observed.printed,
            )
        case Crashed():
            return Verdict(
                status=Status.CRASHED,
                category="crashed",
                message=f"The process that runs your code {observed.how}.",
                printed=observed.printed,
            )
        case Raised():
            return _describe_raised(observed, question, problems)
        case Returned():
            raise TypeError("a value is for a judge")


def _describe_raised(raised: Raised, question: Question, problems: dict[str, Problem]) -> Verdict:
    """Return the verdict on an exception, named after what caused it."""
    status, frames = Status.RAISED, raised.frames
    category: str = raised.reason
    if raised.reason == "unsendable":
        status, category = Status.FAILED, "wrong_type"
        message = f"returned what is no plain number, list or array: {_unsendable(raised.message)}"
    elif raised.reason == "stub":
        message = _stub(raised, question)
    elif raised.reason in ("missing", "import") and problems:
        file, problem = _culprit(raised, question, problems)
        message = f"{file} does not import: {_in_short(problem)}"
        frames = problem.frames if isinstance(problem, Raised) else ()
        category = "import"
    elif raised.reason == "missing":
        message = _missing(raised, question)
    else:
        message = (
            f"raised {raised.type}: {raised.message}"
            if raised.message
            else (f"raised {raised.type}")
        )
        if not frames and raised.asked:
            message += f"\nwhile the check ran `{raised.asked}`"
        category = f"raised_{raised.type}"
    verdict = Verdict(
        status=status, category=category, message=message, frames=frames, printed=raised.printed
    )
    return _left_out(verdict) if question.task.extra_credit and category in _ABSENT else verdict


def _left_out(verdict: Verdict) -> Verdict:
    """Return the verdict on extra credit that is not there: nobody has to hand it in."""
    return msgspec.structs.replace(
        verdict,
        status=Status.SKIPPED,
        message=f"not handed in: {verdict.message}",
        frames=(),
        examined=False,
    )


def _stub(raised: Raised, question: Question) -> str:
    """Say whose stub was met: this task's, or one that another task should have filled."""
    if _EARLIER.search(raised.message):
        file = raised.frames[-1].file if raised.frames else "a file"
        return f"{file} is still the course's stub; was your last assignment carried over?"
    named = _TASK_NUMBER.search(raised.message)
    number = f"{named[1]}.{named[2]}" if named else question.task.id
    if number == question.task.id:
        return "not implemented yet: it raises NotImplementedError"
    if number.split(".")[0] != question.task.id.split(".")[0]:
        return (
            f"stops at Task {number}, which raises NotImplementedError; "
            f"was your work on assignment {number.split('.')[0]} carried over?"
        )
    return f"needs Task {number}, which is not implemented yet"


def _missing(raised: Raised, question: Question) -> str:
    """Say which name or file is not there, and where it belongs."""
    name = raised.name
    files = " or ".join(question.task.files)
    if raised.type == "AttributeError":
        module, _, attribute = name.rpartition(".")
        return f"`{module}` has no `{attribute}`" + (f"; it belongs in {files}" if files else "")
    return _missing_import(raised)


def _missing_import(raised: Raised) -> str:
    """Say which file an import asks for, or which name a file lacks."""
    path = raised.name.replace(".", "/")
    wanted = _NOT_IN_MODULE.match(raised.message)
    if wanted and "." in raised.name:
        return f"{raised.message}; {path}.py is there, and does not define `{wanted[1]}`"
    file = f"{path}/{wanted[1]}.py" if wanted else f"{path}.py"
    return (
        f"{raised.message}; is {file} missing, or was it not carried over from the last assignment?"
    )


def _culprit(
    raised: Raised, question: Question, problems: dict[str, Problem]
) -> tuple[str, Problem]:
    """Return the broken file that explains a missing name, the likeliest one first."""
    module = raised.name.replace(".", "/")
    for file, problem in problems.items():
        if file.removesuffix(".py") == module:
            return file, problem
    for file in question.task.files:
        if file in problems:
            return file, problems[file]
    # A file that fails by itself explains those that fail because they import it.
    own = [file for file, problem in problems.items() if not _is_relayed(file, problem)]
    file = (own or list(problems))[0]
    return file, problems[file]


def _is_relayed(file: str, problem: Problem) -> bool:
    """Whether a file fails to import only because another one does."""
    if not isinstance(problem, Raised) or not problem.frames:
        return False
    return problem.frames[-1].file != file


def _in_short(problem: Problem) -> str:
    match problem:
        case Raised(reason="missing"):
            return f"{problem.type}: {_missing_import(problem)}"
        case Raised():
            return f"{problem.type}: {problem.message}"
        case TimedOut():
            return f"it did not finish within {problem.limit_s:g} s"
        case Crashed():
            return f"the process that imported it {problem.how}"


def _unsendable(message: str) -> str:
    return message.removeprefix("cannot send ").removesuffix(" at $").replace(" at $", " at ")


def printable(value: Any) -> str:
    """Return `value` as Python that a student can paste, shortened if it is long.

    What is left out is never written down: a value may have megabytes, and each of
    hundreds of failing cases has one.
    """
    text = ""
    for piece in _pieces(value, _ELEMENTS_KEPT):
        text += piece
        if len(text) > _PRINTABLE_KEPT:
            return f"{text[:_PRINTABLE_KEPT]} … and more, left out"
    return text


def literal(value: Any) -> str:
    """Return the Python expression of a plain value."""
    return "".join(_pieces(value, sys.maxsize))


def _pieces(value: Any, elements: int) -> Iterator[str]:
    """Yield the expression of `value` in pieces; an array of more `elements` is abridged."""
    if isinstance(value, np.ndarray):
        yield _array(value, elements)
    elif isinstance(value, float) and not math.isfinite(value):
        yield f'float("{value}")'
    elif isinstance(value, list | tuple):
        yield "["
        for i, item in enumerate(value):
            yield ", " if i else ""
            yield from _pieces(item, elements)
        yield "]"
    elif isinstance(value, dict):
        yield "{"
        for i, (key, item) in enumerate(value.items()):
            yield f"{', ' if i else ''}{key!r}: "
            yield from _pieces(item, elements)
        yield "}"
    else:
        yield repr(value)


def _array(value: np.ndarray, elements: int) -> str:
    dtype = "" if value.dtype in (np.float64, np.bool_) else f", dtype=np.{value.dtype}"
    if value.size == 0:
        return f"np.zeros({value.shape}{dtype})"
    content = np.array2string(value, separator=", ", threshold=elements, floatmode="unique")
    content = re.sub(r"\bnan\b", "np.nan", re.sub(r"\binf\b", "np.inf", content))
    return f"np.array({content}{dtype})"
