"""Students' tests earn what they catch, and nothing else: forged, flaky and hanging ones."""

from __future__ import annotations

import itertools
import random
import tempfile
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from minigrade.boundary import sandbox, trials
from minigrade.boundary.process import Zygote
from minigrade.boundary.session import Loadable, Loading, Session
from minigrade.boundary.trials import Trials
from minigrade.errors import CourseError
from minigrade.kinds.base import Means, Question
from minigrade.kinds.student_tests import REPETITIONS, student_tests
from minigrade.model import Check, Status, Task, Verdict, Visibility

PROBES = '''
FIRST = {"double": lambda x: x + x, "same": lambda x, y: abs(x - y) < 1e-6}
RIGHT = {
    "by a sum": FIRST,
    "by a product": {"double": lambda x: 2.0 * x},
    "close enough": {"same": lambda x, y: float(abs(x - y) < 1e-3)},
}
WRONG = {
    "half as much": {"double": lambda x: x / 2},
    "the same": {"double": lambda x: x},
    "one more": {"double": lambda x: x + x + 1},
    "the square": {"double": lambda x: x * x},
    "nothing": {"double": lambda x: 0.0},
    "no sign": {"double": lambda x: 2 * abs(x)},
    "not for large ones": {"double": lambda x: 2 * x if abs(x) < 20 else x},
    "an error": {"double": lambda x: 1 / 0},
}

def doubles(_mt, implementation, name, args):
    """`double` doubles."""
    return {**FIRST, **RIGHT, **WRONG}[implementation].get(name, FIRST[name])(*args)
'''
SPACE: dict[str, Any] = {}
exec(PROBES, SPACE)
FILE = "tests/test_it.py"
TASK = Task("0.2", "Tests", 10, files=(FILE,))
WRONG = len(SPACE["WRONG"])
ERRORS = Fraction(1, 8)  # the one wrong `double` that raises an error: any call fails then


def check(**options: Any) -> Check:
    given: dict[str, Any] = {
        "file": FILE,
        "module": "operators",
        "tests": ("test_double",),
        "right": SPACE["RIGHT"],
        "wrong": SPACE["WRONG"],
        "remark": "Mind this.",
    }
    return student_tests(**{**given, **options})(SPACE["doubles"])


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    zygote = Zygote(sandbox.survey("local", sandbox.interpreter_paths()))
    yield zygote
    zygote.close()


@pytest.fixture
def examine(zygote: Zygote, tmp_path: Path) -> Callable[..., Verdict]:
    """Grade a test file, beside a package whose own `double` is wrong, and other files."""
    tmp_path.chmod(0o755)

    def run(text: str | None, seed: int = 1, others: Any = (), **options: Any) -> Verdict:
        room = Path(tempfile.mkdtemp(dir=tmp_path))
        room.chmod(0o755)
        root, places = room / "root", [room / "one", room / "two"]
        files = {
            "pack/__init__.py": "from .operators import *\n",
            "pack/operators.py": "def double(x):\n    return None\n",
            **dict(others),
            **({} if text is None else {FILE: text}),
        }
        for name, content in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(content)
        for place in places:
            place.mkdir()
        tested = Loadable(root, places[0], "pack", "", "task.py")
        alone = Loadable(places[1], places[1], "pack", PROBES, "task.py")
        nobody: Any = None
        tester = Trials(zygote, tested, Loading())
        stand_ins = Session(zygote, alone, Loading())
        means = Means(nobody, nobody, tester, stand_ins, root)
        question = Question(TASK, check(**options), None, Visibility.PUBLIC, seed=seed)
        try:
            verdict: Verdict = question.check.kind.examine(question, means)
            return verdict
        finally:
            tester.close()
            stand_ins.close()

    return run


IMPORTS = "from pack.operators import double, same\n"
PLAIN = IMPORTS + "def test_double():\n    for x in (-30.0, 0.5, 3.0):\n        "
GOOD = PLAIN + "assert same(double(x), 2 * x)\n"

DRAWN = """
import pytest
from hypothesis import given, settings
from pack import double
from pack.operators import same
from .strategies import numbers
from tests.strategies import numbers as again

@pytest.mark.task0_2
@settings(max_examples=100_000)
@given(numbers, again)
def test_double(x, y):
    assert same(double(x + y), double(x) + double(y))
    assert same(double(x), x + x)
"""
STRATEGIES = {
    "tests/strategies.py": "from hypothesis import settings, strategies as st\n"
    "settings.register_profile('ci', deadline=1)\nsettings.load_profile('ci')\n"
    "numbers = st.floats(-100, 100)\n",
    "tests/__init__.py": "",
}
PARAMETERS = """
import pytest
from pack.operators import double
@pytest.mark.parametrize("x", [-30.0, pytest.param(0.5, id="half")])
@pytest.mark.parametrize(("factor", "more"), [(2, 0)])
def test_double(x, factor, more):
    assert double(x) == factor * x + more
"""


