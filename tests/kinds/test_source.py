"""The source kind: the decorator's rules, and a verdict for each answer of the bench."""

from __future__ import annotations

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from minigrade.boundary import bench
from minigrade.boundary.session import Crashed, Observation, Raised, Returned, TimedOut
from minigrade.errors import CourseError
from minigrade.kinds.base import Means, Question
from minigrade.kinds.source import source_check
from minigrade.kinds.texts import TEXT_LIMIT_BYTES
from minigrade.model import Check, Frame, Status, Task, Verdict, Visibility

OPERATORS = "minitorch/operators.py"


class InProcessBench:
    """Answers without a process of its own, or as it is told to."""

    def __init__(self, observation: Observation | None = None) -> None:
        self.observation = observation
        self.asked = 0

    def ask(self, operation: str, **arguments: Any) -> Observation:
        self.asked += 1
        return self.observation or Returned(bench.answer({"operation": operation, **arguments}))


Examine = Callable[..., Verdict]


@pytest.fixture
def examine(tmp_path: Path) -> Examine:
    """Examine a submission of some files by `check`."""

    def run(check: Check, files: dict[str, str], observation: Observation | None = None) -> Verdict:
        for file, text in files.items():
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text(text, "utf-8")
        return ask(check, tmp_path, observation)

    return run


def ask(check: Check, root: Path, observation: Observation | None = None) -> Verdict:
    question = Question(Task("0.3", "Map", 10), check, None, Visibility.PUBLIC, seed=1)
    bench: Any = InProcessBench(observation)
    nobody: Any = None
    means = Means(nobody, bench, nobody, nobody, root)
    verdict = check.kind.examine(question, means)
    assert isinstance(verdict, Verdict)
    return verdict


def gist(verdict: Verdict) -> tuple[Any, Any]:
    """Return status and cap; what does not pass scores nothing."""
    assert verdict.score == (verdict.status is Status.PASSED)
    return verdict.status, verdict.cap


def made(**rules: Any) -> Check:
    rules = {"files": (OPERATORS,), **rules}

    @source_check(**rules)
    def keeps_the_rules() -> None:
        """`sum` is your own.

        More for those who write checks.
        """

    return keeps_the_rules


HIGHER_ORDER = made(
    must_call={"negList": "map", "sum": ("reduce", "prod")},
    forbid_imports=("functools",),
    instead="your `map` and `reduce`",
    cap=Fraction(1, 2),
)


def test_a_source_check_earns_nothing() -> None:
    assert HIGHER_ORDER.weight == 0
    assert HIGHER_ORDER.kind.name == "source"
    assert HIGHER_ORDER.name == "keeps_the_rules"
    assert HIGHER_ORDER.sentence == "`sum` is your own."


def test_text_that_keeps_the_rules_passes(examine: Examine) -> None:
    text = (
        "def negList(ls): return map(neg)(ls)\ndef map(fn): return lambda ls: [fn(x) for x in ls]"
    )
    verdict = examine(HIGHER_ORDER, {OPERATORS: text})
    assert gist(verdict) == (Status.PASSED, 1)


def test_text_that_breaks_them_caps_the_task_and_says_where(examine: Examine) -> None:
    text = "from functools import reduce\n\ndef negList(ls):\n    return [-x for x in ls]\n"
    verdict = examine(HIGHER_ORDER, {OPERATORS: text})
    assert gist(verdict) == (Status.FAILED, Fraction(1, 2))
    assert verdict.category == "forbid_imports"
    assert verdict.message == (
        "minitorch/operators.py:1: imports `functools.reduce`\n"
        "minitorch/operators.py:3: `negList` does not use `map`\n"
        "Use your `map` and `reduce`."
    )
    assert verdict.frames == (
        Frame(OPERATORS, 1, "", "from functools import reduce"),
        Frame(OPERATORS, 3, "negList", "def negList(ls):"),
    )


