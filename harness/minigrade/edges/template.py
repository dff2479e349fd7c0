"""``minigrade template``: cut a student's repository out of the reference.

The reference is the one source: the files of assignments up to the one asked for
are copied, the answers in them are cut out, and so is what the package's
``__init__.py`` imports of later assignments. README, configuration and CI come
from the skeleton.

Answers to earlier assignments are students' own work. They come from their own
earlier repository, or from the reference once the course has released them;
else they are cut out too, and the README says how to carry them over.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath

import msgspec

from minigrade.edges.earlier import earlier_work, imported_files
from minigrade.edges.fences import find_fences
from minigrade.edges.skeleton import Carried, Facts, Stubs, render, skeleton_files
from minigrade.errors import CourseError, UsageError
from minigrade.running import provenance
from minigrade.running.belonging import Plan, make_plan
from minigrade.running.catalog import CourseFolder


class Template(msgspec.Struct, frozen=True):
    """What was made.

    Attributes:
        dest: the new repository.
        files: its files, relative to it, in a fixed order.
        stubs: of each file with answers cut out, each task's functions.
        carried: what became of the answers to earlier assignments.
    """

    dest: Path
    files: tuple[str, ...]
    stubs: Stubs
    carried: Carried

    def summary(self) -> str:
        """Return what was made in a few lines, for a terminal."""
        lines = [f"{self.dest}: {len(self.files)} files"]
        if self.carried.released:
            lines.append(f"answers released: {', '.join(self.carried.released)}")
        if self.carried.taken:
            lines.append(f"taken from the earlier repository: {', '.join(self.carried.taken)}")
        if self.carried.left:
            lines.append(
                f"stubs that students replace by their own earlier files: "
                f"{', '.join(self.carried.left)}"
            )
        return "\n".join(lines)


def make_template(
    assignment_id: str,
    dest: Path,
    *,
    checkout: Path,
    previous: Path | None = None,
    wheel: Path | None = None,
) -> Template:
    """Make the repository from which students start an assignment.

    It appears complete or not at all, and the same arguments make the same bytes.

    Args:
        assignment_id: such as ``"m1"``.
        dest: the new repository; must not exist, or be an empty folder.
        checkout: minigrade's repository, which has the reference and the skeleton.
        previous: a student's repository of an earlier assignment; the files written for
            that one take the place of those with stubs, and what they import comes along.
        wheel: minigrade's wheel, to be shipped along where students cannot
            install it from an index.

    Raises:
        UsageError: `dest` is not empty, or there is no such assignment or wheel.
        SubmissionError: `previous` is no student's repository.
        CourseError: the reference lacks a file, or its fences are wrong.
    """
    dest = _free(dest)
    plan = make_plan(CourseFolder(checkout / "assignments"), assignment_id)
    skeleton = skeleton_files(checkout)
    wanted = {name: path for name, path in skeleton.items() if name not in plan.elsewhere}
    cut = _cut_reference(plan, checkout, given=skeleton)
    answers = _earlier_answers(plan, cut)
    taken = earlier_work(plan, previous, answers, {*cut.files, *wanted}) if previous else {}
    shipped = {f"vendor/{wheel.name}": _wheel_bytes(wheel)} if wheel else {}
    left = (name for name, must in answers.items() if must and name not in taken)
    carried = Carried(taken=tuple(taken), released=plan.released(), left=tuple(left))
    facts = Facts(
        course=plan.course,
        assignment=plan.asked.assignment,
        tasks=plan.asked.tasks,
        stubs=cut.stubs,
        folders=tuple(sorted({PurePosixPath(name).parts[0] for name in (*cut.files, *wanted)})),
        carried=carried,
        wheel=wheel.name if wheel else "",
    )
    filled = {name: render(path, facts).encode() for name, path in wanted.items()}
    contents = filled | cut.files | taken | shipped
    _write(contents, dest)
    return Template(dest, tuple(sorted(contents)), cut.stubs, carried)


class _Cut(msgspec.Struct, frozen=True):
    """What is left of the reference.

    Attributes:
        files: their contents, without answers.
        stubs: of each file with stubs, each task's functions.
        tasks: of each file, the tasks that the reference answers in it, helpers included.
    """

    files: dict[str, bytes]
    stubs: Stubs
    tasks: dict[str, frozenset[str]]


def _earlier_answers(plan: Plan, cut: _Cut) -> dict[str, bool]:
    """Return the files in which students answer earlier assignments, and whether they must.

    They need not where the course has released its answers, nor where a file is given and
    they may add helpers to it, as the reference does.
    """
    written = plan.earlier_files()
    earlier = {loaded.task.id for one in plan.earlier for loaded in one.tasks}
    asked = earlier - plan.released_tasks()
    found = {name: name not in cut.files for name in written}
    for name, ids in cut.tasks.items():
        if name in found or ids & earlier:
            found[name] = name in written and bool(ids & asked)
    return dict(sorted(found.items()))


def _cut_reference(plan: Plan, checkout: Path, given: Collection[str]) -> _Cut:
    """Return the reference's files without answers; those in `given` come from elsewhere.

    What is left may import files that no assignment names, as released answers do: they
    come along.
    """
    reference = checkout / "reference"
    package = plan.course.package
    init = f"{package}/__init__.py"
    cut = _Cut({}, {}, {})
    waiting = [name for name in plan.files() if name not in given]
    known = {*waiting, *plan.elsewhere, *given, init}
    while waiting:
        name = waiting.pop(0)
        _cut_one(plan, reference, name, cut)
        imported = () if name == init else sorted(set(imported_files(name, cut.files[name])))
        more = [one for one in imported if one.startswith(f"{package}/") and one not in known]
        waiting += [one for one in more if (reference / one).is_file()]
        known.update(more)
    if init in cut.files:
        paths = (reference / package).glob("*.py")
        later = {path.stem for path in paths if f"{package}/{path.name}" not in cut.files}
        cut.files[init] = _without_modules(cut.files[init].decode(), later).encode()
    return cut


def _cut_one(plan: Plan, reference: Path, name: str, cut: _Cut) -> None:
    """Add one of the reference's files to `cut`."""
    path = reference / name
    if not path.is_file():
        raise CourseError(
            f"{path}: no such file, though an assignment names {name}; add it to the "
            "reference, or to student_template with .j2 behind its name"
        )
    cut.files[name] = path.read_bytes()
    if path.suffix == ".py":
        whole = cut.files[name].decode()
        text, found = _cut_file(plan, whole, f"reference/{name}")
        cut.files[name] = text.encode()
        cut.tasks[name] = frozenset(fence.task for fence in find_fences(whole, name))
        if found:
            cut.stubs[name] = found