@pytest.mark.parametrize("text", [GOOD, DRAWN, PARAMETERS])
def test_a_good_test_earns_everything(examine: Callable[..., Verdict], text: str) -> None:
    """However it is written; the student's own wrong `double` has no part in it."""
    verdict = examine(text, others=STRATEGIES)
    assert (verdict.status, verdict.score) == (Status.PASSED, Fraction(1)), verdict.message
    assert verdict.cases == REPETITIONS * (len(SPACE["RIGHT"]) + WRONG)


def test_each_wrong_implementation_is_a_share(examine: Callable[..., Verdict]) -> None:
    verdict = examine(PLAIN + "assert double(x) * x >= 0\n")
    assert verdict.status is Status.FAILED
    assert 0 < verdict.score < 1
    assert verdict.score == 1 - Fraction(verdict.message.count("takes for right"), WRONG)
    assert "takes for right: half as much" in verdict.message
    assert "takes for right: no sign" not in verdict.message
    some = examine(PLAIN + "assert double(x) * x >= 0\n", enough=2)
    assert (some.status, some.score) == (Status.PASSED, Fraction(1))


def test_a_test_of_another_name_is_found_by_its_mark(examine: Callable[..., Verdict]) -> None:
    named = {"tests": ("test_other",), "mark": "task0_2"}
    verdict = examine(DRAWN, others=STRATEGIES, **named)
    assert verdict.status is Status.PASSED
    verdict = examine(DRAWN, others=STRATEGIES, besides=("test_double",), **named)
    assert "has no function `test_other`" in verdict.message
    verdict = examine(DRAWN + "def test_other(): pass\n", others=STRATEGIES, **named)
    assert "`test_other` never calls `double`" in verdict.message


# Nothing is earned by any of these: the text, the status and words of the message.
WORTHLESS = {
    "no call": ("def test_double():\n    assert 2 * 3 == 6\n", "FAILED", "never calls `double`"),
    "no assertion": (PLAIN + "double(x)\n" + "def other(): pass\n", "FAILED", "catches 1 of 8"),
    "a stub": ("def test_double():\n    raise NotImplementedError\n", "RAISED", "not implemented"),
    "no test": ("def test_another(): pass\n", "FAILED", "has no function `test_double`"),
    "no file": (None, "FAILED", "is missing"),
    "no Python": ("def test_double(:\n", "RAISED", "does not import"),
    "no such name": ("from pack.operators import gone\n", "RAISED", "gone"),
    "always fails": (PLAIN + "assert double(x) is None\n", "FAILED", "though what it tests is"),
    "fails by itself": ("def test_double():\n    assert 0\n", "FAILED", "though what it tests is"),
    "too strict": (PLAIN + "assert same(double(x), 2 * x) is True\n", "FAILED", "close enough"),
    "skips": ("import pytest\ndef test_double():\n    pytest.skip('later')\n", "FAILED", "skips"),
    "skips, too": ("import unittest\ndef test_double():\n    raise unittest.SkipTest\n",
                   "FAILED", "skips"),
    "ends the process": ("import os\ndef test_double():\n    os._exit(0)\n", "CRASHED", "_exit(0)"),
    "ends it sometimes": (PLAIN + "double(x) == 2 * x or __import__('os')._exit(0)\n",
                          "CRASHED", "_exit(0)"),
    "exits": ("def test_double():\n    raise SystemExit(0)\n", "FAILED", "SystemExit"),
    "recurses": ("def test_double():\n    test_double()\n", "FAILED", "RecursionError"),
    "waits for a fixture": ("def test_double(tmp_path):\n    pass\n", "FAILED", "tmp_path"),
    "replaces what it tests": (
        "import pack.operators as o\ndef test_double():\n"
        "    o.double(1.0)\n    o.double = lambda x: 2 * x\n    assert o.double(3) == 6\n",
        "FAILED", "catches"),
    "looks about": (
        "import gc, sys\nfrom pack.operators import double\n"
        "def texts():\n"
        "    for one in gc.get_objects():\n"
        "        yield from map(str, list(one)[:50]) if isinstance(one, dict) else ()\n"
        "def test_double():\n"
        "    double(1.0)\n    word = 'not for ' + 'large ones'\n"
        "    assert not any(word in text for text in texts())\n",
        "FAILED", "catches 1 of 8"),
    "answers for its process": (
        "import sys\nfrom pack.operators import double\n"
        "for name, module in list(sys.modules.items()):\n"
        "    if hasattr(module, 'Tester'):\n"
        "        module.Tester._run = lambda *_: {'verdict': 'passed'}\n"
        "def test_double():\n    assert double(1.0) == 2\n",
        "FAILED", "never calls `double`"),
    "answers nonsense": (
        "import sys\nfrom pack.operators import double\n"
        "for name, module in list(sys.modules.items()):\n"
        "    if hasattr(module, 'Tester'):\n"
        "        module.Tester._run = lambda *_: {'score': 1}\n"
        "def test_double():\n    assert double(1.0) == 2\n",
        "CRASHED", "no result"),
    "asks nonsense": (
        "from pack.operators import double\ndef test_double():\n"
        "    cells = [cell.cell_contents for cell in double.__closure__]\n"
        "    next(c for c in cells if hasattr(c, '_line'))._line.send('asked', 7)\n",
        "CRASHED", "answered with something that is no message"),
    "gives too much": (
        "from pack.operators import double\ndef test_double():\n"
        "    double([0.0] * 60_000)\n", "FAILED", "TypeError"),
}  # fmt: skip


