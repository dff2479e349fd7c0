"""Put into words what became of a student's tests, so that the student can better them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Any, Literal

import msgspec

from minigrade.boundary.session import Observation, Problem, Raised
from minigrade.kinds.base import Question
from minigrade.kinds.failures import describe, printable
from minigrade.model import Status, Verdict

CALLS_SHOWN = 4

Call = tuple[str, list[Any], dict[str, Any]]
"""A function's name, its arguments, and the answer."""

GARBAGE = Verdict(
    status=Status.CRASHED,
    category="crashed",
    message="The process that runs your tests answered with something that is no result.",
)


class Run(msgspec.Struct, frozen=True):
    """What became of tests in one run: the worker's word.

    Attributes:
        verdict: of all tests of the run.
        test: the first that did not pass.
        error: what it raised.
        case: what hypothesis says of the case, if it drew one.
    """

    verdict: Literal["passed", "failed", "stub", "skipped"]
    test: Annotated[str, msgspec.Meta(max_length=300)] = ""
    error: Raised | None = None
    case: Annotated[str, msgspec.Meta(max_length=2_000)] = ""


def missing(file: str, tests: Sequence[str]) -> Verdict:
    """Return the verdict where there is no such test."""
    wanted = " and no ".join(f"`{name}`" for name in tests)
    return Verdict(
        status=Status.FAILED, category="missing", message=f"{file} has no function {wanted}"
    )


def unloadable(seen: Observation, question: Question, problems: dict[str, Problem]) -> Verdict:
    """Return the verdict on a test file that cannot be imported."""
    if isinstance(seen, Raised) and seen.type == "FileNotFoundError" and not seen.frames:
        return Verdict(status=Status.FAILED, category="missing", message=seen.message)
    found = describe(seen, question, problems)
    if isinstance(seen, Raised) and found.category != "import":
        message = f"the test file does not import: {found.message}"
        return msgspec.structs.replace(found, category="import", message=message)
    return found


def no_test(run: Run, question: Question, problems: dict[str, Problem]) -> Verdict:
    """Return the verdict on a stub, or on a test that skips itself."""
    if run.verdict == "stub" and run.error:
        return describe(run.error, question, problems)
    return Verdict(
        status=Status.FAILED,
        category="skipped",
        message=f"`{run.test}` skips itself, so it tests nothing",
    )


def calls_nothing(tests: Sequence[str], functions: Sequence[str]) -> Verdict:
    """Return the verdict on tests that never call what they are about."""
    names = ", ".join(f"`{name}`" for name in tests)
    wanted = " or ".join(f"`{name}`" for name in functions[:4])
    more = " or any other" if len(functions) > 4 else ""
    return Verdict(
        status=Status.FAILED,
        category="vacuous",
        message=f"{names} never calls {wanted}{more}: it cannot notice a wrong one "
        "(`<` and `*` between floats, and methods of a tensor, are other functions)",
    )


def flaky(run: Run, names: Sequence[str]) -> Verdict:
    """Return the verdict on a test that decides the same thing now so and now so."""
    what = f"passes and fails {' and '.join(names)}" if names else "passes and fails what is right"
    return Verdict(
        status=Status.FAILED,
        category="flaky",
        message=f"`{run.test}` is flaky: run again, it {what}; does it rest on chance, on the "
        "time, or on what an earlier run has left?",
        frames=run.error.frames if run.error else (),
    )


def forbids(
    run: Run, file: str, implementation: str, calls: Sequence[Call], remark: str
) -> Verdict:
    """Return the verdict on a test of `file` that fails what is right, and say on what."""
    error = run.error
    raised = f"{error.type}: {error.message}".rstrip(": ") if error else "an exception"
    frames = error.frames if error else ()
    while frames and frames[-1].file != file and any(frame.file == file for frame in frames):
        frames = frames[:-1]  # of helpers, which do what the test asks for
    line = frames[-1].source if frames else ""
    lines = [
        f"`{run.test}` fails though what it tests is right ({implementation}): {raised}"
        + (f", at `{line}`" if line else "")
    ]
    if calls:
        lines.append(f"what it was given last: {', '.join(map(_shown, calls))}")
    if remark:
        lines.append(remark)
    return Verdict(
        status=Status.FAILED,
        category="forbids_what_is_right",
        message="\n".join(lines),
        case=_code(run.case),
        frames=frames,
    )


def counted(
    killed: int, wanted: int, tried: int, *, kept: Sequence[str], chancy: Sequence[str]
) -> Verdict:
    """Return the verdict on tests that pass what is right, by what they catch.

    Args:
        killed: how many wrong implementations they catch in each run.
        wanted: how many would be enough.
        tried: how many there were.
        kept: those that they take for right.
        chancy: those that they catch in some runs.
    """
    score = Fraction(min(killed, wanted), wanted)
    if score == 1:
        return Verdict(status=Status.PASSED, score=score, data={"caught": killed, "of": tried})
    lines = [f"catches {killed} of {tried} wrong implementations"]
    if wanted < tried:
        lines[0] += f"; {wanted} are enough"
    lines += [f"  takes for right: {name}" for name in kept]
    lines += [f"  catches in some runs only (flaky): {name}" for name in chancy]
    return Verdict(
        status=Status.FAILED,
        score=score,
        category="flaky" if chancy and not kept else "survivors",
        message="\n".join(lines),
        data={"caught": killed, "of": tried},
    )


def _shown(call: Call) -> str:
    name, args, answer = call
    result = f"raises {answer['raised']}" if "raised" in answer else printable(answer["value"])
    return f"{name}({', '.join(map(printable, args))}) → {result}"


def _code(case: str) -> str:
    """Return the call that hypothesis shows, without its first words."""
    _, _, call = case.partition("case: ") if "case: " in case else case.partition("example: ")
    return call.strip() or case.strip()
