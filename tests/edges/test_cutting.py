"""Answers are cut out of the reference, and nothing else is touched."""

from __future__ import annotations

import ast
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minigrade.edges.cutting import Stripped, Stub, strip


def dedented(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")


def raises(task: str) -> str:
    return f'raise NotImplementedError("Need to implement for Task {task}")'


CUTS = {
    "a whole body, below its docstring": (
        '''
        def mul(x, y):
            """Return the product."""
            # SOLUTION 0.1
            return x * y
            # END SOLUTION
        ''',
        '''
        def mul(x, y):
            """Return the product."""
            RAISE 0.1
        ''',
    ),
    "comments inside go, comments outside stay": (
        """
        def f(x):
            # a hint

            # SOLUTION 0.1
            # the trick
            return x  # neat
            # so there
            # END SOLUTION
            # after


        def g(x):  # SOLUTIONs are elsewhere
            return x
        """,
        """
        def f(x):
            # a hint

            RAISE 0.1
            # after


        def g(x):  # SOLUTIONs are elsewhere
            return x
        """,
    ),
    "two fences of two tasks, given code around them": (
        """
        def f(x):
            a = 1
            # SOLUTION 1.2
            a = 2
            # END SOLUTION

            b = 2
            # SOLUTION 1.4
            b = (
                3
            )
            # END SOLUTION
            return a, b
        """,
        """
        def f(x):
            a = 1
            RAISE 1.2

            b = 2
            RAISE 1.4
            return a, b
        """,
    ),
    "inside if and else": (
        """
        def f(x):
            if x:
                # SOLUTION 1.1
                x = 1
                # END SOLUTION
            else:
                # SOLUTION 1.1
                while x:
                    x -= 1

                return x
                # END SOLUTION
            return 0
        """,
        """
        def f(x):
            if x:
                RAISE 1.1
            else:
                RAISE 1.1
            return 0
        """,
    ),
    "a block that ends with the fence, and compound statements": (
        '''
        def f(x):
            """Say."""
            # SOLUTION 1.1
            if x:
                for y in x:
                    # deep

                    print(y)
            # END SOLUTION

        X = 1
        ''',
        '''
        def f(x):
            """Say."""
            RAISE 1.1

        X = 1
        ''',
    ),
    "strings over several lines are no comments": (
        '''
        def f(x):
            text = """
        # SOLUTION 1.1
        # END SOLUTION
        """
            # SOLUTION 1.1
            more = """
        # END SOLUTION
            """
            # END SOLUTION
            return text
        ''',
        '''
        def f(x):
            text = """
        # SOLUTION 1.1
        # END SOLUTION
        """
            RAISE 1.1
            return text
        ''',
    ),
    "async, decorators, nested functions, methods": (
        """
        class A:
            @staticmethod
            @decorated(
                1,
            )
            async def f(x):
                # SOLUTION 1.1
                @decorated(2)
                async def g():
                    return await x

                return await g()
                # END SOLUTION

            def h(self):
                def inner():
                    # SOLUTION 1.2
                    yield 1
                    yield 2
                    # END SOLUTION

                return inner
        """,
        """
        class A:
            @staticmethod
            @decorated(
                1,
            )
            async def f(x):
                RAISE 1.1

            def h(self):
                def inner():
                    RAISE 1.2

                return inner
        """,
    ),
    "statements joined by a semicolon, and lines by a backslash": (
        """
        def f(x):
            # SOLUTION 1.1
            a = 1; b = 2
            return a + \\
                b
            # END SOLUTION
        """,
        """
        def f(x):
            RAISE 1.1
        """,
    ),
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


def test_says_where_answers_were() -> None:
    text = dedented(CUTS["async, decorators, nested functions, methods"][0])
    assert strip(text, "f.py").stubs == (Stub("1.1", "A.f"), Stub("1.2", "A.h.inner"))


def test_keeps_answers_of_other_tasks_without_their_fences() -> None:
    text = dedented(CUTS["two fences of two tasks, given code around them"][0])
    kept = strip(text, "f.py", keep={"1.4"})
    assert kept.stubs == (Stub("1.2", "f"),)
    assert "b = (\n        3\n    )\n    return a, b\n" in kept.text
    both = strip(text, "f.py", keep={"1.2", "1.4"})
    lines = text.splitlines(keepends=True)
    assert both.text == "".join(line for line in lines if "SOLUTION" not in line)
    assert both.stubs == ()


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


def test_text_without_fences_stays() -> None:
    text = "x = [1,2]   # odd\r\nprint( x )\n\n\n"
    assert strip(text, "f.py").text == text


# Programs of given and fenced statements, one block deep or more, drawn as lists of
# (fenced?, lines); the expected text is put together from the same parts.
GIVEN = st.sampled_from(["g = 1", "# given", "with g:\n    pass", "@d\ndef h():\n    return 1"])
SECRET = st.sampled_from(
    ["s = 1", "# s\ns = (\n    2\n)", "for s in x:\n    # s\n    pass\n# s", "async def s(): pass"]
)
PARTS = st.lists(
    GIVEN.map(lambda text: (text, text))
    | st.lists(SECRET, min_size=1, max_size=3).map(
        lambda run: ("\n".join(["# SOLUTION 2.3", *run, "# END SOLUTION"]), raises("2.3"))
    ),
    min_size=1,
    max_size=5,
)


VANISHING = st.lists(
    st.sampled_from(["g = 1", "# given", "with g:\n    pass"]).map(lambda text: (text, text))
    | st.lists(SECRET, min_size=1, max_size=3).map(
        lambda run: ("\n".join(["# SOLUTION 2.3", *run, "# END SOLUTION"]), None)
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(VANISHING, st.sampled_from(["", "class A:\n    z = 0\n", "if x:\n    z = 0\n"]))
def test_cuts_any_mixture_outside_functions(
    parts: list[tuple[str, str | None]], opening: str
) -> None:
    indent = "    " if opening else ""
    full = "".join(textwrap.indent(before, indent) + "\n" for before, _ in parts)
    cut = "".join(textwrap.indent(after, indent) + "\n" for _, after in parts if after)
    before = f"{opening}{full}Z = 1\n"
    ast.parse(before)
    assert strip(before, "f.py") == Stripped(f"{opening}{cut}Z = 1\n", ())


@st.composite
def programs(draw: st.DrawFn) -> tuple[str, str]:
    """Return a program with fences, and what should be left of it."""
    before, after = ["def f():"], ["def f():"]
    for depth in range(1, draw(st.integers(1, 3)) + 1):
        indent = "    " * depth
        parts = draw(PARTS)
        before += [textwrap.indent(full, indent) for full, _ in parts]
        after += [textwrap.indent(cut, indent) for _, cut in parts]
        before.append(f"{indent}if x:")
        after.append(f"{indent}if x:")
    tail = ["    " * (depth + 1) + "pass", "", "", "Z = 1", ""]
    return "\n".join([*before, *tail]), "\n".join([*after, *tail])


@settings(max_examples=60, deadline=None)
@given(programs())
def test_cuts_any_mixture(program: tuple[str, str]) -> None:
    before, after = program
    ast.parse(before)
    assert strip(before, "f.py").text == after