@pytest.mark.parametrize("name", WORTHLESS)
def test_what_catches_nothing_earns_nothing(examine: Callable[..., Verdict], name: str) -> None:
    text, status, words = WORTHLESS[name]
    verdict = examine(text)
    assert verdict.status is Status(status), verdict.message
    assert words in verdict.message
    assert verdict.score == (ERRORS if "catches 1 of 8" in words else Fraction(0))


def test_an_endless_test_ends(
    examine: Callable[..., Verdict], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "RUN_LIMIT_S", 0.5)
    for text in (
        "def test_double():\n    while True: pass\n",
        IMPORTS + "def test_double():\n    for x in range(10**9): double(float(x))\n",
    ):
        verdict = examine(text)
        assert (verdict.status, verdict.score) == (Status.TIMED_OUT, Fraction(0))


def test_what_is_wrongly_forbidden_is_said(examine: Callable[..., Verdict]) -> None:
    strict = DRAWN.replace("    assert same(double(x), x + x)\n", "    assert double(x) < 40\n")
    verdict = examine(strict, others=STRATEGIES)
    assert verdict.score == 0
    assert verdict.category == "forbids_what_is_right"
    for words in (
        "`test_double` fails though",
        "`assert double(x) < 40`",
        "double(20.0) → 40.0",
        "Mind this.",
    ):
        assert words in verdict.message
    assert verdict.case.startswith("test_double(")
    assert "x=20.0" in verdict.case  # hypothesis has looked for the smallest one
    assert (verdict.frames[-1].file, verdict.frames[-1].function) == (FILE, "test_double")


def a_seed() -> int:
    """Return one after which chance says yes, and no after the next one."""
    return next(
        seed for seed in itertools.count() if random.Random(seed).random() < 0.5
        and random.Random(seed + 1).random() > 0.5
    )  # fmt: skip


def test_flaky_tests_are_called_flaky(examine: Callable[..., Verdict]) -> None:
    text = "import random\n" + IMPORTS + "def test_double():\n    lucky = random.random() < 0.5\n"
    verdict = examine(text + "    assert double(1.0) == 2 and lucky\n", seed=a_seed())
    assert (verdict.category, verdict.score) == ("flaky", Fraction(0))
    assert "`test_double` is flaky" in verdict.message
    verdict = examine(text + "    assert lucky or double(3.0) == 6\n    double(3.0)\n",
                      seed=a_seed())  # fmt: skip
    assert "catches in some runs only (flaky): the square" in verdict.message
    assert verdict.score == ERRORS


def test_what_cannot_be_meant() -> None:
    for options, words in (
        ({"right": {"one": SPACE["FIRST"]}}, "two right"),
        ({"wrong": {}}, "a wrong one"),
        ({"wrong": {"odd": {"treble": abs}}}, r"'odd' replaces \['treble'\]"),
        ({"wrong": {"odd": {}}}, "replaces nothing"),
    ):
        with pytest.raises(CourseError, match=words):
            check(**options)
