"""The audit tells right from wrong, and so do the course's checks: all of its list is caught."""

from __future__ import annotations

import ast
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from minigrade.edges.fences import find_fences
from minigrade.errors import CourseError, UsageError
from minigrade.running.audit import Mutant, Trial, attempt, audit, build, find_trials
from minigrade.running.catalog import CourseFolder, find_course

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "reference"
ASSIGNMENTS = ("m0", "m1", "m2", "m3", "m4")
TRIALS = [trial for name in ASSIGNMENTS for trial in find_trials(ROOT, name)]
MUTANTS = [trial.mutant for trial in TRIALS if trial.mutant]
VARIANTS = [trial.overlay for trial in TRIALS if trial.overlay]


# -- the list itself


class Answer(NamedTuple):
    """A function of the reference with an answer in it."""

    task: str
    file: str
    function: str


def functions(text: str) -> dict[str, ast.FunctionDef]:
    """Return all functions of a text by their qualified names."""
    found: dict[str, ast.FunctionDef] = {}

    def visit(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef | ast.FunctionDef):
                name = prefix + child.name
                if isinstance(child, ast.FunctionDef):
                    found[name] = child
                else:
                    visit(child, f"{name}.")

    visit(ast.parse(text), "")
    return found


def fenced() -> Iterator[tuple[Answer, bool]]:
    """Yield each function with an answer in it, and each that is part of one, and which it is."""
    loaded = [find_course().load(name, hidden=False) for name in ASSIGNMENTS]
    known = {task.task.id for one in loaded for task in one.tasks}
    for path in sorted(REFERENCE.glob("*/*.py")):
        text, file = path.read_text(), path.relative_to(REFERENCE).as_posix()
        for fence in find_fences(text, file):
            for name, function in functions(text).items():
                inside = function.lineno < fence.begin < (function.end_lineno or 0)
                around = fence.begin < function.lineno < fence.end
                if (inside or around) and fence.task in known:
                    yield Answer(fence.task, file, name), inside


ANSWERS = frozenset(answer for answer, inside in fenced() if inside)
HELPERS = frozenset(answer for answer, inside in fenced() if not inside)
TASKS = sorted({answer.task for answer in ANSWERS})


def plain(function: ast.FunctionDef | None) -> str:
    """Return what a function does, without its docstring and annotations."""
    if function is None:
        return ""
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return "\n".join(ast.unparse(statement) for statement in body)


def text_of(mutant: Mutant) -> str:
    """Return the text that a mutant edits: the reference's, or that of a variant."""
    variant = ROOT / "tests" / "variants" / f"m{mutant.task[0]}" / mutant.base
    return ((variant if mutant.base else REFERENCE) / mutant.file).read_text()


def changed(mutant: Mutant) -> set[tuple[str, str]]:
    """Return file and name of each function that a mutant changes."""
    text = text_of(mutant)
    before, after = functions(text), functions(text.replace(mutant.old, mutant.new))
    return {(mutant.file, name) for name in before if plain(before[name]) != plain(after.get(name))}


def outside_of_answers(text: str, file: str) -> list[str]:
    lines = text.splitlines()
    for fence in reversed(find_fences(text, file)):
        lines[fence.begin : fence.end - 1] = []
    return lines


def test_each_mutant_is_a_mistake_in_an_answer() -> None:
    names = {(answer.file, answer.function) for answer in ANSWERS | HELPERS}
    for mutant in MUTANTS:
        text = text_of(mutant)
        assert text.count(mutant.old) == 1, mutant.name
        assert mutant.why, mutant.name
        if not mutant.base:  # variants are answers from end to end
            assert changed(mutant), f"{mutant.name} changes nothing"
            wrong = text.replace(mutant.old, mutant.new)
            left = outside_of_answers(wrong, mutant.file)
            assert left == outside_of_answers(text, mutant.file), mutant.name
            assert changed(mutant) <= names, mutant.name


def test_mutants_are_told_apart_by_name() -> None:
    names = Counter((mutant.task[0], mutant.name) for mutant in MUTANTS)
    assert [name for name, times in names.items() if times > 1] == []


def test_each_answer_has_a_mistake_that_its_own_task_must_catch() -> None:
    assert len(MUTANTS) >= 70
    # In which file they stand is the reference's own affair in m3.
    tried = {(m.task, name) for m in MUTANTS for _, name in changed(m)}
    assert {(answer.task, answer.function) for answer in ANSWERS} - tried == set()
    assert {m.task for m in MUTANTS} == {answer.task for answer in ANSWERS | HELPERS}


def ways(task: str, variant: Path | None) -> list[str]:
    """Return what each function of a task does, in a variant or in the reference."""
    found = []
    for answer in sorted(a for a in ANSWERS if a.task == task):
        own = sorted(variant.glob("*/*.py")) if variant else []
        texts = [path.read_text() for path in (*own, REFERENCE / answer.file)]
        found.append(next(filter(None, (plain(functions(t).get(answer.function)) for t in texts))))
    return found


@pytest.mark.parametrize("task", TASKS)
def test_each_task_is_solved_in_three_more_ways(task: str) -> None:
    distinct = [ways(task, None)]
    for variant in VARIANTS:
        mine = ways(task, variant)
        # There is hardly more than one way to multiply: a third of the functions will do.
        if all(3 * sum(map(str.__ne__, mine, other)) >= len(mine) for other in distinct):
            distinct.append(mine)
    assert len(distinct) >= 4


# -- what comes of it


