"""What a student has written for earlier assignments goes into the next template."""

from __future__ import annotations

import re
from pathlib import Path

from minigrade.edges.template import make_template


def test_previous_work_is_carried_over(checkout: Path, tmp_path: Path) -> None:
    student = tmp_path / "student"
    empty = make_template("m0", tmp_path / "m0", checkout=checkout)
    for name in empty.files:
        (student / name).parent.mkdir(parents=True, exist_ok=True)
        (student / name).write_bytes((empty.dest / name).read_bytes())
    (student / "minitorch/operators.py").write_text("def mul(x, y):\n    return x*y  # mine\n")
    (student / "minitorch/datasets.py").write_text("given = 'and changed'\n")
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
    checkout: Path, tmp_path: Path
) -> None:
    student = tmp_path / "student"
    for name, text in {
        "minitorch/operators.py": "def mul(x, y):\n    return x * y\n",
        "tests/__init__.py": "",
        "tests/test_operators.py": "from .strategies import numbers\n",
        "tests/strategies.py": "numbers = (1.0, 2.0)\n",
        "tests/test_other.py": "",
    }.items():
        (student / name).parent.mkdir(parents=True, exist_ok=True)
        (student / name).write_text(text)
    made = make_template("m1", tmp_path / "m1", checkout=checkout, previous=student)
    tests = {name for name in made.carried.taken if name.startswith("tests/")}
    assert tests == {"tests/__init__.py", "tests/strategies.py", "tests/test_operators.py"}
