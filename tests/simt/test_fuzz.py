"""Whatever the text of a kernel is, a launch returns or raises one of our errors, and soon."""

from __future__ import annotations

import ast
import copy
import random
import time
import tokenize
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrade.simt import Limits, SimtError, Trace, launch
from minigrade.simt.trace import FINDING_KINDS

KERNELS = Path(__file__).with_name("kernels")
LIMITS = Limits(steps=3000, memory_bytes=16 * 2**20, wall_s=2.0, nodes=5000)
PATIENCE_S = 20.0  # far more than LIMITS.wall_s: a machine may be busy, but no launch may hang

SPLICES = (
    "0", "1", "-1", "2**63", "10**30", "1e308", "None", "True", "'text'", "()", "(i, t)", "i", "t",
    "n", "a", "out", "cuda", "numba", "math", "float32", "int32(3)", "math.exp(710)", "len(a)",
    "cuda.grid", "cuda.grid(2)", "cuda.threadIdx", "cuda.syncthreads()", "a[i]", "a.shape", "a.T",
    "cuda.shared.array(1000000, float32)", "cuda.local.array(4, numba.int32)", "lambda x: x",
    "[x for x in a]", "(i := 3)", "a[0:2]", "max", "f'{i}'", "1 / 0", "1 % 0", "1 << 70", "-7 // 0",
    "cuda.atomic.add(out, 0, 1)", "square(square)", "clamp(i, 0, 1)", "range(5)", "i if t else a",
)  # fmt: skip
STATEMENTS = (
    "pass", "return", "return i", "break", "continue", "cuda.syncthreads()",
    "while True:\n    i += 1",
    "for i in range(10**12):\n    out[0] = i", "del i", "import os", "raise ValueError",
    "i, t = t, i",
    "x = y = 1", "x: int = 3", "out = a", "global n", "assert i", "a[i] //= 0", "i **= i",
    "with a:\n    pass", "try:\n    pass\nfinally:\n    pass", "def inner():\n    return inner()",
    "while i:\n    while t:\n        i, t = t, a\n    else:\n        break",
    "for i in a:\n    pass",
    "match i:\n    case 1:\n        pass", "kernel(out, a, n)", "print(i)", "print('x', a)",
)  # fmt: skip
WORDS = "( ) [ ] : , . + - * ** // % << < == and or not if else for in while = += 0 1 i t a"


@dataclass(frozen=True)
class Seed:
    """A kernel that is launched as it stands, and the text that its file has beside kernels."""

    function: ast.FunctionDef
    head: str


def seeds() -> list[Seed]:
    """Return all kernels of `kernels` but those of factories."""
    found = []
    for file in sorted(KERNELS.glob("*.py")):
        body = ast.parse(file.read_text()).body
        kernels = [node for node in body if isinstance(node, ast.FunctionDef)]
        kernels = [node for node in kernels if node.args.args[0].arg == "out"]
        head = "".join(f"{ast.unparse(node)}\n" for node in body if node not in kernels)
        found += [Seed(node, head) for node in kernels]
    return found


def expression(rng: random.Random, root: ast.AST) -> None:
    """Put another expression, of the kernel or a strange one, in the place of one."""
    slots = [
        (node, name, place)
        for node in ast.walk(root)
        for name, value in ast.iter_fields(node)
        for place, item in enumerate(value if isinstance(value, list) else [value])
        if isinstance(item, ast.expr) and name not in ("decorator_list", "annotation")
    ]
    node, name, place = rng.choice(slots)
    others = [each for each in ast.walk(root) if isinstance(each, ast.expr)]
    chosen = rng.choice(others)
    new = copy.deepcopy(chosen)
    if rng.random() < 0.6:
        new = ast.parse(rng.choice(SPLICES), mode="eval").body
    _put(node, name, place, new)


def statement(rng: random.Random, root: ast.AST) -> None:
    """Take a statement away, write it twice, or put one between."""
    bodies = [
        value
        for node in ast.walk(root)
        for _, value in ast.iter_fields(node)
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt)
    ]
    body = rng.choice(bodies)
    place = rng.randrange(len(body))
    what = rng.random()
    if what < 0.25 and len(body) > 1:
        del body[place]
    elif what < 0.5:
        body.insert(rng.randrange(len(body) + 1), copy.deepcopy(rng.choice(rng.choice(bodies))))
    else:
        body[place:place] = ast.parse(rng.choice(STATEMENTS)).body