# `tox -e long` audits all of them; each costs a grading.
@pytest.mark.slow
@pytest.mark.parametrize("trial", TRIALS[::12], ids=lambda t: f"{t.assignment}-{t.name}")
def test_some_mistakes_are_caught_and_right_answers_earn_everything(trial: Trial) -> None:
    failure = attempt(find_course(), trial)
    assert (failure is not None) == (trial.mutant is not None), failure


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_mistake_is_caught_and_every_right_answer_earns_everything(assignment: str) -> None:
    words: dict[str, str] = {}
    found = audit(find_course(), [assignment], jobs=2, on_result=words.__setitem__)
    assert found.survivors == []
    assert found.variants_failed == []
    assert found.mutants == found.killed == len(mutants_of(assignment))
    assert found.variants >= 4
    ours = ("minigrade failed here", "the check itself is wrong")
    assert [name for name, word in words.items() if any(text in word for text in ours)] == []


def mutants_of(assignment: str) -> list[Mutant]:
    return [t.mutant for t in TRIALS if t.mutant and t.assignment == assignment]


@pytest.mark.parametrize(
    ("task", "file", "old"),
    [
        ("0.1", "minitorch/operators.py", "return x * y"),
        ("1.3", "minitorch/scalar.py", "h.last_fn._backward(h.ctx, d_output))"),
    ],
)
def test_a_harmless_change_survives(task: str, file: str, old: str) -> None:
    mutant = Mutant("harmless", task, file, old, f"{old}  # as it was", "says the same")
    assert attempt(find_course(), Trial(f"m{task[0]}", "harmless", mutant=mutant)) is None


def test_a_mutant_whose_text_is_not_there_once_is_a_mistake_of_the_course(tmp_path: Path) -> None:
    for old, times in [("return x  * y", 0), ("# SOLUTION 0.1", 16)]:
        mutant = Mutant("lost", "0.1", "minitorch/operators.py", old, "", "")
        with pytest.raises(CourseError, match=f"the mutant lost .* stands there {times} times"):
            build(ROOT, Trial("m0", "lost", mutant=mutant), tmp_path / str(times))


# -- how an audit goes, on a course of its own


MISTAKES = """
[[mutant]]
name = "doubles_small_numbers"
task = "1"
file = "tinypack/numbers.py"
old = "return 2 * x"
new = "return 2 * x if x < 500 else x"
why = "only a hidden check draws large numbers"

[[mutant]]
name = "says_the_same"
task = "1"
file = "tinypack/numbers.py"
old = "return 2 * x"
new = "return x + x"
why = "no mistake"

[[mutant]]
name = "a_mistake_of_another_task"
task = "1"
file = "tinypack/words.py"
old = "[::-1]"
new = ""
why = "Task 1 cannot see it"
"""


@pytest.fixture
def tiny_checkout(tmp_path: Path, tiny: Callable[..., Path]) -> Path:
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT / "tests" / "tiny_course", checkout / "assignments")
    shutil.copytree(tiny(), checkout / "reference")
    (checkout / "tests" / "mutants").mkdir(parents=True)
    (checkout / "tests" / "mutants" / "t0.toml").write_text(MISTAKES)
    for name, numbers in {
        "adds": "def double(x):\n    return x + x\n\n\ndef negate(x):\n    return 0.0 - x\n\n\n"
        "def pair(x, y):\n    return [x, y]\n",
        "halves": "def double(x):\n    return x / 2\n",
        "_unfinished": "",
    }.items():
        package = checkout / "tests" / "variants" / "t0" / name / "tinypack"
        package.mkdir(parents=True)
        (package / "numbers.py").write_text(numbers)
    return checkout


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_audit_names_what_it_must_not_let_through(tiny_checkout: Path, jobs: int) -> None:
    words: dict[str, str] = {}
    course = CourseFolder(tiny_checkout / "assignments")
    found = audit(course, ["t0"], jobs, words.__setitem__)
    assert (found.mutants, found.killed, found.variants) == (3, 1, 2)
    assert found.survivors == ["t0/a_mistake_of_another_task (1)", "t0/says_the_same (1)"]
    [failed] = found.variants_failed
    assert failed.startswith("t0/halves: 1/scales[double]: expected ")
    assert words["t0/doubles_small_numbers"].startswith("caught by 1/doubles_large_numbers: ")
    assert words["t0/says_the_same"] == "SURVIVED"
    assert words["t0/adds"] == "earns everything"
    assert words["t0/halves"].startswith("FAILED 1/scales[double]")


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_audit_ends_at_a_text_that_is_not_there(tiny_checkout: Path, jobs: int) -> None:
    mistakes = tiny_checkout / "tests" / "mutants" / "t0.toml"
    mistakes.write_text(MISTAKES.replace('"return 2 * x"', '"return 3 * x"', 1))
    course = CourseFolder(tiny_checkout / "assignments")
    with pytest.raises(CourseError, match=r"doubles_small_numbers .* stands there 0 times"):
        audit(course, ["t0"], jobs)


@pytest.mark.parametrize(
    "text",
    ["[[mutant]\n", '[[mutant]]\nname = "half"\n', MISTAKES.replace("why", "because")],
    ids=["no TOML", "lacks a key", "unknown key"],
)
def test_a_list_that_does_not_read_is_named(tiny_checkout: Path, text: str) -> None:
    mistakes = tiny_checkout / "tests" / "mutants" / "t0.toml"
    mistakes.write_text(text)
    with pytest.raises(CourseError) as error:
        list(find_trials(tiny_checkout, "t0"))
    assert str(error.value).startswith(f"{mistakes}: ")


def test_an_assignment_without_a_list_has_no_trials(tiny_checkout: Path) -> None:
    assert list(find_trials(tiny_checkout, "t9")) == []


def test_an_audit_needs_the_reference(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tests" / "tiny_course", tmp_path / "alone" / "course")
    with pytest.raises(UsageError, match="minigrade audit needs minigrade's repository"):
        audit(CourseFolder(tmp_path / "alone" / "course"), ["t0"], jobs=1)
