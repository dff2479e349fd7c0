"""Released answers: the part of the reference that later work may be graded on.

They are the package's files that students write for assignments in `Course.released`, and
what these import, cut like a template: no other answers are in them, and none to the
assignment that is graded. A checkout has the reference to cut them from. Elsewhere, as in
a bundle for a server, they lie in ``released/`` of the course's folder, by assignment, put
there beforehand; so nothing else of the reference has to leave the checkout.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from minigrade.errors import CourseError
from minigrade.running.belonging import make_plan
from minigrade.running.carrying import Answers
from minigrade.running.catalog import CourseFolder, LoadedAssignment
from minigrade.running.preloading import reached

FOLDER = "released"


def released_answers(course: CourseFolder, assignment: str) -> Answers | None:
    """Return the released answers that an assignment may stand on; None if there are none here.

    Raises:
        CourseError: `course.py` releases what it cannot, or a file of the answers is missing.
    """
    released = make_plan(course, assignment).released()
    here = course.path / FOLDER / assignment
    if released and course.checkout:
        files = _cut(course, course.checkout / "reference", released)
    else:
        paths = sorted(path for path in here.rglob("*.py") if path.is_file())
        files = {path.relative_to(here).as_posix(): path.read_bytes() for path in paths}
    return Answers(released, files) if released and files else None


def write_released(course: CourseFolder, dest: Path) -> list[str]:
    """Write what `released_answers` gives to a course's folder that is to go elsewhere.

    Args:
        course: the course of a checkout.
        dest: the other folder, which has or will have ``course.py``.

    Returns:
        The files' names, relative to `dest`.

    Raises:
        UsageError: this is no checkout.
        CourseError: see `released_answers`.
    """
    course.require_checkout("writing released answers")
    written = []
    for one in course.assignments():
        answers = released_answers(course, one.id)
        for name, content in (answers.files if answers else {}).items():
            target = dest / FOLDER / one.id / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            written.append(target.relative_to(dest).as_posix())
    return written


def _cut(course: CourseFolder, source: Path, released: Collection[str]) -> dict[str, bytes]:
    """Return the package's files of `released` assignments, without answers to any other."""
    from minigrade.edges.cutting import strip

    loaded = [course.load(one.id, hidden=False) for one in course.assignments()]
    ours = [one for one in loaded if one.assignment.id in released]
    written = set().union(*(_files(one, given=False) for one in ours))
    others = set().union(*(_files(one, given=True) for one in loaded if one not in ours))
    prefix = f"{course.course.package}/"
    stems = {Path(name).stem for name in written if name.startswith(prefix)}
    tasks = {task.task.id for one in ours for task in one.tasks}
    found: dict[str, bytes] = {}
    for stem, text in reached(source / course.course.package, stems):
        name = f"{prefix}{stem}.py"
        if name in written or name not in others:
            found[name] = strip(text, f"{source.name}/{name}", keep=tasks).text.encode()
    missing = sorted({f"{prefix}{stem}.py" for stem in stems} - found.keys())
    if missing:
        raise CourseError(
            f"{source}: {', '.join(missing)} is not there, though it belongs to the answers of "
            f"{', '.join(released)}, which are released"
        )
    return found


def _files(one: LoadedAssignment, *, given: bool) -> set[str]:
    """Return the files that students write for an assignment, and those that they are `given`."""
    written = {name for loaded in one.tasks for name in loaded.task.files}
    return written | set(one.assignment.files) if given else written
