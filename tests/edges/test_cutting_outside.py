"""What only answers use is cut out where it stands: at the top level, and in classes."""

from __future__ import annotations

import textwrap

import pytest

from minigrade.edges.cutting import Stub, strip


def dedented(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")


def raises(task: str) -> str:
    return f'raise NotImplementedError("Need to implement for Task {task}")'


CUTS = {
    "what only answers use, at the top level and in a class": (
        '''
        """A module."""

        import math
        import random as dice
        from os import path, sep

        LIMIT = 3
        # SOLUTION 1.1
        # the trick
        TABLE = [math.pi]
        # END SOLUTION
        SIZE = 4


        # SOLUTION 1.1
        def helper(x):
            """Help."""
            return TABLE[x] + dice.random()


        class Pair:
            first = sep


        # more
        # END SOLUTION


        # The answer:
        class A:
            """An A."""

            # SOLUTION 1.2
            table = TABLE

            def helper(self):
                return 1

            # END SOLUTION

            def f(self):
                # SOLUTION 1.1
                return helper(LIMIT)
                # END SOLUTION

            # SOLUTION 1.1
            def g(self):
                return path
            # END SOLUTION


        # SOLUTION 1.1
        A.h = helper
        # END SOLUTION
        ''',
        '''
        """A module."""

        LIMIT = 3
        SIZE = 4


        # The answer:
        class A:
            """An A."""

            def f(self):
                RAISE 1.1
        ''',
    ),
    "the first statements of a file and of a class": (
        """
        # SOLUTION 1.1
        import math

        # END SOLUTION

        X = 1


        class A:
            # SOLUTION 1.1
            x = X

            # END SOLUTION

            def f(self):
                pass
        """,
        """
        X = 1


        class A:
            def f(self):
                pass
        """,
    ),
    "below a header": (
        """
        # Copyright

        # SOLUTION 1.1
        import math
        # END SOLUTION
        import re
        """,
        """
        # Copyright

        import re
        """,
    ),
    "fences in a row, with a comment between, inside blocks of the top level": (
        """
        if X:
            Y = 1

            # SOLUTION 1.1
            Z = 2
            # END SOLUTION

            # SOLUTION 1.2
            Z = 3
            # END SOLUTION

            # given

            # SOLUTION 1.2
            Z = 4
            # END SOLUTION
        W = 5
        """,
        """
        if X:
            Y = 1

            # given
        W = 5
        """,
    ),
    "a class within a function, and a function within a class": (
        """
        def f():
            class A:
                x = 1
                # SOLUTION 1.1
                y = 2
                # END SOLUTION

                def g(self):
                    z = 3
                    # SOLUTION 1.2
                    return z
                    # END SOLUTION

            return A
        """,
        """
        def f():
            class A:
                x = 1

                def g(self):
                    z = 3
                    RAISE 1.2

            return A
        """,
    ),
}


@pytest.mark.parametrize("name", CUTS)
def test_cuts(name: str) -> None:
    before, after = map(dedented, CUTS[name])
    for task in ("0.1", "1.1", "1.2", "1.4"):
        after = after.replace(f"RAISE {task}", raises(task))
    assert strip(before, "f.py").text == after


def test_a_file_may_hold_nothing_else() -> None:
    text = "# SOLUTION 1.1\nimport math\n\nx = math.pi\n# END SOLUTION\n"
    assert strip(text, "f.py").text.strip() == ""


def test_only_functions_have_stubs() -> None:
    text = dedented(CUTS["what only answers use, at the top level and in a class"][0])
    assert strip(text, "f.py").stubs == (Stub("1.1", "A.f"),)


def test_keeps_helpers_of_other_tasks_as_they_stand() -> None:
    text = dedented(CUTS["what only answers use, at the top level and in a class"][0])
    lines = text.splitlines(keepends=True)
    both = strip(text, "f.py", keep={"1.1", "1.2"})
    assert both.text == "".join(line for line in lines if "SOLUTION" not in line)
    first = strip(text, "f.py", keep={"1.1"}).text
    assert "table = TABLE" not in first
    assert "def g(self)" in first
    assert "TABLE = [math.pi]" in first
    assert "import math" in first
