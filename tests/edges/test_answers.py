from __future__ import annotations

import ast
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from minigrade.edges import checking
from minigrade.edges.answers import released_answers, write_released
from minigrade.edges.fences import fenced_runs, find_fences
from minigrade.edges.page import render_page
from minigrade.edges.text import print_report, progress_line
from minigrade.errors import CourseError, UsageError
from minigrade.interchange import from_json
from minigrade.model import Carried, Outcome, Report, Status, Visibility
from minigrade.running.catalog import CourseFolder

BROKEN = {
    "__init__.py": "from . import lists, numbers, sums\n",
    "numbers.py": "def double(x):\n    return x\n\n\ndef half(x):\n    return x / 2\n",
    "lists.py": "from .numbers import double\n\n\ndef double_all(xs):\n"
    "    return [double(x) for x in xs]\n\n\ndef turned(xs):\n    return xs[::-1]\n",
    "sums.py": "def total(xs):\n    return 10 * sum(xs)\n",
}


def test_answers_are_files_of_released_assignments_and_what_these_import(
    grown: Callable[..., CourseFolder],
) -> None:
    answers = released_answers(grown("t0"), "t1")
    assert answers is not None
    assert answers.assignments == ("t0",)
    assert sorted(answers.files) == ["tinypack/helping.py", "tinypack/numbers.py"]
    text = b"".join(answers.files.values()).decode()
    assert "answer to 0.1" in text
    assert "helper of 0.1" in text
    assert "answer to 1" not in text
    assert 'raise NotImplementedError("Need to implement for Task 1.2")' in text


def test_an_assignment_has_no_answers_to_itself(grown: Callable[..., CourseFolder]) -> None:
    course = grown("t0", "t1", "t2")
    assert released_answers(course, "t0") is None
    answers = released_answers(course, "t1")
    assert answers is not None
    assert answers.assignments == ("t0",)
    assert b"answer to 1" not in b"".join(answers.files.values())


def test_nothing_is_released_unless_the_course_says_so(grown: Callable[..., CourseFolder]) -> None:
    assert released_answers(grown(), "t2") is None


@pytest.mark.parametrize(
    ("released", "message"),
    [
        (("t1",), "t1 is released and t0, which it builds on, is not"),
        (("t0", "t9"), "'t9' is released, which is no assignment; expected some of t0, t1, t2"),
    ],
)
def test_what_cannot_be_released_is_refused(
    released: tuple[str, ...], message: str, grown: Callable[..., CourseFolder]
) -> None:
    with pytest.raises(CourseError) as error:
        released_answers(grown(*released), "t2")
    assert message in str(error.value)


def test_a_missing_file_of_the_answers_is_named(
    grown: Callable[..., CourseFolder], checkout: Path, tmp_path: Path
) -> None:
    shutil.copytree(checkout / "tests" / "grown_course", tmp_path / "checkout")
    (tmp_path / "checkout" / "reference" / "tinypack" / "numbers.py").unlink()
    with pytest.raises(CourseError, match=r"tinypack/numbers\.py is not there, though"):
        released_answers(grown("t0", path=tmp_path / "checkout" / "assignments"), "t1")


def test_a_course_without_the_reference_carries_released_answers_along(
    grown: Callable[..., CourseFolder], checkout: Path, tmp_path: Path
) -> None:
    """As a bundle for a server does, which has no other answers."""
    course = grown("t0", "t1")
    elsewhere = tmp_path / "bundle" / "course"
    shutil.copytree(checkout / "tests" / "grown_course" / "assignments", elsewhere)
    moved = grown("t0", "t1", path=elsewhere)
    assert moved.checkout is None
    assert released_answers(moved, "t2") is None
    written = write_released(course, elsewhere)
    assert "released/t1/tinypack/numbers.py" in written
    for name in ("t0", "t1", "t2"):
        assert released_answers(moved, name) == released_answers(course, name)
    text = "".join((elsewhere / name).read_text() for name in written)
    assert "answer to 1.1" in text
    assert "answer to 2.1" not in text
    earlier = "".join((elsewhere / name).read_text() for name in written if "/t1/" in name)
    assert "answer to 1.1" not in earlier
    with pytest.raises(UsageError, match="needs minigrade's repository"):
        write_released(moved, tmp_path / "more")


def test_check_carries_over_and_shows_it_everywhere(
    grown: Callable[..., CourseFolder],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    package = tmp_path / "repository" / "tinypack"
    package.mkdir(parents=True)
    for name, text in BROKEN.items():
        (package / name).write_text(text)
    course = grown("t0")
    monkeypatch.setattr(checking, "find_course", lambda: course)
    json, html = tmp_path / "report.json", tmp_path / "report.html"
    status = checking.check(
        checking.Wish(
            targets=("t1",),
            folder=package,
            cases=None,
            seed=0,
            jobs=1,
            hidden=False,
            json=str(json),
            html=html,
        )
    )
    assert status == 0
    report = from_json(json.read_bytes())
    assert report.outcomes[0].carried == Carried(("t0",), "0.1/doubles", Status.FAILED)
    said = " ".join(capsys.readouterr().out.split())
    assert "passed 1.1 doubles_all on the released t0" in said
    assert "t1 builds on t0, where `doubles` of Task 0.1 fails" in said
    page = html.read_text()
    assert '<span class="tag">on the released t0</span>' in page
    assert "2 checks failed; graded on the released t0" in page


def test_what_a_report_says_of_carrying_over_is_escaped(
    outcome_of: Callable[..., Outcome], report_of: Callable[..., Report]
) -> None:
    carried = Carried(("<b>m0</b>", "[bold]m1[/bold]"), "\x1b[31m", Status.FAILED)
    for visibility in Visibility:
        report = report_of(outcome_of(carried=carried, visibility=visibility))
        assert "on the released &lt;b&gt;m0&lt;/b&gt; and [bold]m1[/bold]" in render_page(report)
        line = progress_line(report.outcomes[0]).plain
        assert "\x1b" not in line
        assert "on the released <b>m0</b>" in line
        medium = io.StringIO()
        print_report(report, Console(file=medium, width=80))
        assert "\x1b[31m" not in medium.getvalue()


@pytest.mark.slow
def test_answers_of_the_course_hold_none_of_later_assignments(checkout: Path) -> None:
    course = CourseFolder(checkout / "assignments")
    ids = [one.id for one in course.assignments()]
    course.course = msgspec.structs.replace(course.course, released=tuple(ids))
    for number, name in enumerate(ids[1:], 1):
        answers = released_answers(course, name)
        assert answers is not None
        assert answers.assignments == tuple(ids[:number])
        for file, content in answers.files.items():
            text = content.decode()
            ast.parse(text)
            assert not find_fences(text, file)
            for fence, run in fenced_runs((checkout / "reference" / file).read_text(), file):
                later = int(fence.task.split(".")[0]) >= number
                lines = [line for line in run.splitlines() if line.strip()]
                is_there = run in text
                assert is_there != later or (later and len(lines) == 1), (name, file, fence)
