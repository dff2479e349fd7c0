"""Audit the checks with mutants that are made by rule.

The list in ``tests/mutants`` holds the mistakes that somebody thought of. Here a seed
chooses among all small edits of the answers: see `minigrade.edges.slips`.

A mutant that means the same as its original cannot be caught. Whoever finds one among the
survivors says why in ``tests/mutants/equivalent.toml``. It is tried all the same: a reason
is wrong if a check does catch it.

libcst is slow to import: import this module only where mutants are to be made.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from minigrade.edges.slips import Slip, bare
from minigrade.errors import CourseError
from minigrade.running.audit import Mutant, Trial, try_all
from minigrade.running.catalog import CourseFolder

_UNIMPORTED = "does not import: "


class Equivalent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A slip that changes nothing that a submission is asked for, and why; see `Slip`."""

    file: str
    function: str
    old: str
    new: str
    why: str
    base: str = ""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one slip: ``caught``, ``equivalent``, ``SURVIVED`` or ``unimportable``.

    An ``unimportable`` one does not count: Python catches it. `because` is the check that
    failed and its message, or why it is equivalent. For the others see `Slip`.
    """

    verdict: str
    because: str
    assignment: str
    task: str
    base: str
    file: str
    function: str
    line: int
    operator: str
    old: str
    new: str
    diff: str


class Tally(msgspec.Struct, kw_only=True):
    """What an audit with generated mutants found.

    Attributes:
        seed: what they were chosen by.
        counted: how many were tried that import and are not known as equivalent.
        killed: how many of them a check caught.
        equivalent: how many are known as equivalent, and were not caught.
        misjudged: those that are known as equivalent, but were caught.
        survivors: those that count and were not caught.
        tried: all of them.
    """

    seed: int
    counted: int = 0
    killed: int = 0
    equivalent: int = 0
    misjudged: list[str] = []
    survivors: list[str] = []
    tried: list[Tried] = []


def audit(
    course: CourseFolder,
    slips: Sequence[Slip],
    seed: int,
    jobs: int,
    on_result: Callable[[Slip, Tried], None] = lambda *_: None,
) -> Tally:
    """Try generated mutants; `on_result` hears of each.

    Raises:
        UsageError: this is no checkout.
        CourseError: the list of equivalent ones does not read.
    """
    known = equivalents(course.require_checkout("minigrade audit"))
    trials = {trial_of(slip, i): slip for i, slip in enumerate(slips)}
    found = Tally(seed=seed)
    for trial, failure in try_all(course, list(trials), jobs):
        slip = trials[trial]
        why = next((one.why for one in known if _is(slip, one)), None)
        tried = _judged(slip, failure, why)
        found.tried.append(tried)
        if tried.verdict == "equivalent":
            found.equivalent += 1
        elif tried.verdict != "unimportable":
            found.counted += 1
            found.killed += tried.verdict == "caught"
        if tried.verdict == "SURVIVED":
            found.survivors.append(f"{slip.place}\n{slip.diff}")
        elif tried.verdict == "caught" and why is not None:
            found.misjudged.append(f"{slip.place}: {failure}\n{slip.diff}")
        on_result(slip, tried)
    return found


def trial_of(slip: Slip, number: int) -> Trial:
    """Return the trial of a slip."""
    name = f"{number}_{slip.operator}"
    old, new = slip.texts
    mutant = Mutant(name, slip.task, slip.file, old, new, slip.operator, slip.base)
    return Trial(slip.assignment, name, mutant=mutant, widely=True)


def equivalents(checkout: Path) -> list[Equivalent]:
    """Return the slips that are known to change nothing.

    Raises:
        CourseError: the list does not read.
    """
    source = checkout / "tests" / "mutants" / "equivalent.toml"
    try:
        content = tomllib.loads(source.read_text("utf-8")) if source.is_file() else {}
        return msgspec.convert(content.get("equivalent", []), list[Equivalent])
    except (ValueError, msgspec.ValidationError) as error:
        raise CourseError(f"{source}: {error}") from None


def _is(slip: Slip, known: Equivalent) -> bool:
    mine = (slip.base, slip.file, slip.function, slip.old, slip.new)
    return mine == (known.base, known.file, known.function, bare(known.old), bare(known.new))


def _judged(slip: Slip, failure: str | None, why: str | None) -> Tried:
    if failure is None:
        verdict, because = ("equivalent", why) if why else ("SURVIVED", "")
    else:
        verdict, because = "unimportable" if _UNIMPORTED in failure else "caught", failure
    known = {name: getattr(slip, name) for name in Slip.__struct_fields__ if name != "texts"}
    return Tried(verdict=verdict, because=because, diff=slip.diff, **known)
