"""Time the reference's Scalars against micrograd's values, in the same run.

    python benchmarks/scalars.py [--quick] [--json FILE]

Both compute the same network of about 10,000 nodes, forward and backward, each in a
process of its own, in turn, and the medians are compared; seconds are the process's own,
without those of others that ran meanwhile. The garbage collector runs as it comes, since a
graph's garbage belongs to its price; so each turn takes the mean of some graphs. In one row
it runs once a graph, at its end, and nothing is required. Derivatives are compared first.

micrograd must be installed (`pip install micrograd`). No more of the reference is loaded
than Scalars need.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import importlib.util
import itertools
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from tables import finish

REFERENCE = Path(__file__).parents[1] / "reference"
SIZES = (8, 40, 40, 32, 1)  # units a layer: 9,930 nodes, of which 3,273 are leaves
GRAPHS = 5  # a turn
MUST, AIM = 1.0, 0.5
WORKS = {
    "fresh": "leaves and all",
    "step": "on leaves that stay",
    "collected": "leaves and all, garbage collected at the end only",
}
GATES = ("fresh", "step")
Layer = tuple[list[list[Any]], list[Any]]
"""Weights, a list for each unit, and biases."""


def main() -> int:
    """Measure, print a table, and return 1 if a gate is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer turns")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--side", choices=("ours", "theirs"), help=argparse.SUPPRESS)
    wish = parser.parse_args()
    if wish.side:
        serve(our_scalar() if wish.side == "ours" else their_value())
        return 0
    if importlib.util.find_spec("micrograd") is None:
        print(f"micrograd is not installed for {sys.executable}; `pip install micrograd` first")
        return 2
    rows = measure(7 if wish.quick else 21)
    return finish(rows, wish.json)


def measure(rounds: int) -> list[dict[str, Any]]:
    """Return the rows: a graph made anew with its leaves, and a step on leaves that stay."""
    with _Side("ours") as ours, _Side("theirs") as theirs:
        check(ours.ask("derivatives"), theirs.ask("derivatives"))
        return [compare(ours, theirs, work, rounds) for work in WORKS]


def compare(ours: _Side, theirs: _Side, work: str, rounds: int) -> dict[str, Any]:
    """Return the row of one sort of work."""
    for side in (ours, theirs):
        side.ask(work)
    times = [(ours.ask(work), theirs.ask(work)) for _ in range(rounds)]
    our_s, their_s = (statistics.median(column) for column in zip(*times, strict=True))
    return {
        "work": f"Scalar graph of {nodes():,} nodes, {WORKS[work]}, forward and backward",
        "ours_s": our_s,
        "theirs_s": their_s,
        "ratio": our_s / their_s,
        "must": f"≤ {MUST} times its time" if work in GATES else "-",
        "aim": f"≤ {AIM}" if work in GATES else None,
        "ok": our_s / their_s <= MUST or work not in GATES,
    }


def nodes() -> int:
    """Return how many nodes the graph has: leaves, products, sums and units' results."""
    pairs = list(itertools.pairwise(SIZES))
    leaves = SIZES[0] + sum(a * b + b for a, b in pairs)
    return leaves + sum(2 * a * b + b for a, b in pairs)


def check(ours: list[float], theirs: list[float]) -> None:
    """Stop if the derivatives differ: then something else is timed."""
    assert len(ours) == len(theirs) > 0
    assert any(ours)
    assert all(abs(a - b) <= 1e-9 * (1 + abs(b)) for a, b in zip(ours, theirs, strict=True))


class _Side:
    """A process that does the work named on a line, and answers with its figures."""

    def __init__(self, name: str) -> None:
        self._command = [sys.executable, __file__, "--side", name]

    def __enter__(self) -> _Side:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, text=True)
        return self

    def ask(self, work: str) -> Any:
        """Return the answer to one line."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{work}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a side of the benchmark ended before its answer")
        return json.loads(line)

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def serve(make: Callable[[float], Any]) -> None:
    """Answer with seconds, or with the leaves' derivatives, to what stands on a line."""
    sys.setrecursionlimit(20 * sum(SIZES) * max(SIZES))  # micrograd goes back by recursion
    layers = network(make)
    for line in sys.stdin:
        if line == "derivatives\n":
            run(layers, make)
            answer: Any = derivatives(layers)
        else:
            answer = statistics.fmean(timed(line.strip(), layers, make) for _ in range(GRAPHS))
        print(json.dumps(answer), flush=True)


def timed(work: str, layers: list[Layer], make: Callable[[float], Any]) -> float:
    """Return the seconds that one graph takes."""
    if work == "collected":
        gc.disable()
    started = time.process_time()
    run(layers if work == "step" else network(make), make)
    if work == "collected":
        gc.collect()
    seconds = time.process_time() - started
    gc.enable()
    return seconds


def network(make: Callable[[float], Any]) -> list[Layer]:
    """Return the layers of a network, of numbers that differ."""
    return [
        (
            [[make(((7 * i + 3 * j + a) % 11 - 5) / (3 * a)) for i in range(a)] for j in range(b)],
            [make(0.1 + j / 100) for j in range(b)],
        )
        for a, b in itertools.pairwise(SIZES)
    ]


def run(layers: list[Layer], make: Callable[[float], Any]) -> None:
    """Go forward through a network, and back, and let go of all that was computed."""
    values = [make(i / SIZES[0]) for i in range(SIZES[0])]
    for weights, biases in layers:
        results = []
        for row, bias in zip(weights, biases, strict=True):
            total = bias
            for weight, value in zip(row, values, strict=True):
                total = total + weight * value
            results.append(total.relu())
        values = results
    values[0].backward()


def derivatives(layers: list[Layer]) -> list[float]:
    """Return the derivatives that a run has left in the leaves, by either side's name."""
    leaves = [leaf for weights, biases in layers for row in (*weights, biases) for leaf in row]
    return [leaf.grad if hasattr(leaf, "grad") else leaf.derivative for leaf in leaves]


def our_scalar() -> Callable[[float], Any]:
    """Return the reference's Scalar, without loading its tensors and their numba."""
    package = ModuleType("minitorch")
    package.__path__ = [str(REFERENCE / "minitorch")]
    sys.modules["minitorch"] = package
    scalar: Callable[[float], Any] = importlib.import_module("minitorch.scalar").Scalar
    return scalar


def their_value() -> Callable[[float], Any]:
    """Return micrograd's Value."""
    value: Callable[[float], Any] = importlib.import_module("micrograd.engine").Value
    return value


if __name__ == "__main__":
    sys.exit(main())
