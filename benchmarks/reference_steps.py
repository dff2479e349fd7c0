"""Time the reference's training steps against PyTorch's, its imports and its compilation.

    python benchmarks/reference_steps.py [--quick] [--json FILE]

Both sides train the same networks from the same parameters on the same batches, in float64
and with two threads, in turn, each in a process of its own (`turns.py` says why); losses
without dropout are compared first.
Compilation is timed in processes of its own: with nothing kept, and with the kernels that a
process before it has kept. Without PyTorch (`pip install torch`) only imports and
compilation are timed.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tables import finish
from turns import Call, Ours, Theirs, in_turn

REFERENCE = Path(__file__).parents[1] / "reference"
THREADS = "2"


def main() -> int:
    """Measure, print a table, and return 1 if a gate is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer turns")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--first-step", type=Path, metavar="CACHE", help=argparse.SUPPRESS)
    wish = parser.parse_args()
    for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = THREADS  # before they are imported
    sys.path[:0] = [str(REFERENCE), str(REFERENCE / "project")]
    if wish.first_step:
        print(first_step(wish.first_step))
        return 0
    rows = [*start_up(3 if wish.quick else 7), *compilation()]
    if importlib.util.find_spec("torch") is None:
        print("PyTorch is not installed: its rows are left out (`pip install torch==2.13.0`)\n")
    else:
        rows = [*training(5 if wish.quick else 21), *rows]
    return finish(rows, wish.json)


def training(turns: int) -> list[dict[str, Any]]:
    """Return the rows of both networks."""
    rows = []
    for name, (ours, theirs) in {
        "training step of the course's MNIST network, batch 16": mnist(),
        "training step of Kim's network, 32 maps, batch 10": kim(),
    }.items():
        our_s, their_s = in_turn(ours, theirs, turns)
        rows.append(
            {
                "work": name,
                "ours_s": our_s,
                "theirs_s": their_s,
                "ratio": our_s / their_s,
                "must": "≤ 3 times PyTorch's time",
                "aim": "≤ 1",
                "ok": our_s / their_s <= 3,
            }
        )
    return rows


def mnist() -> tuple[Ours, Theirs]:
    """Return the sides of a step of the course's network on digits."""
    rng = np.random.default_rng(1)
    images, labels = rng.integers(0, 256, (16, 28, 28)), rng.integers(0, 10, 16)

    def ours() -> tuple[Call, Any]:
        script, corpora = (importlib.import_module(n) for n in ("run_mnist_multiclass", "corpora"))
        trainer = script.ImageTrain()
        batch = corpora.Digits(images, labels)
        return our_step(trainer.model, lambda: trainer.loss(batch), rate=1e-4)

    def theirs(said: Any) -> Call:
        torch = importlib.import_module("torch")
        functional = torch.nn.functional
        x = torch.tensor(images[:, None], dtype=torch.float64)
        y = torch.tensor(labels)

        def loss(p: dict[str, Any], *, training: bool) -> Any:
            hidden = functional.pad(x, (0, 2, 0, 2))
            hidden = (functional.conv2d(hidden, p["conv1.weights"]) + p["conv1.bias"]).relu()
            hidden = functional.pad(hidden, (0, 2, 0, 2))
            hidden = (functional.conv2d(hidden, p["conv2.weights"]) + p["conv2.bias"]).relu()
            flat = functional.avg_pool2d(hidden, 4).reshape(16, 392)
            hidden = (flat @ p["linear1.weights"] + p["linear1.bias"]).relu()
            hidden = functional.dropout(hidden, 0.25, training)
            scores = hidden @ p["linear2.weights"] + p["linear2.bias"]
            return functional.nll_loss(functional.log_softmax(scores, 1), y)

        return their_step(said, loss, rate=1e-4)

    return ours, theirs


def kim() -> tuple[Ours, Theirs]:
    """Return the sides of a step of Kim's network on sentences of 24 words."""
    rng = np.random.default_rng(2)
    words, labels = rng.normal(size=(10, 24, 50)), np.arange(10) % 2.0

    def ours() -> tuple[Call, Any]:
        script, minitorch = (importlib.import_module(n) for n in ("run_sentiment", "minitorch"))
        model = script.CNNSentimentKim(feature_map_size=32)

        def loss() -> Any:
            out = model.forward(minitorch.tensor(words, backend=script.BACKEND))
            right = minitorch.tensor(labels, backend=script.BACKEND)
            return -((out * right + (1.0 - out) * (1.0 - right)).log()).sum() / 10

        return our_step(model, loss, rate=0.05)

    def theirs(said: Any) -> Call:
        torch = importlib.import_module("torch")
        functional = torch.nn.functional
        x, y = torch.tensor(words), torch.tensor(labels)

        def loss(p: dict[str, Any], *, training: bool) -> Any:
            total: Any = 0.0
            for conv, width in (("conv1", 3), ("conv2", 4), ("conv3", 5)):
                padded = functional.pad(x.permute(0, 2, 1), (0, width - 1))
                maps = functional.conv1d(padded, p[f"{conv}.weights"]) + p[f"{conv}.bias"]
                total = total + maps.relu().amax(2)
            logit = total @ p["linear.weights"] + p["linear.bias"]
            sure = functional.dropout(logit, 0.25, training).sigmoid().view(10)
            return -(sure * y + (1 - sure) * (1 - y) + 1e-6).log().sum() / 10

        return their_step(said, loss, rate=0.05)

    return ours, theirs