def test_long_lists_of_findings_are_shortened(examine: Examine) -> None:
    verdict = examine(made(forbid_calls=("eval",)), {OPERATORS: "eval('1')\n" * 250})
    lines = verdict.message.splitlines()
    assert lines[-1] == "… and 240 more"
    assert len(lines) == 11
    assert len(verdict.frames) == 10
    assert verdict.cap == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def negList(ls:\n", "minitorch/operators.py:1: "),
        ("def negList(ls): return '\0'", "null bytes"),
        ("def negList(ls): raise NotImplementedError", "not written yet: negList, sum"),
        ("", "not written yet"),
    ],
)
def test_text_that_does_nothing_is_not_judged(examine: Examine, text: str, reason: str) -> None:
    verdict = examine(HIGHER_ORDER, {OPERATORS: text})
    assert gist(verdict) == (Status.SKIPPED, 1)
    assert reason in verdict.message


def test_a_missing_file_is_not_judged_but_the_others_are(examine: Examine, tmp_path: Path) -> None:
    assert ask(HIGHER_ORDER, tmp_path).message == "minitorch/operators.py is missing"
    both = made(files=(OPERATORS, "minitorch/scalar.py"), forbid_calls=("sum",))
    verdict = examine(both, {"minitorch/scalar.py": "x = 1\n"})
    assert gist(verdict) == (Status.SKIPPED, 1)
    verdict = examine(both, {"minitorch/scalar.py": "sum(x)\n"})
    assert gist(verdict) == (Status.FAILED, 0)


def test_a_written_half_is_judged(examine: Examine) -> None:
    verdict = examine(HIGHER_ORDER, {OPERATORS: "def negList(ls): return map(neg)(ls)\nmap = f(1)"})
    assert verdict.status is Status.PASSED


@pytest.mark.parametrize(
    ("observation", "status", "words"),
    [
        (TimedOut(5.0), Status.TIMED_OUT, "operators.py could not be parsed within 5 s"),
        (Crashed("was killed"), Status.CRASHED, "the process that tried was killed"),
        (Returned("nonsense"), Status.CRASHED, "nonsense"),
        (Returned({"findings": [{"file": 3}]}), Status.CRASHED, "nonsense"),
        (Returned({"findings": [], "more": -1, "unwritten": [], "errors": [1]}),
         Status.CRASHED, "nonsense"),
    ],
)  # fmt: skip
def test_text_that_cannot_be_parsed_escapes_no_rule(
    examine: Examine, observation: Observation, status: Status, words: str
) -> None:
    verdict = examine(HIGHER_ORDER, {OPERATORS: "x = 1"}, observation)
    assert gist(verdict) == (status, Fraction(1, 2))
    assert words in verdict.message


@pytest.mark.parametrize(
    "observation",
    [Returned({"error": "internal", "message": "KeyError"}), Raised("KeyError", "KeyError")],
)
def test_a_mistake_of_ours_costs_nothing(examine: Examine, observation: Observation) -> None:
    verdict = examine(HIGHER_ORDER, {OPERATORS: "x = 1"}, observation)
    assert gist(verdict) == (Status.BROKEN, 1)
    assert "KeyError" in verdict.message


def test_deeply_nested_text_escapes_no_rule(examine: Examine) -> None:
    # Python's compiler takes what `ast` does not, so this text may well run.
    text = "import functools\nx = " + "+".join(["1"] * 4_000)
    verdict = examine(HIGHER_ORDER, {OPERATORS: text})
    assert gist(verdict) == (Status.FAILED, Fraction(1, 2))


def test_too_much_text_is_not_sent(examine: Examine) -> None:
    largest = "#" * TEXT_LIMIT_BYTES
    assert examine(made(forbid_calls=("sum",)), {OPERATORS: largest}).status is Status.PASSED
    verdict = examine(made(forbid_calls=("sum",)), {OPERATORS: largest + "#"})
    assert gist(verdict) == (Status.FAILED, 0)
    assert "too large" in verdict.message


