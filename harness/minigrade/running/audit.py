"""Grade the grader: every mutant of the reference must fail, every variant must pass.

A mutant is a mistake that students make, as an edit of the reference, and names
the task whose checks must catch it. A variant is a different, correct way to do
the whole assignment, as files laid over the reference.
"""

from __future__ import annotations

import functools
import multiprocessing
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import msgspec

from minigrade.errors import CourseError
from minigrade.model import Status
from minigrade.running import submission
from minigrade.running.belonging import keep_only, make_plan
from minigrade.running.catalog import CourseFolder
from minigrade.running.runner import Request, first_failure


class Mutant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One mistake.

    Attributes:
        name: unique in its assignment.
        task: whose checks must catch it.
        file: the file of the reference that it edits.
        old: text that stands there exactly once.
        new: what the student wrote instead.
        why: how a student comes to write it.
        base: the variant that it edits, instead of the reference.
    """

    name: str
    task: str
    file: str
    old: str
    new: str
    why: str
    base: str = ""


class Trial(msgspec.Struct, frozen=True):
    """One mutant or variant of one assignment, to be graded.

    Attributes:
        mutant: the mistake, or None for a variant.
        overlay: the variant's files, or None for a mutant.
        widely: if the mutant's task does not catch it, ask the whole assignment: what one
            task saves for the next one shows only there.
    """

    assignment: str
    name: str
    mutant: Mutant | None = None
    overlay: Path | None = None
    widely: bool = False


class Audit(msgspec.Struct, kw_only=True):
    """What an audit found.

    Attributes:
        mutants: how many were tried.
        killed: how many of them a check caught.
        survivors: ``assignment/name (task)`` of the others.
        variants: how many were tried.
        variants_failed: ``assignment/name: check: message`` of those that lost points.
    """

    mutants: int = 0
    killed: int = 0
    survivors: list[str] = []
    variants: int = 0
    variants_failed: list[str] = []


def audit(
    course: CourseFolder,
    assignments: Sequence[str],
    jobs: int,
    on_result: Callable[[str, str], None] = lambda *_: None,
) -> Audit:
    """Try all mutants and variants; `on_result` hears of each by name and in a word.

    Raises:
        UsageError: this is no checkout.
        CourseError: a mutant's text is not in the reference exactly once.
    """
    checkout = course.require_checkout("minigrade audit")
    trials = [trial for name in assignments for trial in find_trials(checkout, name)]
    found = Audit()
    for trial, failure in try_all(course, trials, jobs):
        name = f"{trial.assignment}/{trial.name}"
        if trial.mutant:
            found.mutants += 1
            found.killed += failure is not None
            if failure is None:
                found.survivors.append(f"{name} ({trial.mutant.task})")
            on_result(name, f"caught by {failure}" if failure else "SURVIVED")
        else:
            found.variants += 1
            if failure:
                found.variants_failed.append(f"{name}: {failure}")
            on_result(name, f"FAILED {failure}" if failure else "earns everything")
    found.survivors.sort()
    found.variants_failed.sort()
    return found


def find_trials(checkout: Path, assignment: str) -> Iterator[Trial]:
    """Yield the mutants and variants of an assignment.

    Raises:
        CourseError: the list of mutants does not read.
    """
    source = checkout / "tests" / "mutants" / f"{assignment}.toml"
    try:
        content = tomllib.loads(source.read_text("utf-8")) if source.is_file() else {}
        mutants = msgspec.convert(content.get("mutant", []), list[Mutant])
    except (ValueError, msgspec.ValidationError) as error:
        raise CourseError(f"{source}: {error}") from None
    for mutant in mutants:
        yield Trial(assignment, mutant.name, mutant=mutant)
    for overlay in sorted((checkout / "tests" / "variants" / assignment).glob("*")):
        if overlay.is_dir() and not overlay.name.startswith("_"):
            yield Trial(assignment, overlay.name, overlay=overlay)


def build(checkout: Path, trial: Trial, dest: Path) -> None:
    """Make the submission of a trial in `dest`: the reference as far as its assignment.

    Raises:
        CourseError: a mutant's text is not in the reference exactly once.
    """
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
    shutil.copytree(checkout / "reference", dest, dirs_exist_ok=True, ignore=ignored)
    overlay = trial.overlay
    if trial.mutant and trial.mutant.base:
        overlay = checkout / "tests" / "variants" / trial.assignment / trial.mutant.base
    if overlay:
        shutil.copytree(overlay, dest, dirs_exist_ok=True, ignore=ignored)
    course = _course_at(checkout / "assignments")
    files = make_plan(course, trial.assignment).files()
    keep_only(dest, course.course.package, files)
    if trial.mutant:
        file = dest / trial.mutant.file
        text = file.read_text("utf-8")
        times = text.count(trial.mutant.old)
        if times != 1:
            raise CourseError(
                f"the mutant {trial.name} expects its old text once in {trial.mutant.file}; it "
                f"stands there {times} times"
            )
        file.write_text(text.replace(trial.mutant.old, trial.mutant.new), "utf-8")


def attempt(course: CourseFolder, trial: Trial) -> str | None:
    """Grade one trial; return the first check that it fails, with its message, or None."""
    checkout = course.require_checkout("an audit")
    tasks = (trial.mutant.task,) if trial.mutant else ()
    request = Request(assignment=trial.assignment, tasks=tasks, hidden=True)
    with tempfile.TemporaryDirectory(prefix="minigrade-audit-") as name:
        build(checkout, trial, Path(name))
        found = submission.find(Path(name), course.course)
        outcome = first_failure(course, request, found)
        if outcome is None and tasks and trial.widely:
            wide = msgspec.structs.replace(request, tasks=())
            outcome = first_failure(course, wide, found)
    if outcome is None:
        return None
    text = f"{outcome.id}: {outcome.message.partition(chr(10))[0]}"
    if outcome.status is Status.BROKEN:  # a broken check catches nothing
        raise CourseError(f"{trial.assignment}/{trial.name}: {text}")
    return text


def try_all(
    course: CourseFolder, trials: Sequence[Trial], jobs: int
) -> Iterator[tuple[Trial, str | None]]:
    """Yield each trial, as it is done, with what `attempt` says of it.

    Raises:
        CourseError: see `attempt`.
    """
    if jobs <= 1 or sys.platform != "linux":
        for trial in trials:
            yield trial, attempt(course, trial)
        return
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(jobs, context) as pool:
        futures = {pool.submit(_attempt_anew, course.path, trial): trial for trial in trials}
        for future in as_completed(futures):
            yield futures[future], future.result()


def _attempt_anew(path: Path, trial: Trial) -> str | None:
    return attempt(_course_at(path), trial)


@functools.cache
def _course_at(path: Path) -> CourseFolder:
    """Return a course that stays loaded: there are hundreds of trials."""
    return CourseFolder(path)
