from __future__ import annotations

import functools
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import pytest

from minigrade.edges.answers import released_answers
from minigrade.interchange import from_json, to_json
from minigrade.model import Carried, Outcome, Report, Status
from minigrade.running import asking, examining
from minigrade.running.catalog import CourseFolder
from minigrade.running.runner import Request, grade
from minigrade.running.submission import find
from minigrade.running.units import Unit, question_ids

RIGHT = {
    "__init__.py": "from . import lists, numbers, sums, words\n",
    "numbers.py": "def double(x):\n    return x + x\n\n\ndef half(x):\n    return x / 2\n",
    "lists.py": "from .numbers import double\n\n\ndef double_all(xs):\n"
    "    return [double(x) for x in xs]\n\n\ndef turned(xs):\n    return xs[::-1]\n",
    "sums.py": "def total(xs):\n    return 10 * sum(xs)\n",
    "words.py": "from .lists import turned\n\n\ndef twice(word):\n"
    "    return 2 * ''.join(turned(list(word)))\n",
}
STUB = "def double(x):\n    raise NotImplementedError('Need to implement for Task 0.1')\n\n\n"
NO_DOUBLE = STUB + "def half(x):\n    return x / 2\n"
WRONG_ABOVE_100 = RIGHT["numbers.py"].replace("x + x", "x + min(x, 99)")
WRONG_TURNED = RIGHT["lists.py"].replace("xs[::-1]", "xs")


class Graded(NamedTuple):
    """A report, and the ids of all questions in the order in which they were asked."""

    report: Report
    asked: list[str]

    def outcome(self, name: str) -> Outcome:
        [outcome] = [one for one in self.report.outcomes if one.check == name]
        return outcome

    def points(self) -> dict[str, Fraction]:
        return {task.id: task.points for task in self.report.tasks}


@pytest.fixture
def hand_in(tmp_path: Path) -> Callable[..., Path]:
    """Make a submission to the course: right, but for the files given."""

    def make(files: dict[str, str]) -> Path:
        package = tmp_path / "repository" / "tinypack"
        package.mkdir(parents=True, exist_ok=True)
        for name, text in {**RIGHT, **files}.items():
            (package / name).write_text(text)
        return package.parent

    return make


@pytest.fixture
def carry(
    grown: Callable[..., CourseFolder],
    hand_in: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Graded]:
    """Grade a submission to an assignment, with answers released or none."""

    def grade_it(
        files: dict[str, str], *released: str, assignment: str = "t1", **request: object
    ) -> Graded:
        asked: list[str] = []

        def ask(room: asking.Room, todo: list[Unit], jobs: int) -> object:
            asked.extend(name for unit in todo for name in question_ids(unit))
            return original(room, todo, jobs)

        course = grown(*released)
        original = asking.ask
        with monkeypatch.context() as patch:
            patch.setattr(asking, "ask", ask)
            report = grade(
                course,
                Request(assignment=assignment, **{"hidden": True, **request}),
                find(hand_in(files), course.course),
                answers=functools.partial(released_answers, course, assignment),
            )
        return Graded(report, asked)

    return grade_it


def test_what_fails_because_of_earlier_work_is_graded_on_released_answers(
    carry: Callable[..., Graded],
) -> None:
    without = carry({"numbers.py": NO_DOUBLE})
    assert without.points() == {"1.1": 4, "1.2": 3, "1.3": 5}
    graded = carry({"numbers.py": NO_DOUBLE}, "t0")
    assert graded.points() == {"1.1": 10, "1.2": 3, "1.3": 5}
    assert graded.report.points == graded.report.possible == 18
    outcome = graded.outcome("doubles_all")
    assert (outcome.status, outcome.points) == (Status.PASSED, 4)
    assert outcome.carried == Carried(("t0",), "0.1/doubles", Status.RAISED)
    assert outcome.replay == "minigrade replay 1.1 doubles_all"
    assert graded.outcome("turns_round").carried is None
    assert graded.report.headline == ""


def test_the_report_says_so_in_the_task_and_in_a_note(carry: Callable[..., Graded]) -> None:
    report = carry({"numbers.py": NO_DOUBLE}, "t0").report
    assert report.tasks[0].remark == "3 checks failed; graded on the released t0"
    assert report.tasks[1].remark == ""
    [note] = [note for note in report.notes if "released" in note]
    assert note == (
        "t1 builds on t0, where `doubles` of Task 0.1 fails; what failed with it was graded on "
        "the released t0, for full points: 1.1 (3 checks)."
    )
    assert from_json(to_json(report)) == report
    assert b'"carried": {' in to_json(report)


