"""What names stand for: imports, scopes, aliases."""

from __future__ import annotations

import argparse
import ast
import asyncio.base_events
import builtins
import dataclasses
import ipaddress
import symtable
import sys
import textwrap
import typing
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from minigrade.boundary import names
from minigrade.boundary.scopes import Event


def read(text: str, path: str = "minitorch/operators.py") -> names.Text:
    return names.read(textwrap.dedent(text).encode(), path)


def events(text: str, kind: str = "use") -> list[Event]:
    return [event for event in read(text).events if event.kind == kind]


def used(text: str, line: int) -> set[str]:
    """Return all that is used on `line`, counted from 1."""
    found: set[str] = set()
    for event in events(text):
        found |= event.names if event.line == line else set()
    return found


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("import numpy\nnumpy.dot(1)", "numpy.dot"),
        ("import numpy as np\nnp.dot(1)", "numpy.dot"),
        ("import numpy.linalg\nnumpy.linalg.norm(1)", "numpy.linalg.norm"),
        ("import numpy.linalg as la\nla.norm(1)", "numpy.linalg.norm"),
        ("from numpy import dot\ndot(1)", "numpy.dot"),
        ("from numpy import dot as d\nd(1)", "numpy.dot"),
        ("from .tensor_data import prod\nprod(1)", "minitorch.tensor_data.prod"),
        ("from . import tensor_data as t\nt.prod(1)", "minitorch.tensor_data.prod"),
        ("import numpy as np; d = np.dot\nd(1)", "numpy.dot"),
        ("import numpy as np; n = np; m = n\nm.dot(1)", "numpy.dot"),
        ("a = b = sum\nb(1)", "builtins.sum"),
        ("s: object = sum\ns(1)", "builtins.sum"),
        ("from numpy import *\ndot(1)", "numpy.dot"),
        ("from numpy import *\nsum(1)", "numpy.sum"),
        ("import numpy as np\ngetattr(np, 'dot')(1)", "numpy.dot"),
        ("#\n__builtins__.sum(1)", "builtins.sum"),
        ("#\nf(1)[2].einsum(3)", "?.einsum"),
        ("import numpy as np\n(lambda x: np.dot(x))(1)", "numpy.dot"),
        ("import numpy as np\nx = [np.dot(i) for i in y]", "numpy.dot"),
        ("import numpy as np\nx = [(d := np.dot)(i) for i in y]; d(1)", "numpy.dot"),
        ("import numpy as np\ndef f(x=np.dot): pass", "numpy.dot"),
        ("import numpy as np\n@np.vectorize\ndef f(x): pass", "numpy.vectorize"),
        ("import numpy as np\ndef f(x: np.dtype(1)): pass", "numpy.dtype"),
        ("try: import a as m\nexcept E: m.x = 1", "a.x"),
    ],
)
def test_a_name_stands_for_what_it_was_imported_from(text: str, meaning: str) -> None:
    assert meaning in used(text, 2)


def test_names_of_scopes_shadow_builtins_and_imports() -> None:
    text = """\
    import numpy as np
    def sum(xs, max):
        return max(xs) + np.dot(xs)
    def other(np):
        return np.dot(sum([1], abs))
    class Tensor:
        abs = 3
        def sum(self):
            return self.sum() + sum(abs)
    """
    assert used(text, 3) == {"?", "numpy.dot"}
    assert used(text, 5) == {"?.dot", "minitorch.operators.sum", "builtins.abs"}
    assert used(text, 9) == {
        "minitorch.operators.Tensor.sum",
        "minitorch.operators.sum",
        "builtins.abs",
    }


def tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from tables(child)


@pytest.mark.parametrize(
    "module", [argparse, asyncio.base_events, dataclasses, ipaddress, names, typing]
)
def test_scopes_agree_with_pythons_own_symbol_tables(module: ModuleType) -> None:
    """The builtins that a real file uses are those that the compiler finds in it."""
    text = Path(module.__file__ or "").read_text("utf-8")
    top = symtable.symtable(text, "file", "exec")
    bound = {one.get_name() for one in top.get_symbols() if one.is_assigned() or one.is_imported()}
    free = {
        one.get_name()
        for table in tables(top)
        for one in table.get_symbols()
        if table is top or one.is_global()
    }
    expected = (free - bound) & set(dir(builtins))
    found = {name for event in events(text) for name in event.names}
    found = {name.split(".")[1] for name in found if name.startswith("builtins.")}
    annotations = [
        getattr(node, "annotation", None) or getattr(node, "returns", None)
        for node in ast.walk(ast.parse(text))
    ]
    noted = {
        name.id
        for annotation in annotations
        for name in (ast.walk(annotation) if annotation else ())
        if isinstance(name, ast.Name)
    }
    assert found <= expected
    assert expected <= found | noted


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters came with Python 3.12")
def test_type_parameters_bind_names() -> None:
    text = "def f[sum](x): return sum(x)\nclass A[abs]:\n    def g(self): return abs(1)\n"
    assert not {"builtins.sum", "builtins.abs"} & (used(text, 1) | used(text, 3))


def test_a_loop_of_a_comprehension_shadows_inside_it_only() -> None:
    text = "x = [sum for sum in sum(y)]\nsum(x)\n"
    assert used(text, 1) == {"?", "builtins.sum"}
    assert used(text, 2) == {"builtins.sum", "minitorch.operators.x"}


