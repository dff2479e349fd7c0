"""The resolver reads modules that hypothesis draws as Python does, or refuses to."""

from __future__ import annotations

import math
import textwrap
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from minigrade.simt import Limits, SimtError
from minigrade.simt.resolve import read_constant

NAMES = ("X", "A", "B", "C")
OPERATORS = ("+", "-", "*", "//", "%", "/", "&", "|", "^", "<", "==", "and", "or")
SIGNS = ("-", "~", "not ", "+")
CAUGHT = "(TypeError, ValueError, ArithmeticError, NameError, AttributeError, IndexError)"
NUMBERS = st.integers(-4, 9).map(str) | st.sampled_from(["0.5", "2.0", "True", "None", "(1, 2)"])


def expressions(names: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Return a strategy of expressions of numbers, names, functions and attributes."""
    return st.recursive(
        NUMBERS | st.sampled_from(names),
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(OPERATORS), inner)
            .map(lambda parts: f"({' '.join(parts)})"),
            inner.map(lambda p: f"({p} ** 2)"),
            st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} if {p[1]} else {p[2]})"),
            st.tuples(st.sampled_from(SIGNS), inner).map(lambda p: f"({p[0]}{p[1]})"),
            st.tuples(st.sampled_from(["f", "g", "min", "max"]), inner, inner)
            .map(lambda p: f"{p[0]}({p[1]}, {p[2]})"),
            st.tuples(st.sampled_from(["f", "abs", "int", "bool", "G.m"]), inner)
            .map(lambda p: f"{p[0]}({p[1]})"),
            st.tuples(inner, inner).map(lambda p: f"({p[0]}, {p[1]})[{p[0]}]"),
            st.sampled_from(names).map(lambda n: f"({n} := {n})"),
            st.sampled_from(["G.A", "G.B"]),
        ),
        max_leaves=4,
    )  # fmt: skip


VALUES = expressions(NAMES)


class Writer:
    """Write a module's statements, one random piece after another."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.inside = False

    def one_of(self, *choices: str) -> str:
        return str(self.draw(st.sampled_from(choices)))

    def value(self) -> str:
        return str(self.draw(VALUES))

    def block(self, depth: int) -> list[str]:
        kinds = ["assign", "augmented", "unpacking"]
        if depth:
            kinds += ["branch", "branch", "main", "loop", "again", "guarded", "function",
                      "function", "of_class", "context"]  # fmt: skip
            kinds += ["returned"] * 2 if self.inside else ["deleted", "attribute", "globally"]
        lines: list[str] = []
        for _ in range(self.draw(st.integers(1, 2 if depth < 2 else 5))):
            lines += getattr(self, self.one_of(*kinds))(depth)
        return lines

    def deep(self, depth: int) -> list[str]:
        return ["    " + line for line in self.block(depth - 1)]

    def assign(self, _: int) -> list[str]:
        return [f"{self.one_of(*NAMES)} = {self.value()}"]

    def augmented(self, _: int) -> list[str]:
        return [f"{self.one_of(*NAMES)} {self.one_of('+', '-', '*', '//')}= {self.value()}"]

    def unpacking(self, _: int) -> list[str]:
        names = self.one_of(*NAMES), self.one_of(*NAMES)
        return [f"{names[0]}, {names[1]} = {self.value()}, {self.value()}"]

    def branch(self, depth: int) -> list[str]:
        return [f"if {self.value()}:", *self.deep(depth), "else:", *self.deep(depth)]

    def main(self, depth: int) -> list[str]:
        return ["if __name__ == '__main__':", *self.deep(depth), "else:", *self.deep(depth)]

    def loop(self, depth: int) -> list[str]:
        head = f"for {self.one_of(*NAMES)} in range({self.one_of('0', '1', '2')}):"
        return [head, *self.deep(depth)]

    def again(self, depth: int) -> list[str]:
        return [f"while {self.value()}:", *self.deep(depth), "    break"]

    def guarded(self, depth: int) -> list[str]:
        last = self.one_of("else:", "finally:", "")
        return ["try:", *self.deep(depth), f"except {CAUGHT}:", *self.deep(depth),
                *([last, *self.deep(depth)] if last else [])]  # fmt: skip

    def context(self, depth: int) -> list[str]:
        return [f"with nothing({self.value()}) as {self.one_of(*NAMES)}:", *self.deep(depth)]

    def deleted(self, _: int) -> list[str]:
        return [f"del {self.one_of(*NAMES)}"]

    def attribute(self, _: int) -> list[str]:
        return [f"G.{self.one_of(*NAMES)} = {self.value()}"]

    def returned(self, _: int) -> list[str]:
        return [f"return {self.value()}"]

    def globally(self, _: int) -> list[str]:
        name = self.one_of(*NAMES)
        lines = ["def h():", f"    global {name}", f"    {name} = {self.value()}"]
        return [*lines, *(["h()"] if self.one_of("called", "") else [])]

    def of_class(self, _: int) -> list[str]:
        members = [f"    {part} = {self.value()}" for part in ("A", "B", self.one_of(*NAMES))]
        return ["class G:", *members, f"    def m({self.one_of(*NAMES)}):",
                f"        return {self.value()}"]  # fmt: skip

    def function(self, depth: int) -> list[str]:
        outside, self.inside = self.inside, True
        body = self.deep(depth)
        self.inside = outside
        marks = [mark for mark in [self.one_of("", "", "@twice", "@swap")] if mark]
        head = f"def {self.one_of('f', 'g')}({self.one_of(*NAMES)}, k={self.value()}):"
        return [*marks, head, *body, f"    return {self.value()}"]


@st.composite
def modules(draw: Any) -> list[str]:
    return Writer(draw).block(2)


PRELUDE = textwrap.dedent("""\
    def f(x, k=3):
        return x * k
    g = lambda a, b=2: a + b
    def twice(fn):
        def inner(x, k=1):
            return fn(x, k) * 2
        return inner
    def swap(fn):
        return g
    class nothing:
        def __init__(self, value):
            self.value = value
        def __enter__(self):
            return self.value
        def __exit__(self, *what):
            return None
    class G:
        A = 1
        B = A + 1
        def m(x):
            return (x, A)
    A, B, C = 1, 2, 0
    X = 3
""")


def same(found: Any, wanted: Any) -> bool:
    if isinstance(found, tuple) and isinstance(wanted, tuple):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(found, float) and isinstance(wanted, float) and math.isnan(found):
        return math.isnan(wanted)
    return type(found) is type(wanted) and bool(found == wanted)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("constants") / "drawn.py"


def agree(text: str, file: Path) -> bool:
    """Compare every name with Python's; return whether any was read."""
    module = ModuleType("drawn")
    try:
        exec(compile(text, "drawn.py", "exec"), vars(module))
    except (Exception, SyntaxError):
        return False
    file.write_text(text)
    read = 0
    for name in (*NAMES, "G.A", "G.B", "G.X"):
        try:
            found = read_constant(f"{file}:{name}", Limits())
        except SimtError:
            continue
        wanted: Any = module
        for part in name.split("."):
            wanted = getattr(wanted, part)
        assert same(found, wanted), f"{name} is {wanted!r}, read as {found!r}"
        read += 1
    return read > 0


QUIET = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large,
         HealthCheck.function_scoped_fixture]  # fmt: skip


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@given(lines=modules())
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=QUIET,
)
@example(lines=["def f(x, k=1):", "    return X", "A = f(1)", "X = 4"])
@example(lines=["X, A = A, X"])
def test_the_resolver_agrees_with_python_or_refuses(lines: list[str], file: Path) -> None:
    agree(PRELUDE + "\n".join(lines) + "\n", file)
