"""Find the course and load its assignments: task files, their checks, their slices.

The course is a folder: the checkout's ``assignments``, or the copy inside the
wheel, which lacks the hidden halves. Task files are found by scanning, loaded by
path, and nothing is registered anywhere.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

import minigrade
from minigrade.boundary import slices
from minigrade.errors import CourseError, UsageError
from minigrade.kinds.base import HasProbe
from minigrade.model import Assignment, Check, Course, Task, Visibility


class Part(msgspec.Struct, frozen=True):
    """One task file: its checks in the order in which they stand, and their slice.

    Attributes:
        name: the file, relative to the course, as tracebacks call it.
        probes: the text that workers get.
    """

    name: str
    visibility: Visibility
    checks: tuple[Check, ...]
    probes: str


class LoadedTask(msgspec.Struct, frozen=True):
    """A task with its public and, in a checkout, hidden checks, and its assignment's id.

    Attributes:
        asks: what students are to write, as Markdown; from the task file's docstring.
    """

    assignment: str
    task: Task
    parts: tuple[Part, ...]
    asks: str = ""

    def weight(self) -> Any:
        """Return the sum of the weights of all parts."""
        return sum(check.weight for part in self.parts for check in part.checks)


class LoadedAssignment(msgspec.Struct, frozen=True):
    """An assignment with its tasks, in the order of their files."""

    assignment: Assignment
    tasks: tuple[LoadedTask, ...]


class CourseFolder:
    """A folder with ``course.py`` and a package an assignment."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.checkout = path.parent if (path.parent / "reference").is_dir() else None
        self._module = _register(path)
        self._loaded: dict[tuple[str, bool], LoadedAssignment] = {}
        self.course = self._constant("course", "COURSE", Course)

    def require_checkout(self, purpose: str) -> Path:
        """Return the checkout's folder.

        Raises:
            UsageError: minigrade was installed without one.
        """
        if self.checkout is None:
            raise UsageError(
                f"{purpose} needs minigrade's repository: the installed package holds neither the "
                "reference nor hidden checks. Clone it, and install it from there with "
                "`pip install -e .`"
            )
        return self.checkout

    def assignments(self) -> Iterator[Assignment]:
        """Yield the assignments in the order of the course."""
        for folder in self.course.assignments:
            yield self._constant(folder, "ASSIGNMENT", Assignment)

    def load(self, assignment_id: str, *, hidden: bool) -> LoadedAssignment:
        """Load an assignment by its id; the second time, return it again.

        Args:
            assignment_id: such as ``"m1"``.
            hidden: whether to load the hidden halves too.

        Raises:
            UsageError: there is no such assignment, or no hidden half.
            CourseError: a task file is wrong.
        """
        key = (assignment_id, hidden)
        if key not in self._loaded:
            self._loaded[key] = self._load(assignment_id, hidden=hidden)
        return self._loaded[key]

    def home(self, task_id: str) -> str:
        """Return the id of the assignment that a task belongs to, by the name of its file.

        Raises:
            UsageError: there is no such task.
        """
        pairs = zip(self.course.assignments, self.assignments(), strict=True)
        found = {assignment.id: self._files(folder) for folder, assignment in pairs}
        for name, files in found.items():
            if any(_is_named(file, task_id) for file in files):
                return name
        raise UsageError(
            f"{task_id!r} is neither an assignment ({', '.join(found)}) nor a task; see "
            "`minigrade list`"
        )

    def _files(self, folder: str) -> list[Path]:
        return sorted((self.path / folder).glob("task_*.py"))

    def _load(self, assignment_id: str, *, hidden: bool) -> LoadedAssignment:
        folder, assignment = self._find(assignment_id)
        if hidden and not any(self.path.glob("*/hidden")):
            raise UsageError(
                "hidden checks are not in the installed package; run minigrade from the course's "
                "repository, installed with `pip install -e .`"
            )
        files = self._files(folder)
        tasks = tuple(self._load_task(assignment, folder, file, hidden=hidden) for file in files)
        homes: dict[str, Path] = {}
        for file, task in zip(files, tasks, strict=True):
            first = homes.setdefault(task.task.id, file)
            if first != file:
                raise CourseError(f"{file}: {first.name} has the id {task.task.id!r} already")
        return LoadedAssignment(assignment, tasks)

    def _find(self, assignment_id: str) -> tuple[str, Assignment]:
        """Return an assignment and its folder."""
        pairs = list(zip(self.course.assignments, self.assignments(), strict=True))
        for folder, assignment in pairs:
            if assignment.id == assignment_id:
                return folder, assignment
        known = ", ".join(assignment.id for _, assignment in pairs)
        raise UsageError(f"there is no assignment {assignment_id!r}; the course has {known}")

    def _load_task(
        self, assignment: Assignment, folder: str, file: Path, *, hidden: bool
    ) -> LoadedTask:
        module = self._import(f"{folder}.{file.stem}")
        task = getattr(module, "TASK", None)
        if not isinstance(task, Task):
            raise CourseError(f"{file}: TASK is missing; expected `TASK = Task(…)`")
        if not _is_named(file, task.id):
            raise CourseError(
                f"{file}: the id is {task.id!r}; expected a file named {_stem(task.id)}_….py"
            )
        _refuse_nonsense(task, file)
        parts = [self._part(module, file, Visibility.PUBLIC)]
        secret = file.parent / "hidden" / file.name
        if hidden and secret.is_file() != bool(task.hidden_points):
            raise CourseError(
                f"{file}: hidden_points is {task.hidden_points}, but hidden/{file.name} is "
                f"{'there' if secret.is_file() else 'missing'}; hidden checks and their points go "
                "together"
            )
        if hidden and secret.is_file():
            hidden_module = self._import(f"{folder}.hidden.{file.stem}")
            parts.append(self._part(hidden_module, secret, Visibility.HIDDEN))
        for part in parts:
            is_hidden = part.visibility is Visibility.HIDDEN
            points = task.hidden_points if is_hidden else task.points - task.hidden_points
            if points and part.checks and not any(check.weight for check in part.checks):
                raise CourseError(
                    f"{self.path / part.name}: no check here earns its points ({points})"
                )
        return LoadedTask(assignment.id, task, tuple(parts), _asks(module.__doc__))

    def _part(self, module: types.ModuleType, file: Path, visibility: Visibility) -> Part:
        """Return a task file's own checks; those that it imported belong elsewhere."""
        checks = tuple(
            check
            for name, check in vars(module).items()
            if isinstance(check, Check) and check.function.__module__ == module.__name__
        )
        name = file.relative_to(self.path).as_posix()
        source = inspect.getsource(module)
        slices.refuse_namesakes(source, [check.name for check in checks], name)
        probes = [check.name for check in checks if isinstance(check.kind, HasProbe)]
        text = slices.cut(source, probes, name) if probes else ""
        return Part(name, visibility, checks, text)

    def _constant(self, module: str, name: str, kind: type[Any]) -> Any:
        value = getattr(self._import(module), name, None)
        if not isinstance(value, kind):
            raise CourseError(f"{self.path / module}: {name} is missing or no {kind.__name__}")
        return value

    def _import(self, name: str) -> types.ModuleType:
        try:
            return importlib.import_module(f"{self._module}.{name}")
        except CourseError:
            raise
        except Exception as error:
            raise CourseError(
                f"{self.path / name.replace('.', '/')}.py cannot be loaded: {error!r}"
            ) from error