def test_global_and_nonlocal_bind_elsewhere() -> None:
    text = """\
    import numpy as np
    def f():
        global dot
        dot = np.dot
        def g():
            nonlocal h
            h = np.exp
        h = None
        return h(1)
    dot(1)
    """
    assert used(text, 9) == {"?", "numpy.exp"}
    assert used(text, 10) == {"numpy.dot"}


def test_patterns_and_exceptions_bind_names() -> None:
    text = """\
    match x:
        case [sum, *max]: sum(max)
        case {"a": 1, **min}: min(x)
        case str() as abs: abs(x)
    try: pass
    except E as eval: eval(x)
    """
    for line in (2, 3, 4, 6):
        assert not {"sum", "max", "min", "abs", "eval"} & {
            name.removeprefix("builtins.") for name in used(text, line)
        }


def test_annotations_strings_and_comments_use_nothing() -> None:
    text = """\
    import numpy as np
    def f(x: np.ndarray) -> np.float64:
        '''Not np.dot, not eval("1").'''
        y: np.ndarray = x  # np.dot(x)
        return "np.dot(x)"
    """
    assert {name for event in events(text) for name in event.names} == {"?"}


def test_imports_are_absolute_and_those_for_type_checkers_are_left_out() -> None:
    text = """\
    from typing import TYPE_CHECKING
    if TYPE_CHECKING:
        import numpy as np
    else:
        import torch
    from ..other import thing
    from .scalar import *
    TYPE = TYPE_CHECKING
    """
    found = [(event.line, *event.names) for event in events(text, "import")]
    assert found == [
        (1, "typing.TYPE_CHECKING"),
        (5, "torch"),
        (6, "other.thing"),
        (7, "minitorch.scalar"),
    ]


def test_an_own_TYPE_CHECKING_hides_no_import() -> None:  # noqa: N802
    found = events("TYPE_CHECKING = True\nif TYPE_CHECKING:\n    import numpy\n", "import")
    assert [event.names for event in found] == [{"numpy"}]


def test_an_inits_relative_imports_start_in_its_folder() -> None:
    text = names.read(b"from .operators import add\n", "minitorch/__init__.py")
    assert text.module == "minitorch"
    assert text.events[0].names == {"minitorch.operators.add"}


def test_operators_and_literal_arguments() -> None:
    text = "x @= a @ b\n__import__('numpy', x)\n"
    assert [(event.line, *event.names) for event in events(text, "operator")] == [
        (1, "@"),
        (1, "@"),
    ]
    call = next(event for event in events(text) if event.called)
    assert call.names == {"builtins.__import__"}
    assert call.argument == "numpy"


def test_events_know_the_definition_that_they_are_part_of() -> None:
    text = read("""\
    negList = map(neg)
    class A:
        limit = max(1, 2)
        def f(self):
            def inner(): return abs(1)
            return inner
    """)
    owners = {name: event.owner for event in text.events for name in event.names}
    assert owners["builtins.map"] == "minitorch.operators.negList"
    assert owners["builtins.max"] == "minitorch.operators.A.limit"
    assert owners["builtins.abs"] == "minitorch.operators.A.f.inner"
    assert text.definitions["minitorch.operators.A"].is_class


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ("'''Doc.'''\n    raise NotImplementedError('Need to implement for Task 0.3')", False),
        ("raise NotImplementedError", False),
        ("'''Doc.'''", False),
        ("...", False),
        ("pass", False),
        ("return None", True),
        ("raise ValueError", True),
        ("step = strides[0]\n    raise NotImplementedError('after what is given')", False),
        ("if ready: return 1\n    raise NotImplementedError", True),
    ],
)
def test_stubs_are_not_written(body: str, written: bool) -> None:
    text = names.read(f"def f():\n    {body}\n".encode(), "minitorch/operators.py")
    assert text.definitions["minitorch.operators.f"].written is written


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfx = 1\r\n\r\nsum(x)\r\n",
        b"x = 1\r\rsum(x)\r",
        b"\x0cx = 1\n\x0c\n\x0csum(x)\n",
        b"# -*- coding: latin-1 -*-\ny = '\xe9\x85'\nsum(x)\n",
        "x = '\u2028\x85'\n\nsum(x)".encode(),
        b"if x:\n\ty = 1\n\tsum(x)",
    ],
)
def test_lines_are_those_that_python_counts(data: bytes) -> None:
    text = names.read(data, "minitorch/operators.py")
    line = next(event.line for event in text.events if "builtins.sum" in event.names)
    assert line == 3
    assert text.line(line) == "sum(x)"


def test_text_that_is_no_python() -> None:
    for data in (b"def f(:\n", b"x\0y", b"\xff\xfe", b"# coding: nonsense\n", b"'\xff'"):
        with pytest.raises(SyntaxError):
            names.read(data, "minitorch/operators.py")


def test_aliases_of_aliases_end() -> None:
    loop = "a = b\nb = a\nc = c.c\nsum = sum\na(b, c, sum)\n"
    assert used(loop, 5) <= {"builtins.sum", "minitorch.operators.sum"}
    lines = ["x0 = y"]
    for i in range(60):
        lines += [f"x{i + 1} = x{i}.a", f"x{i + 1} = x{i}.b"]
    text = read("import y\n" + "\n".join([*lines, "x60()"]))
    assert max(len(event.names) for event in text.events) <= 64
