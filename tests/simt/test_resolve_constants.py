"""A constant that the resolver reads is Python's own, or it is refused with its name and line."""

from __future__ import annotations

import math
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from minigrade.simt import Limits, ResolveError, launch
from minigrade.simt.resolve import read_constant


def python(text: str, name: str) -> Any:
    """Return what importing the text binds `name` to."""
    module = ModuleType("drawn")
    exec(compile(text, "drawn.py", "exec"), vars(module))
    return vars(module)[name]


def same(found: Any, wanted: Any) -> bool:
    if isinstance(found, tuple) and isinstance(wanted, tuple):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(found, float) and isinstance(wanted, float) and math.isnan(found):
        return math.isnan(wanted)
    return type(found) is type(wanted) and bool(found == wanted)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("constants") / "drawn.py"


HEAD = "import math\nimport numpy as np\nimport numba\nfrom numba import cuda, float32, int32\n"
READ = {
    "X = 5\nX += 1": 6,
    "if False:\n    X = 1\nelse:\n    X = 2": 2,
    "X = 2\nif __name__ == '__main__':\n    X = 1": 2,
    "if __name__ != '__main__':\n    X = 3": 3,
    "A = 3\nif A > 2 and not A == 5:\n    X = A\nelif A:\n    X = 0": 3,
    "X, Y = 1, 2\nX, Y = Y, X": 2,
    "(Y, X), Z = (1, 2), 3": 2,
    "X = Y = 4\nY = 5": 4,
    "A = 1\nX = A\nA = 2": 1,
    "def f(a):\n    if a > 2:\n        return 1\n    return 2\nX = f(5)": 1,
    "def f(a):\n    a += 2\n    return a\nX = f(1)": 3,
    "D = 4\ndef f(x, k=D):\n    return x + k\nD = 7\nX = f(1)": 5,
    "def f(*a, k=2, **w):\n    return a[1] * k\nX = f(1, 5, k=3)": 15,
    "def f():\n    return A\nA = 1\nX = f()\nA = 2": 1,
    "def make(a):\n    def f():\n        return a\n    a += 1\n    return f\nX = make(3)()": 4,
    "def same(f):\n    return f\n@same\ndef f():\n    return 9\nX = f()": 9,
    "def other(f):\n    return lambda: 3\n@other\ndef f():\n    return 9\nX = f()": 3,
    "X = (lambda a, b=2: a * b)(21)": 42,
    "try:\n    pass\nexcept ImportError:\n    X = 1\nelse:\n    X = 2\nfinally:\n    Y = 3": 2,
    "class A:\n    B = 2\n    X = B * 2\nclass C(A):\n    D = 1\nX = C.X + C.D": 5,
    "X = 3\nclass A:\n    X = 4\n    def f():\n        return X\nX = A.f()": 3,
    "X = min(3, 5) + max((1, 2)) + abs(-2) + len((1, 2, 3)) + round(2.5) + int(3.9)": 15,
    "X = float('inf')": math.inf,
    "X = math.sqrt(16) + math.ceil(2.1) + math.floor(-0.5)": 6.0,
    "A = (1, (2, 3))\nX = A[1][-1]": 3,
    "X = (1, 2, 3)[1:]": (2, 3),
    "X = ~5 & 12 | 3 ^ 1": (~5 & 12) | (3 ^ 1),
    "X = +True": 1,
    "X = 1 if 3 > 2 > 1 else 0": 1,
    "X = 0 or 5": 5,
    "X = not 3 in (1, 2)": True,
    "X = float(np.finfo(np.float32).max)": float(np.finfo(np.float32).max),
    "X = np.iinfo(np.int32).max": 2**31 - 1,
    "X = float32(0.1)": np.float32(0.1),
    "X = int32(7) // 2": np.int32(3),
    "X = 10 ** 30 // 10 ** 29": 10,
    "X = math.pi": math.pi,
    "X = divmod(7, 2)[1]": 1,
}
REFUSED = {
    "for X in range(3):\n    pass": "in a loop",
    "while True:\n    X = 1\n    break": "in a loop",
    "with open(__file__) as X:\n    pass": "`with`",
    "match 3:\n    case X:\n        pass": "`match`",
    "try:\n    X = 1 / 1\nfinally:\n    X = 2": "`try`",
    "X = 1\n(X := 2)": "line 6 may bind it",
    "X = 1\nY = [X := 3 for _ in range(2)]": "within an expression",
    "X = (Y := 3) + Y": "cannot be worked out",
    "X = 1\ndef f():\n    global X\n    X = 3\nf()": "inside a function",
    "X = 1\nglobals()['X'] = 2": "any name",
    "X = 1\nexec('X = 2')": "any name",
    "class A:\n    X = 1\nA.X = 2\nX = A.X": "sets an attribute",
    "class A:\n    X = 1\ndef f():\n    A.X = 2\nf()\nX = A.X": "sets an attribute",
    "import os\nif os.environ:\n    X = 1\nelse:\n    X = 2": "condition that cannot be decided",
    "import os\ndef f():\n    if os.sep:\n        return 1\n    return 2\nX = f()": "may return",
    "def f():\n    for k in range(3):\n        return k\nX = f()": "may return",
    "def f():\n    yield 1\nX = f()": "generator",
    "X = 1\ndel X": "deletes it",
    "from nowhere import *": "star import",
    "X = sorted((2, 1))[0]": "cannot be worked out",
    "X = [1, 2][0]": "cannot be worked out",
    "X = 10 ** 10 ** 9": "cannot be worked out",
    "@cuda.jit\ndef f(x):\n    return x\nX = f(1)": "cannot be worked out",
    "import functools as t\n@t.lru_cache\ndef f(x):\n    return x\nX = f(1)": "decorator in line 6",
    "class A(int):\n    X = 1\nX = A.X": "inherits",
    "import enum\nclass A(enum.IntEnum):\n    X = 1\nX = A.X": "inherits",
    "X = np.zeros(3)": "line 5 makes an array, which a kernel takes as an argument",
    "X, *Y = 1, 2": "rest of a sequence",
    "X = X2 = Y": "nothing binds Y",
}


@pytest.mark.parametrize("text", READ)
def test_what_can_be_read(text: str, file: Path) -> None:
    file.write_text(HEAD + text)
    wanted = python(HEAD + text, "X")
    assert same(wanted, READ[text])
    assert same(read_constant(f"{file}:X", Limits()), wanted)


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_read_means_nothing(text: str, file: Path) -> None:
    file.write_text(HEAD + text)
    with pytest.raises(ResolveError, match="X is not a constant that can be read") as caught:
        read_constant(f"{file}:X", Limits())
    assert REFUSED[text] in str(caught.value)


def test_a_kernel_that_needs_what_cannot_be_read(file: Path) -> None:
    text = "TPB = 2\nfor TPB in (4, 8):\n    pass\ndef kernel(out):\n    out[0] = TPB\n"
    file.write_text(text)
    with pytest.raises(
        ResolveError, match="TPB is not a constant that can be read: line 2 may"
    ) as e:
        launch(f"{file}:kernel", 1, 1, (np.zeros(1),))
    assert (e.value.line, e.value.file) == (2, str(file))
