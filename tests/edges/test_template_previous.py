"""What a student has written for earlier assignments goes into the next template."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from minigrade.edges.earlier import imported_files
from minigrade.edges.template import Template, make_template
from minigrade.model import Report
from minigrade.running.catalog import find_course
from minigrade.running.runner import Request, grade
from minigrade.running.submission import find


@pytest.fixture
def student(checkout: Path, tmp_path: Path) -> Path:
    """A repository of m0 as it is given out."""
    return make_template("m0", tmp_path / "student", checkout=checkout).dest


def write(root: Path, **files: str) -> None:
    """Write files of the package, or of tests, whose names begin so."""
    for name, text in files.items():
        folder = "tests" if name.startswith("test") else "minitorch"
        (root / folder / f"{name}.py").write_text(text)


def test_previous_work_is_carried_over(checkout: Path, student: Path, tmp_path: Path) -> None:
    write(student, operators="def mul(x, y):\n    return x*y  # mine\n")
    write(student, datasets="given = 'and changed'\n")
    (student / "minitorch/module.py").unlink()
    (student / "minitorch/module.py").symlink_to("/etc/hostname")
    (student / "tests/test_operators.py").unlink()
    made = make_template("m1", tmp_path / "m1", checkout=checkout, previous=student)
    assert made.carried.taken == ("minitorch/operators.py",)
    assert made.carried.left == ("minitorch/module.py", "tests/test_operators.py")
    assert "taken from the earlier repository: minitorch/operators.py\n" in made.summary()
    assert made.summary().endswith("earlier files: minitorch/module.py, tests/test_operators.py")
    assert "# mine" in (made.dest / "minitorch/operators.py").read_text()
    assert "changed" not in (made.dest / "minitorch/datasets.py").read_text()
    assert "for Task 0.4" in (made.dest / "minitorch/module.py").read_text()
    readme = (made.dest / "README.md").read_text()
    assert is_tidy(readme)
    assert "* `minitorch/operators.py`" in readme
    assert "cp ../m0/minitorch/module.py minitorch/module.py" in readme
    assert "cp ../m0/minitorch/operators.py" not in readme


def is_tidy(markdown: str) -> bool:
    """Whether no trace of the skeleton's language is left, and lists follow an empty line."""
    return not re.search(r"\n\n\n|[{}%]|[^\S\n]\n|\n[^*\n][^\n]*\n\*", markdown)


def test_tests_that_import_their_neighbours_bring_them_along(
    checkout: Path, student: Path, tmp_path: Path
) -> None:
    (student / "tests/__init__.py").touch()
    (student / "tests/strategies.py").write_text("numbers = (1.0, 2.0)\n")
    write(student, test_operators="from .strategies import numbers\n", test_other="")
    made = make_template("m1", tmp_path / "m1", checkout=checkout, previous=student)
    tests = {name for name in made.carried.taken if name.startswith("tests/")}
    assert tests == {"tests/__init__.py", "tests/strategies.py", "tests/test_operators.py"}


def test_what_the_new_template_has_is_never_replaced(
    checkout: Path, student: Path, tmp_path: Path
) -> None:
    """Though an answer imports it: given files, those of new tasks, the package's own."""
    mine = "# mine\n"
    write(student, operators="from . import datasets, scalar, autodiff, helper\n")
    write(student, datasets=mine, scalar=mine, autodiff=mine, __init__=mine, unused=mine)
    write(student, helper="def late():\n    import minitorch.later\n", later=mine)
    made = make_template("m1", tmp_path / "m1", checkout=checkout, previous=student)
    package = {Path(name).stem for name in made.carried.taken if name.startswith("minitorch")}
    assert package == {"operators", "module", "helper", "later"}
    without = make_template("m1", tmp_path / "without", checkout=checkout)
    for name in set(without.files) - set(made.carried.taken) - {"README.md"}:
        assert (made.dest / name).read_bytes() == (without.dest / name).read_bytes(), name


@pytest.mark.parametrize(
    ("statement", "files"),
    [
        ("from . import a, b as c", {"pack/a.py", "pack/b.py"}),
        ("def f():\n    from .a import b", {"pack/a.py"}),
        ("from .a import *", {"pack/a.py"}),
        ("import os, pack.a as a", {"pack/a.py"}),
        ("from pack import a", {"pack/a.py"}),
        ("from pack.a import b", {"pack/a.py"}),
        ("from ..tests import a", {"tests/a.py"}),
        ("if 1:\n    import a", {"pack/a.py"}),
        ("from ....a import b\nimport c", set()),
        ("from . import (", set()),
        ("\0", set()),
        ("x = " + "(" * 9999, set()),
    ],
)
def test_any_way_to_import_is_followed(statement: str, files: set[str]) -> None:
    there = {"pack/a.py", "pack/b.py", "tests/a.py"}
    assert there & set(imported_files("pack/operators.py", statement.encode())) == files


def checked(made: Template, assignment: str, **more: object) -> Report:
    course = find_course()
    cases = None if assignment == "m0" else 8  # tests that students write need all of theirs
    request = Request(assignment=assignment, jobs=2, cases=cases, **more)
    return grade(course, request, find(made.dest, course.course))


def test_helpers_of_ones_own_earn_what_they_did_before(
    checkout: Path, student: Path, tmp_path: Path
) -> None:
    """Two files beside the answers, one of which only the other one imports."""
    reference = checkout / "reference" / "minitorch" / "operators.py"
    shutil.copy(reference, student / "minitorch" / "stable.py")
    write(student, operators="from .relay import *\n", relay="from .stable import *\n")
    made = make_template("m1", tmp_path / "m1", checkout=checkout, previous=student)
    report = checked(made, "m0", tasks=("0.1",))
    assert report.points == report.examined == 7


UNCOMPILED = (
    "maps_storages",
    "zips_storages",
    "folds_storages[add]",
    "multiplies_storages",
    "multiplies_tensors",
    "loops_through_prange",
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "before", "checks"),
    [("m1", "m0", ()), ("m2", "m1", ()), ("m3", "m2", ()), ("m4", "m3", UNCOMPILED)],
)
def test_earlier_work_earns_what_it_did_before(
    name: str, before: str, checks: tuple[str, ...], checkout: Path, tmp_path: Path
) -> None:
    """On a template that adds files beside it; the reference has helpers that nobody names."""
    made = make_template(name, tmp_path / name, checkout=checkout, previous=checkout / "reference")
    report = checked(made, before, checks=checks)
    assert report.outcomes
    assert {outcome.id for outcome in report.outcomes if not outcome.status.passed} == set()
    assert checks or report.points == report.examined > 0
    assert not report.provisional


@pytest.mark.long
@pytest.mark.parametrize("name", ["m2", "m3", "m4"])
def test_all_earlier_work_earns_everything(name: str, checkout: Path, tmp_path: Path) -> None:
    made = make_template(name, tmp_path / name, checkout=checkout, previous=checkout / "reference")
    for before in [f"m{number}" for number in range(int(name[1:]))]:
        report = checked(made, before)
        assert report.points == report.examined > 0
