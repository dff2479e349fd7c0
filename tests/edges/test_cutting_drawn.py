"""Whatever answers stand between, the rest of a file comes out as it was."""

from __future__ import annotations

import ast
import textwrap

from hypothesis import given, settings
from hypothesis import strategies as st

from minigrade.edges.cutting import Stripped, strip

STUB = 'raise NotImplementedError("Need to implement for Task 2.3")'

# Programs of given and fenced statements, one block deep or more, drawn as lists of
# (fenced?, lines); the expected text is put together from the same parts.
GIVEN = st.sampled_from(["g = 1", "# given", "with g:\n    pass", "@d\ndef h():\n    return 1"])
SECRET = st.sampled_from(
    ["s = 1", "# s\ns = (\n    2\n)", "for s in x:\n    # s\n    pass\n# s", "async def s(): pass"]
)
PARTS = st.lists(
    GIVEN.map(lambda text: (text, text))
    | st.lists(SECRET, min_size=1, max_size=3).map(
        lambda run: ("\n".join(["# SOLUTION 2.3", *run, "# END SOLUTION"]), STUB)
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
