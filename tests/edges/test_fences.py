"""A fence that encloses anything but statements is an error, with its file and line."""

from __future__ import annotations

import pytest

from minigrade.edges.cutting import strip
from minigrade.edges.fences import Fence, fenced_runs, find_fences
from minigrade.errors import CourseError

MISTAKES = {
    "never closed": ("def f():\n    # SOLUTION 1.1\n    pass\n", 2, "never closed"),
    "closes nothing": ("def f():\n    pass\n    # END SOLUTION\n", 3, "closes nothing"),
    "nested": (
        "def f():\n    # SOLUTION 1.1\n    if x:\n        # SOLUTION 1.2\n        pass\n"
        "        # END SOLUTION\n    # END SOLUTION\n",
        4,
        "inside the one that begins at line 2",
    ),
    "ends in a deeper block": (
        "def f():\n    # SOLUTION 1.1\n    if x:\n        pass\n        # END SOLUTION\n",
        5,
        "in another block",
    ),
    "begins in a deeper block": (
        "def f():\n    if x:\n        # SOLUTION 1.1\n        pass\n    # END SOLUTION\n",
        3,
        "in another block",
    ),
    "spans two functions": (
        "def f():\n    # SOLUTION 1.1\n    pass\n\n\ndef g():\n    pass\n    # END SOLUTION\n",
        2,
        "in another block",
    ),
    "around else": (
        "def f():\n    if x:\n        pass\n    # SOLUTION 1.1\n    else:\n        pass\n"
        "    # END SOLUTION\n",
        7,
        "in another block",
    ),
    "between brackets": (
        "def f():\n    return [\n        # SOLUTION 1.1\n        1\n        # END SOLUTION\n"
        "    ]\n",
        3,
        "whole statements",
    ),
    "all of a class's body": (
        "class A:\n    # SOLUTION 1.1\n    x = 1\n    # END SOLUTION\n",
        2,
        "nothing is left of this block",
    ),
    "all of a top-level block": (
        "if X:\n    # SOLUTION 1.1\n    x = 1\n    # END SOLUTION\n    # hint\n",
        2,
        "nothing is left of this block",
    ),
    "nested at the top level": (
        "# SOLUTION 1.1\ndef f():\n    # SOLUTION 1.1\n    pass\n    # END SOLUTION\n"
        "# END SOLUTION\n",
        3,
        "inside the one that begins at line 1",
    ),
    "from the top level into a function": (
        "# SOLUTION 1.1\nx = 1\n\n\ndef f():\n    pass\n    # END SOLUTION\n",
        7,
        "in another block",
    ),
    "around a module's docstring": (
        '# SOLUTION 1.1\n"""Say."""\n# END SOLUTION\nx = 1\n',
        1,
        "docstring",
    ),
    "around a class's docstring": (
        'class A:\n    # SOLUTION 1.1\n    """Say."""\n    # END SOLUTION\n',
        2,
        "docstring",
    ),
    "a line without statements at the top": ("# SOLUTION 1.1\n# END SOLUTION\n", 1, "no statement"),
    "empty": ("def f():\n    # SOLUTION 1.1\n    # END SOLUTION\n    pass\n", 2, "no statement"),
    "around a docstring": (
        'def f():\n    # SOLUTION 1.1\n    """Say."""\n    # END SOLUTION\n',
        2,
        "docstring",
    ),
    "after code": ("def f():\n    x = 1  # SOLUTION 1.1\n    # END SOLUTION\n", 2, "follows code"),
    "misspelled": ("def f():\n    # Solution: 1.1\n    pass\n", 2, "looks like a fence"),
    "without a task": ("def f():\n    # SOLUTION\n    pass\n", 2, "looks like a fence"),
    "misspelled end": (
        "def f():\n    # SOLUTION 1.1\n    pass\n    # END SOLUTION 1.1\n",
        4,
        "looks like a fence",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_says_where_a_fence_is_wrong(name: str) -> None:
    text, line, words = MISTAKES[name]
    with pytest.raises(CourseError, match=words) as caught:
        strip(text, "minitorch/a.py")
    assert str(caught.value).startswith(f"minitorch/a.py:{line}: ")


@pytest.mark.parametrize("text", ["def f(:\n", "x = (\n", "x y\n"])
def test_what_is_not_python_is_an_error(text: str) -> None:
    fenced = text + "def f():\n    # SOLUTION 1.1\n    pass\n    # END SOLUTION\n"
    with pytest.raises(CourseError, match=r"minitorch/a\.py.*not Python"):
        strip(fenced, "minitorch/a.py")


def test_prose_is_no_fence() -> None:
    assert find_fences("# Solution by bisection\n# The end. Solutions vary.\n", "f.py") == ()


def test_fenced_runs() -> None:
    text = "def f():\n    # SOLUTION 1.1\n    a = 1\n    b = 2\n    # END SOLUTION\n"
    assert fenced_runs(text, "f.py") == ((Fence("1.1", 2, 5), "    a = 1\n    b = 2\n"),)
