"""Imports go with the answers that used them, and with the files that they name."""

from __future__ import annotations

import textwrap

import libcst as cst
import pytest

from minigrade.edges.cutting import strip
from minigrade.edges.imports import drop_imports, sibling

STUB = 'raise NotImplementedError("Need to implement for Task 1.1")'


def dedented(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")


CUTS = {
    "an import that only the answer used goes": (
        '''
        """Say."""

        from __future__ import annotations

        import math
        import os.path
        from typing import TYPE_CHECKING, Any

        import kept_for_others
        from collections import (
            abc,
            deque,
        )

        if TYPE_CHECKING:
            from .scalar import Scalar


        def f(x: Any) -> None:
            # SOLUTION 1.1
            y: Scalar = deque(x)
            return math.exp(y)
            # END SOLUTION


        def g(x: "abc.Iterable"):
            return os.path.join(x)
        ''',
        '''
        """Say."""

        from __future__ import annotations

        import os.path
        from typing import Any

        import kept_for_others
        from collections import abc


        def f(x: Any) -> None:
            RAISE 1.1


        def g(x: "abc.Iterable"):
            return os.path.join(x)
        ''',
    ),
    "an import in a function goes too, another of the same name stays": (
        """
        from a import b


        def f():
            from a import b

            # SOLUTION 1.1
            return b
            # END SOLUTION


        def g():
            import c

            # SOLUTION 1.1
            return c
            # END SOLUTION


        def h():
            return b
        """,
        """
        from a import b


        def f():
            RAISE 1.1


        def g():
            RAISE 1.1


        def h():
            return b
        """,
    ),
    "what is left of a long import moves into one line, unless a comment would be lost": (
        """
        from a import (
            b,
            c,
            d,
        )
        from e import (
            f,  # why
            g,
            h,
        )


        def k():
            # SOLUTION 1.1
            return c, h
            # END SOLUTION


        print(b, d, f, g)
        """,
        """
        from a import b, d
        from e import (
            f,  # why
            g,
        )


        def k():
            RAISE 1.1


        print(b, d, f, g)
        """,
    ),
    "a name passed on stays, as nothing used it before either": (
        """
        import b
        from a import c as c, d, e


        def f():
            # SOLUTION 1.1
            return d + e
            # END SOLUTION
        """,
        """
        import b
        from a import c as c


        def f():
            RAISE 1.1
        """,
    ),
    "the rest of a line stays, whichever part goes": (
        """
        import a, b.c, d as e; x = 1
        from f import g, h


        def f():
            # SOLUTION 1.1
            return a, e, h
            # END SOLUTION


        print(b.c, g)
        """,
        """
        import b.c; x = 1
        from f import g


        def f():
            RAISE 1.1


        print(b.c, g)
        """,
    ),
}


@pytest.mark.parametrize("name", CUTS)
def test_what_only_answers_used_goes(name: str) -> None:
    before, after = map(dedented, CUTS[name])
    assert strip(before, "f.py").text == after.replace("RAISE 1.1", STUB)


def test_siblings() -> None:
    text = dedented(
        """
        import a
        from . import *
        from . import b, c as d
        from .e import *
        from .e.f import g
        from ..h import i
        from j import k
        """
    )
    seen: list[str] = []
    drop_imports(cst.parse_module(text), lambda *found: bool(seen.append(sibling(*found))) or True)
    assert seen == ["", "", "b", "c", "e", "e", "", ""]


def test_drops_what_is_not_wanted() -> None:
    text = "from . import a, b as c\nfrom .b import *\nfrom .d import (\n    e,\n)\n\nx = 1\n"
    left = drop_imports(cst.parse_module(text), lambda *found: sibling(*found) not in {"b", "d"})
    assert left.code == "from . import a\n\nx = 1\n"
