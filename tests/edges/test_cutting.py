"""Answers are cut out of functions of the reference, and nothing else is touched."""

from __future__ import annotations

import textwrap

import pytest

from minigrade.edges.cutting import Stub, strip


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


def test_text_without_fences_stays() -> None:
    text = "x = [1,2]   # odd\r\nprint( x )\n\n\n"
    assert strip(text, "f.py").text == text
