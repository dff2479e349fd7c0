"""Fill in the skeleton of a student's repository: README, configuration, CI.

The skeleton is ``student_template/``: each file there ends in ``.j2`` and stands
where the finished one will.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from minigrade.errors import CourseError
from minigrade.model import Assignment, Course, Task
from minigrade.running import provenance
from minigrade.running.catalog import LoadedTask

Stubs = dict[str, dict[str, tuple[str, ...]]]
"""Of each file with answers cut out, each task's functions."""

_SUFFIX = ".j2"


class Carried(msgspec.Struct, frozen=True):
    """What became of the answers to earlier assignments, by file.

    Attributes:
        taken: files that came from the student's earlier repository.
        released: ids of earlier assignments whose answers the course has released.
        left: files with answers that are still to be carried over.
    """

    taken: tuple[str, ...] = ()
    released: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the skeleton can tell about a template.

    Attributes:
        tasks: the assignment's own tasks.
        folders: the folders at the top of the repository.
        wheel: the name of minigrade's wheel if it is shipped along, or empty.
    """

    course: Course
    assignment: Assignment
    tasks: tuple[LoadedTask, ...]
    stubs: Stubs
    folders: tuple[str, ...]
    carried: Carried
    wheel: str

    def to_write(self, task: Task) -> tuple[str, ...]:
        """Return the files where a task is written, without those where only others are."""
        stubs = self.stubs
        files = tuple(file for file in task.files if file not in stubs or task.id in stubs[file])
        return files or task.files


def skeleton_files(checkout: Path) -> dict[str, Path]:
    """Return the skeleton's files, by where they will stand in a repository."""
    root = checkout / "student_template"
    return {
        path.relative_to(root).as_posix().removesuffix(_SUFFIX): path
        for path in sorted(root.rglob(f"*{_SUFFIX}"))
    }


def render(path: Path, facts: Facts) -> str:
    """Return one file of the skeleton, filled in.

    Raises:
        CourseError: the file uses what is not there, or is no jinja2 template.
    """
    import jinja2  # slow, and most commands never need it

    environment = jinja2.Environment(  # noqa: S701  (no HTML: Markdown, TOML, YAML, Python)
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    versions = provenance.versions()
    versions["python"] = ".".join(versions["python"].split(".")[:2])
    try:
        template = environment.from_string(path.read_text("utf-8"))
        names = {**msgspec.structs.asdict(facts), "to_write": facts.to_write}
        return template.render({**names, "versions": versions})
    except jinja2.TemplateSyntaxError as error:
        raise CourseError(f"{path}:{error.lineno}: {error.message}") from None
    except jinja2.UndefinedError as error:
        raise CourseError(f"{path}: {error.message}") from None