def _cut_file(plan: Plan, text: str, path: str) -> tuple[str, dict[str, tuple[str, ...]]]:
    """Return a file without answers, and each task's functions with a stub."""
    from minigrade.edges.cutting import strip

    for fence in find_fences(text, path):
        if fence.task not in plan.task_ids:
            raise CourseError(
                f"{path}:{fence.begin}: a fence of task {fence.task}, which no assignment has; "
                f"expected one of {', '.join(sorted(plan.task_ids))}"
            )
    stripped = strip(text, path, keep=plan.released_tasks())
    found: dict[str, tuple[str, ...]] = {}
    for stub in stripped.stubs:
        functions = found.get(stub.task, ())
        if stub.function not in functions:
            found[stub.task] = (*functions, stub.function)
    return stripped.text, found


def _without_modules(init: str, absent: Collection[str]) -> str:
    """Return a package's ``__init__.py`` without its imports of `absent` modules."""
    import libcst as cst

    from minigrade.edges.imports import drop_imports, sibling

    module = cst.parse_module(init)
    return drop_imports(module, lambda *found: sibling(*found) not in absent).code


def _wheel_bytes(wheel: Path) -> bytes:
    version = provenance.versions()["minigrade"]
    if not wheel.is_file() or not wheel.match(f"minigrade-{version}-*.whl"):
        raise UsageError(
            f"{wheel}: expected the wheel of minigrade {version}, as `python -m build --wheel` "
            "makes it in dist/"
        )
    return wheel.read_bytes()


def _free(dest: Path) -> Path:
    """Return the absolute path of `dest`, where nothing is yet."""
    dest = dest.resolve()
    if dest == Path.cwd():
        raise UsageError(f"{dest} is where you are; name a folder to make, such as ./new")
    if dest.is_dir() and not any(dest.iterdir()):
        return dest
    if dest.exists():
        raise UsageError(f"{dest} exists and is not an empty folder; name one that does not exist")
    return dest


def _write(contents: Mapping[str, bytes], dest: Path) -> None:
    """Write files beside `dest` and then give them its name, all at once."""
    try:
        dest.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=dest.parent, prefix=f".{dest.name}-") as room:
            root = Path(room) / dest.name
            for name, content in contents.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            root.rename(dest)
    except OSError as error:
        raise UsageError(f"{dest} cannot be written: {error.strerror}") from None
