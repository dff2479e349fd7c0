"""Generated mutants: who is chosen, what counts, and what is said of survivors."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from minigrade.edges.cli import app
from minigrade.edges.generating import Tried, audit, equivalents
from minigrade.edges.slips import Slip, bare, candidates, generate
from minigrade.errors import CourseError
from minigrade.running.catalog import CourseFolder

ROOT = Path(__file__).parents[2]

NUMBERS = """
def double(x):
    # SOLUTION 1.1
    result = 2 * x
    return result
    # END SOLUTION


def negate(x):
    # SOLUTION 1.1
    if x != 0:
        return -x
    return x
    # END SOLUTION


def pair(x, y):
    return (x, y)
"""
IN_STEPS = """
def double(x):
    return unused(x) if x is None else x + x


def negate(x):
    return 0.0 - x


def pair(x, y):
    return [x, y]


def unused(x):
    return 1 + x
"""
EQUIVALENT = """
[[equivalent]]
file = "tinypack/numbers.py"
function = "negate"
old = "if x != 0:"
new = "if x == 0:"
why = "a claim that is wrong"

[[equivalent]]
file = "tinypack/numbers.py"
function = "negate"
old = "if x != 0:"
new = "if x != 1:"
why = "another one"
"""


@pytest.fixture
def course(tmp_path: Path, tiny: Callable[..., Path]) -> CourseFolder:
    """Make a checkout of the tiny course, with fences in its reference and one variant."""
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT / "tests" / "tiny_course", checkout / "assignments")
    for number in ("1", "2"):
        [task] = checkout.glob(f"assignments/*/task_{number}_*.py")
        text = task.read_text().replace(f'Task("{number}"', f'Task("1.{number}"')
        task.write_text(text.replace('requires=("1",)', 'requires=("1.1",)'))
        for file in checkout.rglob(task.name):  # hidden checks, too
            file.rename(file.with_name(file.name.replace("task_", "task_1_")))
    shutil.copytree(tiny(numbers=NUMBERS), checkout / "reference")
    package = checkout / "tests" / "variants" / "t0" / "in_steps" / "tinypack"
    package.mkdir(parents=True)
    (package / "numbers.py").write_text(IN_STEPS)
    (checkout / "tests" / "mutants").mkdir()
    return CourseFolder(checkout / "assignments")


def changes(slips: list[Slip]) -> list[tuple[str, str]]:
    return [(slip.base, slip.new) for slip in slips]


def test_answers_are_changed_and_nothing_else(course: CourseFolder) -> None:
    slips = generate(course, "t0", 1000, seed=1)
    places = {(slip.base, slip.function) for slip in slips}
    assert places == {(b, f) for b in ("", "in_steps") for f in ("double", "negate")}
    assert {slip.task for slip in slips} == {"1.1"}
    for slip in slips:
        before, after = slip.texts
        lines = before.splitlines()
        assert slip.old == lines[slip.line - 1].strip() or "\n" in slip.old
        assert slip.new in "\n".join(line.strip() for line in after.splitlines())
        assert f"+{' ' * 4}" in slip.diff
        assert str(slip.line) in slip.place
    assert max(Counter(slip.texts for slip in slips).values()) == 1


@pytest.mark.slow
def test_tests_that_students_write_are_left_alone() -> None:
    """A test that looks at other numbers is as good."""
    found = {slip.file for slip in candidates(CourseFolder(ROOT / "assignments"), "m0")}
    assert "minitorch/operators.py" in found
    assert not any(file.startswith("tests/") for file in found)


def test_a_seed_names_a_choice_that_hardly_depends_on_other_code(course: CourseFolder) -> None:
    few = generate(course, "t0", 6, seed=1)
    assert changes(few) == changes(generate(course, "t0", 6, seed=1))
    assert changes(few) == changes(generate(course, "t0", 1000, seed=1))[:6]
    assert changes(few) != changes(generate(course, "t0", 6, seed=2))
    assert Counter(slip.base for slip in few) == {"": 3, "in_steps": 3}
    file = course.path.parent / "reference" / "tinypack" / "numbers.py"
    file.write_text(f'"""More lines."""\n\n\ndef more(x):\n    return x + 1\n\n{NUMBERS}')
    assert changes(few) == changes(generate(course, "t0", 6, seed=1))


def test_what_means_the_same_to_python_is_no_mutant(course: CourseFolder) -> None:
    found = changes(generate(course, "t0", 1000, seed=1))
    assert ("", "return -x") not in found
    assert ("in_steps", "return (1) + x") not in found
    assert ("in_steps", "return [y, x]") not in found


def test_survivors_are_told_from_what_is_known_to_be_equivalent(course: CourseFolder) -> None:
    slips = [s for s in generate(course, "t0", 1000, seed=3) if s.function == "negate"]
    slips = [s for s in slips if s.base == "" and s.new.startswith("if x")]
    heard: dict[str, Tried] = {}
    kept = course.path.parent / "tests" / "mutants" / "equivalent.toml"
    kept.write_text(EQUIVALENT)
    found = audit(course, slips, 3, 2, lambda slip, tried: heard.__setitem__(slip.new, tried))
    assert found.seed == 3
    assert heard["if x != 1:"].verdict == "caught"
    assert heard["if x == 0:"].because.startswith("1.1/scales[negate]: expected ")
    assert found.counted == found.killed == len(slips) == len(found.tried)
    assert len(found.misjudged) == 2  # claimed to be equivalent, and caught
    assert "+    if x == 0:" in found.misjudged[0] + found.misjudged[1]


def test_a_reason_is_kept_for_an_equivalent_one(course: CourseFolder) -> None:
    [slip] = [s for s in generate(course, "t0", 1000, seed=1) if s.operator == "change_float"]
    same = msgspec.structs.replace(
        slip, new="return 0.0 - 1 * x", texts=(slip.texts[0], slip.texts[0] + "# the same\n")
    )
    assert len(audit(course, [same], 1, 1).survivors) == 1
    kept = course.path.parent / "tests" / "mutants" / "equivalent.toml"
    kept.write_text(
        f'[[equivalent]]\nbase = "in_steps"\nfile = "{same.file}"\nfunction = "negate"\n'
        'old = "    return 0.0 - x"\nnew = "return 0.0 - 1 * x"\nwhy = "1 * x is x"\n'
    )
    found = audit(course, [same], 1, 1)
    assert (found.counted, found.killed, found.equivalent) == (0, 0, 1)
    assert (found.survivors, found.misjudged) == ([], [])
    assert [(t.verdict, t.because) for t in found.tried] == [("equivalent", "1 * x is x")]


def test_what_does_not_import_or_never_ends_costs_no_more_than_its_limit(
    course: CourseFolder,
) -> None:
    slip = generate(course, "t0", 1, seed=1)[0]
    bodies = ("raise ImportError('no')\n", NUMBERS.replace("result = 2 * x", "while True: pass"))
    slips = [msgspec.structs.replace(slip, base="", texts=(NUMBERS, body)) for body in bodies]
    found = audit(course, slips, 1, 1)
    assert [tried.verdict for tried in found.tried] == ["unimportable", "caught"]
    assert "1 s" in found.tried[1].because
    assert (found.counted, found.killed) == (1, 1)


def test_a_mutant_may_be_caught_by_a_later_task(course: CourseFolder) -> None:
    """What one task keeps for another shows only there."""
    reference = course.path.parent / "reference" / "tinypack"
    words = reference / "words.py"
    words.write_text(
        "def reverse(word):\n    # SOLUTION 1.2\n    return word[::-1] + '!'\n    # END SOLUTION\n"
    )
    [slip] = [s for s in generate(course, "t0", 1000, seed=1) if s.operator == "drop_term"
              and s.new == "return word[::-1]"]  # fmt: skip
    mine = msgspec.structs.replace(slip, task="1.1")
    [tried] = audit(course, [mine], 1, 1).tried
    assert (tried.verdict, tried.because.split("/")[0]) == ("caught", "1.2")


def test_a_list_of_reasons_that_does_not_read_is_named(tmp_path: Path) -> None:
    kept = tmp_path / "tests" / "mutants" / "equivalent.toml"
    kept.parent.mkdir(parents=True)
    kept.write_text('[[equivalent]]\nfile = "a.py"\n')
    with pytest.raises(CourseError, match=r"equivalent\.toml: "):
        equivalents(tmp_path)


def test_each_reason_is_about_a_function_that_is_there() -> None:
    """Its text may have changed since; then the slip is another one, and is tried anew."""
    for one in equivalents(ROOT):
        bases = ROOT.glob(f"tests/variants/*/{one.base}") if one.base else [ROOT / "reference"]
        files = [base / one.file for base in bases if (base / one.file).is_file()]
        name = one.function.rpartition(".")[2]
        assert any(f"def {name}(" in file.read_text() for file in files), one
        assert bare(one.old) != bare(one.new)
        assert one.why


@pytest.mark.slow
def test_the_command_says_what_survived(
    course: CourseFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("minigrade.edges.auditing.find_course", lambda: course)
    report = tmp_path / "audit.json"
    wish = ["audit", "t0", "--generate", "12", "--seed", "7", "--jobs", "1", "--json", str(report)]
    done = CliRunner().invoke(app, wish)
    found = json.loads(report.read_text())
    assert found["seed"] == 7
    assert len(found["tried"]) == 12
    assert f"{found['killed']} of {found['counted']} generated mutants caught" in done.output
    assert done.exit_code == (1 if found["survivors"] else 0)
    for tried in found["tried"]:
        assert {"operator", "file", "line", "diff", "verdict"} <= tried.keys()
        assert tried["diff"].startswith("@@ ")
    assert all(f"SURVIVED: {place}" in done.output for place in found["survivors"])