def operator(rng: random.Random, root: ast.AST) -> None:
    """Change an operator or a comparison."""
    for node in rng.sample(nodes := list(ast.walk(root)), len(nodes)):
        if isinstance(node, ast.BinOp | ast.AugAssign):
            node.op = rng.choice(list(ast.operator.__subclasses__()))()
            return
        if isinstance(node, ast.Compare):
            node.ops[0] = rng.choice(list(ast.cmpop.__subclasses__()))()
            return


def _put(node: ast.AST, name: str, place: int, new: ast.expr) -> None:
    value = getattr(node, name)
    if isinstance(value, list):
        value[place] = new
    else:
        setattr(node, name, new)


def token(rng: random.Random, text: str) -> str:
    """Take away, repeat, swap or replace tokens of a text."""
    lines = iter(text.splitlines(keepends=True))
    words = list(tokenize.generate_tokens(lambda: next(lines, "")))
    inner = [word for word in words if word.string.strip() and word.start[0] == word.end[0]]
    word, other = rng.choice(inner), rng.choice(inner)
    rows = text.splitlines(keepends=True)
    row, (start, end) = word.start[0] - 1, (word.start[1], word.end[1])
    new = rng.choice(["", f"{word.string} {word.string}", other.string, rng.choice(WORDS.split())])
    rows[row] = rows[row][:start] + new + rows[row][end:]
    return "".join(rows)


def mutated(rng: random.Random, function: ast.FunctionDef) -> str:
    """Return the text of `function` under the name of `kernel`, with one to four mutations."""
    root = copy.deepcopy(function)
    root.name = "kernel"
    for _ in range(rng.randint(1, 4)):
        rng.choice([expression, expression, statement, operator])(rng, root)
    try:
        text = ast.unparse(ast.fix_missing_locations(root))
        ast.parse(text)
    except (ValueError, TypeError, AttributeError, SyntaxError):  # no text says this
        root = copy.deepcopy(function)
        root.name = "kernel"
        text = ast.unparse(root)
    return token(rng, text) if rng.random() < 0.3 else text


def arguments(rng: random.Random, function: ast.FunctionDef) -> list[Any]:
    """Return something for each parameter, mostly of a fitting kind."""
    return [_argument(rng, each.arg, ast.unparse(function)) for each in function.args.args]


def _argument(rng: random.Random, name: str, text: str) -> Any:
    if name in ("n", "size", "dim"):
        return rng.choice([0, 1, 5, 8, 11, 2.5, -3, True])
    deep = next((k for k in (3, 2) if f"{name}[{', '.join('xyz'[:k])}]" in text), 1)
    deep = max(deep, 2 if f"{name}[i, " in text else 1, {"m": 2, "c": 3}.get(name, 1))
    shape = (rng.choice([1, 3, 8]),) * deep
    dtype = rng.choice(["float32", "float64", "int64", "int32", "bool", "uint8"])
    return np.ones(shape, dtype)


def try_one(number: int, folder: Path, kernels: list[Seed]) -> str:
    """Launch one mutant, and return how it went."""
    rng = random.Random(number)
    seed = rng.choice(kernels)
    function, head = seed.function, seed.head
    text = head + mutated(rng, function) + "\n"
    file = folder / "mutant.py"
    file.write_text(text)
    grid: Any = rng.choice([1, 2, (2, 2)])
    block: Any = rng.choice([1, 8, (4, 4), (2, 2, 2)])
    start = time.monotonic()
    try:
        trace = launch(f"{file}:kernel", grid, block, arguments(rng, function), limits=LIMITS)
        assert isinstance(trace, Trace)
        assert {finding.kind for finding in trace.findings} <= set(FINDING_KINDS)
        outcome = "ran"
    except SimtError as error:
        outcome = type(error).__name__
    except Exception as error:
        raise AssertionError(f"seed {number}: {error!r} of\n{text[len(head) :]}") from error
    assert time.monotonic() - start < PATIENCE_S, f"seed {number} took long:\n{text[len(head) :]}"
    return outcome


@pytest.fixture
def fuzz(tmp_path: Path) -> Callable[[range], set[str]]:
    """Launch a mutant for each seed, and return all that happened."""
    kernels = seeds()

    def go(numbers: range) -> set[str]:
        return {try_one(number, tmp_path, kernels) for number in numbers}

    return go


ALL = {"ran", "Unsupported", "KernelError", "ResolveError", "LimitExceeded"}


@pytest.mark.slow
def test_a_mutant_runs_or_is_refused(fuzz: Callable[[range], set[str]]) -> None:
    assert {"ran", "Unsupported", "KernelError"} <= fuzz(range(300)) <= ALL


@pytest.mark.long
@pytest.mark.timeout(900)
def test_thousands_of_mutants_run_or_are_refused(fuzz: Callable[[range], set[str]]) -> None:
    assert fuzz(range(1000, 6000)) == ALL