def test_a_hidden_check_is_carried_over_too_and_stays_silent(carry: Callable[..., Graded]) -> None:
    loud = NO_DOUBLE.replace("Need to implement for Task 0.1", "LOUD")
    chatty = RIGHT["lists.py"].replace("    return [d", "    print('LOUD')\n    return [d")
    hidden = carry({"numbers.py": loud, "lists.py": chatty}, "t0").outcome("doubles_long_lists")
    assert hidden.carried == Carried(("t0",), "0.1/doubles", Status.RAISED)
    assert hidden.points == 2
    assert hidden.replay == ""
    assert "LOUD" not in repr(hidden)


def test_only_what_failed_is_asked_again_and_once(carry: Callable[..., Graded]) -> None:
    asked = carry({"numbers.py": NO_DOUBLE, "lists.py": WRONG_TURNED}, "t0").asked
    times = {name: asked.count(name) for name in asked}
    assert times == {
        "1.1/doubles_all": 2,
        "1.1/turns_round": 2,
        "1.1/doubles_a_single_number": 2,
        "1.1/doubles_long_lists": 2,
        "1.1/needs_no_mathematics": 1,
        "1.2/halves": 1,
        "0.1/doubles": 1,
        "1.3/sums_up": 1,  # which waits for 1.1, and earned its points on the second files
    }


def test_nothing_more_is_asked_if_nothing_failed(carry: Callable[..., Graded]) -> None:
    graded = carry({}, "t0")
    assert graded.report.points == 18
    assert len(graded.asked) == len(set(graded.asked)) == 7
    assert carry({"numbers.py": NO_DOUBLE}, "t0", tasks=("1.2",)).asked == ["1.2/halves"]


def test_a_rule_about_text_is_about_the_submissions_own(carry: Callable[..., Graded]) -> None:
    graded = carry({"numbers.py": f"import math\n\n\n{NO_DOUBLE}"}, "t0")
    assert graded.outcome("needs_no_mathematics").status is Status.FAILED
    assert graded.points()["1.1"] == 5
    assert graded.asked.count("1.1/needs_no_mathematics") == 1
    outcome = graded.outcome("doubles_a_single_number")
    assert (outcome.points, outcome.carried and outcome.carried.status) == (0, Status.RAISED)


def test_a_students_own_mistake_stays_one(carry: Callable[..., Graded]) -> None:
    graded = carry({"numbers.py": NO_DOUBLE, "lists.py": WRONG_TURNED}, "t0")
    assert graded.points()["1.1"] == 6
    outcome = graded.outcome("turns_round")
    assert (outcome.status, outcome.points, outcome.carried) == (Status.FAILED, 0, None)
    assert "all this fails on the released t0 as well" in graded.report.headline


def test_a_task_that_was_skipped_is_asked_once_what_it_needs_has_points(
    carry: Callable[..., Graded],
) -> None:
    broken = "raise ValueError\n"  # lists.py cannot be imported without numbers.py
    skipped = carry({"numbers.py": broken}, assignment="t1")
    assert skipped.outcome("sums_up").status is Status.SKIPPED
    graded = carry({"numbers.py": broken}, "t0")
    assert graded.points() == {"1.1": 10, "1.2": 0, "1.3": 5}
    assert graded.outcome("sums_up").carried == Carried(("t0",), "0.1/doubles", Status.SKIPPED)


def test_a_file_that_a_task_asks_for_is_not_replaced(carry: Callable[..., Graded]) -> None:
    no_half = STUB + "def half(x):\n    return x\n"
    graded = carry({"numbers.py": no_half}, "t0")
    assert graded.points() == {"1.1": 10, "1.2": 0, "1.3": 5}
    assert graded.outcome("halves").message.startswith("expected 0.5")


def test_earlier_work_that_passes_its_public_checks_is_kept(carry: Callable[..., Graded]) -> None:
    graded = carry({"numbers.py": WRONG_ABOVE_100}, "t0")
    assert graded.points() == {"1.1": 4, "1.2": 3, "1.3": 5}
    assert graded.outcome("doubles_all").carried is None
    assert "1.1 (3 checks) would pass on the released t0; but" in graded.report.notes[0]


