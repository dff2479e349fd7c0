"""Task 4.8: a test of `max` earns what it catches, however it is written."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from minigrade.boundary import sandbox
from minigrade.boundary.process import Zygote
from minigrade.boundary.session import Loadable, Loading, Session
from minigrade.boundary.trials import Trials
from minigrade.kinds.base import Means, Question
from minigrade.model import Status, Verdict, Visibility
from minigrade.running.belonging import keep_only, make_plan
from minigrade.running.catalog import LoadedTask, find_course

REFERENCE = Path(__file__).parents[2] / "reference"


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    zygote = Zygote(sandbox.survey("local", sandbox.interpreter_paths()), ["numba"])
    yield zygote
    zygote.close()


@pytest.fixture
def examine(
    zygote: Zygote, tasks: dict[str, LoadedTask], tmp_path: Path
) -> Iterator[Callable[..., Verdict]]:
    """Grade the reference with a test of its own `max`, or of a wrong one, in either half."""
    root, places = tmp_path / "repository", [tmp_path / name for name in ("one", "two", "three")]
    shutil.copytree(REFERENCE, root, ignore=shutil.ignore_patterns("__pycache__"))
    keep_only(root, "minitorch", make_plan(find_course(), "m4").files())
    for place in (tmp_path, *places):
        place.mkdir(exist_ok=True)
        place.chmod(0o755)
    tester = Trials(zygote, Loadable(root, places[0], "minitorch", "", "task.py"), Loading())
    parts = {part.visibility: part for part in tasks["4.8"].parts}
    stand_ins = {
        half: Session(zygote, Loadable(at, at, "minitorch", part.probes, part.name), Loading())
        for (half, part), at in zip(parts.items(), places[1:], strict=True)
    }

    def run(
        body: str, changed: tuple[str, str] = ("", ""), half: Visibility = Visibility.PUBLIC
    ) -> Verdict:
        (root / "tests/test_nn.py").write_text(f"import minitorch\n\ndef test_max():\n{body}")
        text = (root / "minitorch/nn.py").read_text()
        assert changed[0] in text
        (root / "minitorch/nn.py").write_text(text.replace(*changed))
        nobody: Any = None
        [check] = parts[half].checks
        question = Question(tasks["4.8"].task, check, None, half, seed=1)
        means = Means(nobody, nobody, tester, stand_ins[half], root)
        verdict: Verdict = check.kind.examine(question, means)
        return verdict

    yield run
    for process in (tester, *stand_ins.values()):
        process.close()


SOME = "    t = minitorch.tensor([[1.0, 5.0, -2.0], [-4.0, -6.0, -3.0]])\n"
VALUES = (
    "    found = minitorch.max(t, 1)\n    assert (found[0, 0], found[1, 0]) == (5.0, -3.0)\n"
    "    found = minitorch.nn.max(dim=0, input=t)\n"
    "    assert [found[0, i] for i in range(3)] == [1.0, 5.0, -2.0]\n"
)
SLOPES = (
    "    t.requires_grad_(True)\n"
    "    (minitorch.max(t, 1) * minitorch.tensor([[2.0], [3.0]])).sum().backward()\n"
    "    slopes = [t.grad[i, j] for i in (0, 1) for j in (0, 1, 2)]\n"
    "    assert slopes == [0.0, 2.0, 0.0, 0.0, 0.0, 3.0]\n"
)
WRONG_MAX = ("return Max.apply(input, dim)", "return input")


@pytest.mark.parametrize(
    ("body", "caught"), [(SOME + VALUES, 9), (SOME + VALUES + SLOPES, 12), (SOME + SLOPES, 3)]
)
def test_what_is_caught_counts(body: str, caught: int, examine: Callable[..., Verdict]) -> None:
    """Also where the student's own `max` is wrong: that is another task's affair."""
    verdict = examine(body, WRONG_MAX)
    assert verdict.score == min(Fraction(1), Fraction(caught, 7))
    assert verdict.status is (Status.PASSED if caught >= 7 else Status.FAILED)
    if caught < 7:
        assert f"catches {caught} of 12 wrong implementations; 7 are enough" in verdict.message


NOT_SMALLER = (
    "    assert all(minitorch.max(t, 1)[i, 0] >= t[i, j] for i in (0, 1) for j in (0, 1, 2))\n"
)
IS_THERE = (
    "    found = minitorch.max(t, 1)\n"
    "    assert all(found[i, 0] in (t[i, 0], t[i, 1], t[i, 2]) for i in (0, 1))\n"
)


@pytest.mark.parametrize(
    ("body", "public", "hidden"),
    [
        (SOME + VALUES, 9, 9),
        (SOME + NOT_SMALLER, 6, 6),
        (SOME + IS_THERE, 5, 6),
        (SOME + NOT_SMALLER + IS_THERE, 9, 9),
    ],
)
def test_hidden_numbers_are_caught_like_the_public_ones(
    body: str, public: int, hidden: int, examine: Callable[..., Verdict]
) -> None:
    """Half of a test is not enough in either half."""
    for half, caught in ((Visibility.PUBLIC, public), (Visibility.HIDDEN, hidden)):
        assert examine(body, half=half).score == min(Fraction(1), Fraction(caught, 7)), half


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (SOME + "    assert t.sum().item() == -9.0\n", "never calls `max`"),
        (SOME + "    minitorch.max(t, 1)\n", "catches 0 of 12"),
        (SOME + "    assert minitorch.max(t, 1)[0, 0] == 1.0\n", "what it tests is right"),
        (SOME + "    minitorch.max(t, 7)\n", "AxisError"),
    ],
)
def test_what_catches_nothing_earns_nothing(
    body: str, words: str, examine: Callable[..., Verdict]
) -> None:
    verdict = examine(body)
    assert verdict.score == 0
    assert words in verdict.message


def test_a_test_at_a_kink_is_told_so(examine: Callable[..., Verdict]) -> None:
    body = (
        "    t = minitorch.tensor([[1.0, 1.0]])\n"
        "    minitorch.grad_check(lambda x: minitorch.max(x, 1), t)\n"
    )
    verdict = examine(body)
    assert verdict.category == "forbids_what_is_right"
    assert "so that they differ" in verdict.message
    assert "max([[1.0, 1.0]], 1)" in verdict.message
