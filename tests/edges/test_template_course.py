"""A template can be cut out of any course; what is wrong with one is said, and nothing made."""

from __future__ import annotations

from pathlib import Path

import pytest

from minigrade.edges.template import make_template
from minigrade.errors import CourseError, SubmissionError, UsageError

FILES = {
    "assignments/course.py": "from minigrade import Course\n\nCOURSE = Course(name='C', "
    "package='pack', assignments=('a0', 'a1'), files=('pack/*.py',), released=RELEASED)\n",
    "assignments/a0/__init__.py": "from minigrade import Assignment\n\n"
    "ASSIGNMENT = Assignment('a0', title='A', files=('pack/__init__.py', 'data.csv'))\n",
    "assignments/a0/task_0_1.py": '"""A title.\n\nWrite\n``f``::\n\n    f(x)\n\nor\n`g`.\n\n'
    'No more."""\nfrom minigrade import Task\n\n'
    "TASK = Task('0.1', title='T', points=1, files=('pack/a.py',))\n",
    "assignments/a1/__init__.py": "from minigrade import Assignment\n\n"
    "ASSIGNMENT = Assignment('a1', title='B', builds_on='a0')\n",
    "assignments/a1/task_1_1.py": "from minigrade import Task\n\n"
    "TASK = Task('1.1', title='U', points=1, files=('pack/b.py',), extra_credit=True)\n",
    "reference/pack/__init__.py": "from . import a, b\nfrom .a import *\nfrom .b import g\n"
    "from . import undeclared\n",
    "reference/pack/undeclared.py": "raise RuntimeError\n",
    "reference/pack/a.py": "import math\n\n\ndef f(x):\n    # SOLUTION 0.1\n"
    "    return math.exp(x)\n    # END SOLUTION\n",
    "reference/pack/b.py": "def g(x):\n    # SOLUTION 1.1\n    return x\n    # END SOLUTION\n",
    "reference/data.csv": "1\r\n",
    "student_template/README.md.j2": "# {{ assignment.id }}\n{{ tasks[0].asks }}\n",
    "student_template/extra.txt.j2": "{{ folders | join(' ') }}{{ carried.released }}\n",
}


def make_course(root: Path, released: str = "()", **changes: str | None) -> Path:
    """Write the course above, but for `changes`: by the letter of the file, a or b."""
    files: dict[str, str | None] = {**FILES}
    for name, text in changes.items():
        files[f"reference/pack/{name}.py"] = text
    for name, text in files.items():
        if text is not None:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(text.replace("RELEASED", released).encode())
    return root


def test_any_course_will_do(tmp_path: Path) -> None:
    made = make_template("a0", tmp_path / "new", checkout=make_course(tmp_path / "course"))
    assert made.files == ("README.md", "data.csv", "extra.txt", "pack/__init__.py", "pack/a.py")
    assert (made.dest / "pack/__init__.py").read_text() == "from . import a\nfrom .a import *\n"
    assert (made.dest / "pack/a.py").read_text() == (
        'def f(x):\n    raise NotImplementedError("Need to implement for Task 0.1")\n'
    )
    assert (made.dest / "data.csv").read_bytes() == b"1\r\n"
    assert (made.dest / "README.md").read_text() == "# a0\nWrite `f`:\n\n    f(x)\n\nor `g`.\n"
    assert made.stubs == {"pack/a.py": {"0.1": ("f",)}}


def test_released_answers_bring_what_they_import(tmp_path: Path) -> None:
    changes = {
        "a": "def f(x):\n    # SOLUTION 0.1\n    from .helper import g\n    return g(x)\n"
        "    # END SOLUTION\n",
        "helper": "from pack.deeper import *\nfrom .b import g as later\n",
        "deeper": "import sys\n\n\ndef g(x):\n    return x\n",
    }
    for released, helpers in (("()", set()), ("('a0',)", {"pack/helper.py", "pack/deeper.py"})):
        course = make_course(tmp_path / f"course{released}", released=released, **changes)
        made = make_template("a1", tmp_path / f"new{released}", checkout=course)
        assert {"pack/helper.py", "pack/deeper.py"} & set(made.files) == helpers
        assert made.stubs.get("pack/b.py") == {"1.1": ("g",)}
        assert made.carried.left == (() if helpers else ("pack/a.py",))


def test_released_answers_are_given(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course", released="('a0',)")
    made = make_template("a1", tmp_path / "new", checkout=course)
    assert (made.dest / "pack/a.py").read_text() == (
        "import math\n\n\ndef f(x):\n    return math.exp(x)\n"
    )
    assert made.carried.released == ("a0",)
    assert "answers released: a0" in made.summary()
    assert (made.dest / "README.md").read_text() == "# a1\n\n"
    assert made.carried.left == ()
    assert made.stubs == {"pack/b.py": {"1.1": ("g",)}}
    assert "pack/undeclared.py" not in made.files
    assert "undeclared" not in (made.dest / "pack/__init__.py").read_text()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"a": "def f():\n    # SOLUTION 0.1\n    pass\n"}, r"reference/pack/a\.py:2: .*closed"),
        ({"a": "def f():\n    # END SOLUTION\n    pass\n"}, r"reference/pack/a\.py:2: .*nothing"),
        (
            {"a": "def f():\n    # SOLUTION 0.7\n    pass\n    # END SOLUTION\n"},
            r"reference/pack/a\.py:2: .*0\.7.*one of 0\.1, 1\.1",
        ),
        ({"a": None}, r"pack/a\.py: no such file"),
    ],
)
def test_a_wrong_reference_makes_nothing(
    changes: dict[str, str | None], words: str, tmp_path: Path
) -> None:
    course = make_course(tmp_path / "course", **changes)
    place = tmp_path / "place"
    with pytest.raises(CourseError, match=words):
        make_template("a0", place / "new", checkout=course)
    assert not place.exists()


def test_a_wrong_skeleton_makes_nothing(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    for text, words in (("{{ nothing }}", "'nothing' is undefined"), ("\n{% if %}", r"j2:2: ")):
        (course / "student_template/extra.txt.j2").write_text(text)
        with pytest.raises(CourseError, match=words):
            make_template("a0", tmp_path / "new", checkout=course)
    assert not (tmp_path / "new").exists()


def test_dest_must_be_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = make_course(tmp_path / "course")
    full, file, empty = (tmp_path / name for name in ("full", "file", "empty"))
    full.mkdir()
    (full / "thesis.txt").write_text("precious")
    file.write_text("precious")
    empty.mkdir()
    for dest in (full, file):
        with pytest.raises(UsageError, match="not an empty folder"):
            make_template("a0", dest, checkout=course)
    monkeypatch.chdir(empty)
    with pytest.raises(UsageError, match="where you are"):
        make_template("a0", Path(), checkout=course)
    monkeypatch.chdir(tmp_path)
    make_template("a0", Path("empty"), checkout=course)
    assert (empty / "pack/a.py").is_file()
    assert [path.name for path in full.iterdir()] == ["thesis.txt"]


def test_what_cannot_be_had(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    with pytest.raises(UsageError, match="no assignment 'a7'; the course has a0, a1"):
        make_template("a7", tmp_path / "new", checkout=course)
    with pytest.raises(SubmissionError, match="pack"):
        make_template("a1", tmp_path / "new", checkout=course, previous=tmp_path)
    with pytest.raises(UsageError, match="wheel of minigrade"):
        make_template("a1", tmp_path / "new", checkout=course, wheel=tmp_path / "numpy-2-x.whl")
    assert not (tmp_path / "new").exists()