def test_functions_are_followed_into_other_files(examine: Examine) -> None:
    check = made(must_call={"sum": "reduce"}, forbid_calls=("eval",), within=("sum",))
    files = {
        OPERATORS: "from .helping import sum",
        "minitorch/helping.py": "from .deep.down import total as sum\neval('1')",
        "minitorch/deep/down.py": "def total(x): return eval('x')",
    }
    verdict = examine(check, files)
    assert gist(verdict) == (Status.FAILED, 0)
    assert "minitorch/deep/down.py:1: uses Python's own `eval`" in verdict.message
    assert "helping.py:2" not in verdict.message


def test_no_name_leads_out_of_the_repository(examine: Examine, tmp_path: Path) -> None:
    (tmp_path / "minitorch").mkdir()
    (tmp_path / "minitorch" / "linked.py").symlink_to("/etc/hostname")
    check = made(forbid_calls=("eval",), within=("sum",))
    text = "import minitorch\ndef sum(x): return getattr(minitorch, '../../etc/passwd.x')(x)"
    assert examine(check, {OPERATORS: text}).status is Status.PASSED
    verdict = examine(check, {OPERATORS: "from .linked import sum"})
    assert "minitorch/linked.py cannot be read" in verdict.message


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "linked folder"])
def test_links_and_other_things_are_not_read(tmp_path: Path, kind: str) -> None:
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "root" / "minitorch"
    elsewhere.mkdir()
    (elsewhere / "operators.py").write_text("sum(x)\n")
    folder.parent.mkdir()
    if kind == "linked folder":
        folder.symlink_to(elsewhere)
    else:
        folder.mkdir()
        path = folder / "operators.py"
        make: dict[str, Callable[[], None]] = {
            "link": lambda: path.symlink_to(elsewhere / "operators.py"),
            "pipe": lambda: os.mkfifo(path),
            "folder": path.mkdir,
        }
        make[kind]()
    verdict = ask(made(forbid_calls=("sum",)), tmp_path / "root")
    assert gist(verdict) == (Status.FAILED, 0)
    assert verdict.frames == ()
    assert "expected a regular file" in verdict.message


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({}, "has no rule"),
        ({"within": ("sum",)}, "has no rule"),
        ({"files": (), "forbid_calls": ("sum",)}, "files=()"),
        ({"files": "minitorch/operators.py", "forbid_calls": ("sum",)}, "a tuple of names"),
        ({"files": ("../x.py",), "forbid_calls": ("sum",)}, "Python files of the repository"),
        ({"files": ("/etc/x.py",), "forbid_calls": ("sum",)}, "Python files of the repository"),
        ({"files": ("README.md",), "forbid_calls": ("sum",)}, "Python files of the repository"),
        ({"forbid_imports": "numpy"}, "forbid_imports='numpy'; expected a tuple of names"),
        ({"only_imports": "math"}, "expected a tuple of names"),
        ({"forbid_calls": ("einsum",)}, "'einsum'; expected a builtin"),
        ({"forbid_calls": ("",)}, "expected a tuple of names"),
        ({"must_call": {"sum": ()}}, "must_call['sum']"),
        ({"must_call": {"sum": 3}}, "must_call['sum']"),
        ({"forbid_calls": ("sum",), "cap": 1}, "cap=1; expected"),
        ({"forbid_calls": ("sum",), "cap": Fraction(-1, 2)}, "cap=-1/2; expected"),
    ],
)
def test_rules_that_cannot_be_meant_are_the_authors_mistake(
    rules: dict[str, Any], words: str
) -> None:
    with pytest.raises(CourseError) as caught:
        made(**rules)
    assert words in str(caught.value)
    assert f"{Path(__file__).name}:" in str(caught.value)


def test_an_empty_list_of_allowed_imports_is_a_rule(examine: Examine) -> None:
    assert examine(made(only_imports=()), {OPERATORS: "import math"}).status is Status.FAILED
    assert examine(made(only_imports=()), {OPERATORS: "x = 1"}).status is Status.PASSED