def _stem(task_id: str) -> str:
    return f"task_{task_id.replace('.', '_')}"


def _is_named(file: Path, task_id: str) -> bool:
    """Tell whether a task file's name says that it holds this task."""
    return f"{file.stem}_".startswith(f"{_stem(task_id)}_")


def _asks(docstring: str | None) -> str:
    """Return the paragraph below the title of a task file's docstring, as Markdown.

    If it ends in ``::``, the block there and the paragraph below that belong to it.
    """
    _, *paragraphs = inspect.cleandoc(docstring or "").split("\n\n")
    wanted = paragraphs[: 3 if paragraphs and paragraphs[0].endswith("::") else 1]
    lines = [text if text.startswith(" ") else " ".join(text.split()) for text in wanted]
    return "\n\n".join(lines).replace("::\n\n", ":\n\n").replace("``", "`")


def _refuse_nonsense(task: Task, file: Path) -> None:
    """Refuse a task whose points or lists cannot be meant.

    Raises:
        CourseError: says which.
    """
    if not 0 <= task.hidden_points <= task.points:
        raise CourseError(
            f"{file}: points is {task.points} and hidden_points {task.hidden_points}; expected "
            "points, of which hidden_points are a part"
        )
    for name in ("files", "requires"):
        value = getattr(task, name)
        if not isinstance(value, tuple) or not all(isinstance(item, str) for item in value):
            raise CourseError(f"{file}: {name} is {value!r}; expected a tuple of strings")


def find_course() -> CourseFolder:
    """Return the course of the checkout that minigrade runs from, or the wheel's copy."""
    package = Path(minigrade.__file__).resolve().parent
    checkout = package.parents[1] / "assignments"
    return CourseFolder(checkout if checkout.is_dir() else package / "course")


def _register(path: Path) -> str:
    """Make the folder a package of its own, so that task files are found by import."""
    if not (path / "course.py").is_file():
        raise CourseError(f"{path}: no course here; expected course.py")
    name = f"minigrade_course_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    if name not in sys.modules:
        module = types.ModuleType(name)
        module.__path__ = [str(path)]
        sys.modules[name] = module
    return name