def test_without_released_answers_the_likely_cause_is_named(carry: Callable[..., Graded]) -> None:
    graded = carry({"numbers.py": NO_DOUBLE}, hidden=False)
    assert graded.report.headline.endswith(
        "Task 0.1 fails too (`doubles`), and t1 builds on t0: that may be the cause; see "
        "`minigrade check 0.1`."
    )
    assert not any(outcome.carried for outcome in graded.report.outcomes)
    assert "t1 builds on t0" not in carry({"lists.py": WRONG_TURNED}).report.headline


def test_all_released_answers_are_laid_at_once(carry: Callable[..., Graded]) -> None:
    files = {"numbers.py": WRONG_ABOVE_100, "lists.py": WRONG_TURNED}
    graded = carry(files, "t0", "t1", assignment="t2")
    assert graded.points() == {"2.1": 6}
    carried = Carried(("t0", "t1"), "1.1/doubles_all", Status.FAILED)
    assert graded.outcome("writes_twice").carried == carried
    only_first = carry(files, "t0", assignment="t2")
    assert only_first.points() == {"2.1": 0}
    assert "that may be the cause; see `minigrade check 1.1`" in only_first.report.headline


def test_a_check_asked_by_name_shows_what_ones_own_files_do(carry: Callable[..., Graded]) -> None:
    request = {"hidden": False, "tasks": ("1.1",), "checks": ("doubles_all",)}
    graded = carry({"numbers.py": NO_DOUBLE}, "t0", **request)
    assert graded.outcome("doubles_all").status is Status.RAISED
    assert graded.asked == ["1.1/doubles_all"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_same_is_carried_over_however_many_processes_work(
    jobs: int, carry: Callable[..., Graded]
) -> None:
    graded = carry({"numbers.py": NO_DOUBLE}, "t0", jobs=jobs)
    assert graded.report.points == 18


READ_ALL = '''
import gc, os

MARKS = ["answer to " + task for task in ("0.1", "1.1", "1.2", "1.3", "2.1")] + ["helper of 0.1"]


def seen():
    """Return which answers can be read: in files, in the environment, in memory."""
    here = os.path.dirname(os.path.abspath(__file__))
    texts = [repr(dict(os.environ))]
    root = os.path.dirname(here)  # of the submission; around it are all folders of this grading
    for root in (root, os.path.dirname(root), os.getcwd(), CHECKOUT):
        for folder, _, names in os.walk(root):
            for name in names:
                try:
                    with open(os.path.join(folder, name), "rb") as file:
                        texts.append(file.read(100_000).decode("latin-1"))
                except OSError:
                    pass
    kept = [one for one in gc.get_objects() if isinstance(one, dict)]
    texts += [value for one in kept for value in list(one.values()) if isinstance(value, str)]
    texts = [text for text in texts if "MARKS" not in text]
    return sorted(mark for mark in MARKS if any(mark in text for text in texts))


def double_all(xs):
    return seen()


def turned(xs):
    return seen()
'''


def test_a_worker_can_read_no_answers_but_those_that_are_released(
    grown: Callable[..., CourseFolder], hand_in: Callable[..., Path]
) -> None:
    """The answers of the graded assignment, of later ones, and those that stand in one file."""
    course = grown("t0")
    text = READ_ALL.replace("CHECKOUT", repr(str(course.checkout)))
    found = find(hand_in({"numbers.py": NO_DOUBLE, "lists.py": text}), course.course)
    request = Request(assignment="t1", hidden=True)
    answers = released_answers(course, "t1")
    assert answers is not None
    loaded = course.load("t1", hidden=True)
    with examining.opened(course, loaded, request, found, answers.files) as room:
        if "landlock" not in room.plan.layers:
            pytest.skip("a worker may read what is open to all here: nothing keeps it out")
        outcomes = {one.check: one for one in examining.ask_all(room, loaded.tasks[:1], request)}
    assert outcomes["turns_round"].observed == "['answer to 0.1', 'helper of 0.1']"
    with examining.opened(course, loaded, request, found) as room:
        outcomes = {one.check: one for one in examining.ask_all(room, loaded.tasks[:1], request)}
    assert outcomes["turns_round"].observed == "[]"
