"""The rules of source checks, one by one: what breaks them, and what only looks like it."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from minigrade.boundary import names
from minigrade.boundary.graph import Finding
from minigrade.boundary.rules import broken

NO_RULES: dict[str, Any] = {
    "forbid_imports": [],
    "only_imports": None,
    "forbid_calls": [],
    "must_call": {},
    "within": [],
}


def hits(text: str, **rules: Any) -> list[tuple[int, str]]:
    """Return line and message of all findings in `text`."""
    read = names.read(textwrap.dedent(text).encode(), "minitorch/operators.py")
    return [(one.line, one.message) for one in broken([read], NO_RULES | rules)[0]]


@pytest.mark.parametrize(
    "line",
    [
        "import numpy",
        "import math, numpy as np",
        "import numpy.linalg",
        "from numpy import dot",
        "from numpy.linalg import *",
        "def f(): import numpy",
        "try: import numpy\nexcept ImportError: pass",
        "__import__('numpy')",
        "import importlib; importlib.import_module('numpy')",
        "from importlib import import_module as i; i('numpy.linalg')",
        "import importlib; load = importlib.import_module; load('numpy')",
    ],
)
def test_forbidden_imports_are_found(line: str) -> None:
    found = hits(f"import math\n{line}\n", forbid_imports=["numpy"])
    assert {number for number, _ in found} == {2}
    assert any(message.startswith("imports `numpy") for _, message in found)


@pytest.mark.parametrize(
    "line",
    [
        "import numpyro",
        "from . import numpy",
        "from minitorch import numpy",
        "numpy = 3; numpy.dot",
        "'import numpy'  # import numpy",
        "importlib.import_module('numpyro')",
        "import importlib; importlib.import_module('math')",
    ],
)
def test_other_imports_are_not(line: str) -> None:
    assert hits(line, forbid_imports=["numpy"]) == []


@pytest.mark.parametrize(
    "line", ["__import__(name)", "exec('x = 1')", "import sys; sys.modules['numpy']",
             "import importlib as i; i.import_module('num' + 'py')", "load = __import__"]
)  # fmt: skip
@pytest.mark.parametrize("rules", [{"forbid_imports": ["numpy"]}, {"only_imports": ["*"]}])
def test_imports_that_the_text_does_not_name_are_found(line: str, rules: Any) -> None:
    assert any("can import anything" in message for _, message in hits(line, **rules))
    assert hits(line, forbid_calls=["builtins.sum"]) == []


def test_only_these_imports() -> None:
    text = "from __future__ import annotations\nimport math\nfrom typing import Any\nimport numpy\n"
    assert hits(text, only_imports=["math", "typing"]) == [
        (4, "imports `numpy`; only `math`, `typing` may be imported here")
    ]
    assert [line for line, _ in hits(text, only_imports=[])] == [2, 3, 4]
    assert hits("from .operators import add", only_imports=["minitorch"]) == []
    assert hits("from .operators import add", only_imports=["math"]) != []


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("sum([1])", "Python's own `sum`"),
        ("total = sum", "Python's own `sum`"),
        ("fold(sum, [])", "Python's own `sum`"),
        ("import builtins; builtins.sum([1])", "Python's own `sum`"),
        ("from builtins import sum as plus; plus([1])", "Python's own `sum`"),
        ("import numpy as np; np.dot(1, 2)", "`numpy.dot`"),
        ("x.einsum('ij')", "`.einsum`"),
        ("import numpy as np; np.einsum('ij')", "`numpy.einsum`"),
        ("a @ b", "the operator `@`"),
        ("a @= b", "the operator `@`"),
    ],
)
def test_forbidden_uses_are_found(line: str, what: str) -> None:
    forbidden = ["builtins.sum", "numpy.dot", "*.einsum", "@"]
    assert (2, f"uses {what}") in hits(f"\n{line}\n", forbid_calls=forbidden)


@pytest.mark.parametrize(
    "text",
    [
        "def sum(xs): return sum(xs[1:])\nsum([1])",
        "sum = reduce(add, 0)\nsum([1])",
        "from .operators import sum\nsum([1])",
        "from .operators import *\nsum([1])",
        "def f(sum): return sum([1])",
        "class T:\n    def sum(self): return self.sum()",
        "'sum(x) a @ b'  # sum(x) a @ b",
        "def f(x):\n    '''a @ b sum(x)'''\n    return x.sum()",
        "@decorated\ndef f(x: sum): return a * b",
        "einsum(1)",
    ],
)
def test_other_uses_are_not(text: str) -> None:
    assert hits(text, forbid_calls=["builtins.sum", "numpy.dot", "*.einsum", "@"]) == []


HIGHER_ORDER = """\
import functools
def map(fn): return lambda ls: [fn(x) for x in ls]
def zipWith(fn): return lambda a, b: [fn(x, y) for x, y in zip(a, b)]
def reduce(fn, start): return lambda ls: functools.reduce(fn, ls, start)
def neg(x): return -x
"""


@pytest.mark.parametrize(
    "text",
    [
        "def negList(ls): return map(neg)(ls)",
        "negList = map(neg)",
        "_neg = map(neg)\ndef negList(ls): return _neg(ls)",
        "def helper(fn, ls): return map(fn)(ls)\ndef negList(ls): return helper(neg, ls)",
        "class H:\n    def __init__(self): self.f = map(neg)\ndef negList(ls): return H().f(ls)",
        "def _own(ls): return map(neg)(ls)\nnegList = _own",
        "def negList(ls):\n    def inner(): return map(neg)(ls)\n    return inner()",
        "def negList(ls): return partial(map, neg)()(ls)",
        "import minitorch.operators as o\ndef negList(ls): return o.map(neg)(ls)",
        "from .higher import map\ndef negList(ls): return map(neg)(ls)",
        "def negList(ls): raise NotImplementedError('Need to implement for Task 0.3')",
        "",
    ],
)
def test_calls_that_must_be_there_are(text: str) -> None:
    assert hits(HIGHER_ORDER + text, must_call={"negList": ["map"]}) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("def negList(ls): return [-x for x in ls]", 6),
        ("def negList(ls):\n    'With map(neg).'\n    return [neg(x) for x in ls]  # map(neg)", 6),
        ("def negList(ls, map): return map(neg)(ls)", 6),
        ("def helper(): return map\nnegList = lambda ls: [-x for x in ls]", 7),
        ("def negList(ls):\n    import builtins\n    return builtins.map(neg, ls)", 6),
        ("from cheat import negList", 6),
        ("class A:\n    def map(self): pass\ndef negList(ls): return A.map(ls)", 8),
    ],
)
def test_calls_that_are_missing_are_found(text: str, line: int) -> None:
    found = hits(HIGHER_ORDER + text, must_call={"negList": ["map"]})
    assert found == [(line, "`negList` does not use `map`")]


def test_one_of_several_targets_will_do() -> None:
    text = "from numba import prange as p\ndef f(x): return [p(y) for y in x]\ndef g(x): return x\n"
    targets = ["zipWith", "numba.prange"]
    found = hits(text, must_call={"f": targets, "g": targets})
    assert found == [(3, "`g` does not use `zipWith` or `numba.prange`")]


def test_pythons_own_map_is_not_the_one_to_use() -> None:
    text = "def negList(ls): return list(map(neg, ls))"
    assert hits(text, must_call={"negList": ["map"]}) != []


def test_rules_hold_within_functions_and_their_helpers() -> None:
    text = """\
    import functools
    def helper(xs): return functools.reduce(add, xs)
    def sum(xs): return helper(xs)
    def prod(xs):
        from functools import reduce
        return 1
    def other(xs): return functools.reduce(add, xs) @ xs
    class Tensor:
        def sum(self): return self.inner() @ 1
        def inner(self): return functools.reduce(add, self)
    """
    rules: dict[str, Any] = {"forbid_imports": ["functools"], "forbid_calls": ["@"]}
    found = hits(text, **rules, within=["sum", "prod"])
    assert found == [(2, "uses `functools.reduce`"), (5, "imports `functools.reduce`")]
    found = hits(text, **rules, within=["Tensor.sum"])
    assert found == [(9, "uses the operator `@`"), (10, "uses `functools.reduce`")]
    assert hits(text, **rules, within=["nothing"]) == []


def test_several_files_are_one_text() -> None:
    texts = [
        names.read(b"from .helpers import total\ndef mean(x): return total(x)\n", "m/tensor.py"),
        names.read(
            b"def total(x): return reduce(x)\ndef reduce(x): return sum(x)\n", "m/helpers.py"
        ),
    ]
    assert broken(texts, NO_RULES | {"must_call": {"mean": ["reduce"]}})[0] == []
    within = {"forbid_calls": ["builtins.sum"], "within": ["mean"]}
    assert broken(texts, NO_RULES | within)[0] == [
        Finding(
            file="m/helpers.py",
            line=2,
            rule="forbid_calls",
            function="reduce",
            message="uses Python's own `sum`",
            source="def reduce(x): return sum(x)",
        )
    ]


FAST = {"forbid_calls": ["numpy.dot"], "within": ["multiply"], "parallel": ["multiply"]}
IMPORTED = (
    b"from .kernels import multiply\n",
    b"from .kernels import multiply as _m\nmultiply = njit(_m, parallel=True)\n",
    b"from . import kernels\nmultiply = njit(kernels.multiply, parallel=True)\n",
    b"from .kernels import *\n",
)


@pytest.mark.parametrize("text", IMPORTED)
def test_what_another_file_defines_is_asked_for_and_judged(text: bytes) -> None:
    own = names.read(text, "m/fast.py")
    assert "m.kernels.multiply" in broken([own], NO_RULES | FAST)[1]
    kernels = names.read(b"import numpy as np\ndef multiply(o): np.dot(o)\n", "m/kernels.py")
    found, outside = broken([own], NO_RULES | FAST, [kernels])
    assert {(one.file, one.line, one.rule) for one in found} == {
        ("m/kernels.py", 2, "forbid_calls"),
        ("m/kernels.py", 2, "parallel"),
    }
    assert outside == []


def test_what_nobody_uses_of_another_file_is_not_judged() -> None:
    own = names.read(b"from .other import helper\ndef sum(x): return helper(x)\n", "m/own.py")
    other = names.read(
        b"import torch\ndef helper(x): return x\ndef sum(x): return x @ x\n", "m/other.py"
    )
    rules = NO_RULES | {"forbid_imports": ["torch"], "parallel": []}
    assert broken([own], rules, [other]) == ([], [])
    within = rules | {"forbid_calls": ["@"], "within": ["sum"]}
    assert broken([own], within, [other]) == ([], [])


def test_a_place_is_found_once_and_in_order() -> None:
    text = "b = sum(sum(x) for x in y)\nimport numpy\nsum(numpy.x)\n"
    found = hits(text, forbid_calls=["builtins.sum"], forbid_imports=["numpy"])
    assert [line for line, _ in found] == [1, 2, 3]