def our_step(model: Any, loss: Callable[[], Any], *, rate: float) -> tuple[Call, Any]:
    """Return a step of ours, and its parameters and loss before the first."""
    model.eval()
    said = model.state_dict(), loss().item()
    model.train()
    optim = importlib.import_module("minitorch").SGD(model.parameters(), rate)

    def step() -> None:
        optim.zero_grad()
        found = loss()
        found.backward()
        optim.step()
        found.item()

    return step, said


def their_step(said: Any, loss: Callable[..., Any], *, rate: float) -> Call:
    """Return a step of PyTorch's from our parameters.

    Args:
        said: our parameters by name, and our loss.
        loss: computes PyTorch's from its parameters by our names.
        rate: the learning rate.
    """
    torch = importlib.import_module("torch")
    torch.set_num_threads(int(THREADS))
    state, mine = said
    params = {name: torch.tensor(value, requires_grad=True) for name, value in state.items()}
    other = loss(params, training=False).item()
    assert abs(mine - other) <= 1e-5 * (1 + abs(other)), (mine, other)

    def step() -> None:
        for param in params.values():
            param.grad = None
        found = loss(params, training=True)
        found.backward()
        with torch.no_grad():
            for param in params.values():
                param.sub_(rate * param.grad)
        found.item()

    return step


def start_up(rounds: int) -> list[dict[str, Any]]:
    """Return the row of `import minitorch`, beside what it needs from others."""
    times = [
        (_imported("minitorch"), _imported("numpy, numba, numba.cuda")) for _ in range(rounds + 1)
    ][1:]
    our_s, their_s = (statistics.median(column) for column in zip(*times, strict=True))
    return [
        {
            "work": "import minitorch, beside numpy, numba and numba.cuda",
            "ours_s": our_s,
            "theirs_s": their_s,
            "ratio": our_s / their_s,
            "must": "≤ 0.3 s more",
            "aim": None,
            "ok": our_s - their_s <= 0.3,
        }
    ]


def _imported(names: str) -> float:
    code = f"import time; t = time.perf_counter(); import {names}; print(time.perf_counter() - t)"
    return float(_answer("-c", code))


def compilation() -> list[dict[str, Any]]:
    """Return the rows of a first MNIST step: with nothing kept, and with its kernels kept."""
    with tempfile.TemporaryDirectory() as folder:
        cold, warm = (float(_answer(__file__, "--first-step", folder)) for _ in range(2))
    limits = {"nothing kept": (cold, 15.0), "kernels kept": (warm, 2.0)}
    return [
        {
            "work": f"first MNIST step of a process, {state}",
            "ours_s": seconds,
            "theirs_s": 0.0,
            "ratio": seconds / limit_s,
            "must": f"≤ {limit_s:.0f} s",
            "aim": None,
            "ok": seconds <= limit_s,
        }
        for state, (seconds, limit_s) in limits.items()
    ]


def first_step(cache: Path) -> float:
    """Return the seconds of the first training step of this process."""
    from minigrade.kernel_cache import use

    with use(cache, writable=True):
        random.seed(1)
        script, corpora = (importlib.import_module(n) for n in ("run_mnist_multiclass", "corpora"))
        rng = np.random.default_rng(1)
        batch = corpora.Digits(rng.integers(0, 256, (16, 28, 28)), rng.integers(0, 10, 16))
        minitorch = importlib.import_module("minitorch")
        started = time.perf_counter()
        trainer = script.ImageTrain()
        optim = minitorch.SGD(trainer.model.parameters(), 1e-4)
        trainer.loss(batch).backward()
        optim.step()
        return time.perf_counter() - started


def _answer(*arguments: str | Path) -> str:
    command: Sequence[str | Path] = [sys.executable, *arguments]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, _search_path()))}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def _search_path() -> list[Path | str]:
    before = os.environ.get("PYTHONPATH", "")
    return [REFERENCE, *([before] if before else [])]


if __name__ == "__main__":
    sys.exit(main())
