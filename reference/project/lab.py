"""What the training scripts share: a progress bar, a log, learning curves, checkpoints.

Nothing here belongs to a task, and nothing here computes with tensors.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import minitorch
import numpy as np

_Item = TypeVar("_Item")
_BAR_WIDTH = 30


def progress(items: Sequence[_Item], label: str) -> Iterator[_Item]:
    """Yield `items`, and show on a terminal how many are done and how long the rest takes."""
    shown = sys.stderr.isatty()
    start_s = time.perf_counter()
    for done, item in enumerate(items):
        if shown:
            passed_s = time.perf_counter() - start_s
            left_s = passed_s / done * (len(items) - done) if done else 0.0
            bar = "#" * (_BAR_WIDTH * done // len(items))
            sys.stderr.write(
                f"\r{label} [{bar:<{_BAR_WIDTH}}] {done}/{len(items)}, {left_s:.0f} s left "
            )
            sys.stderr.flush()
        yield item
    if shown:
        sys.stderr.write("\r" + " " * (len(label) + _BAR_WIDTH + 40) + "\r")


@dataclass
class Run:
    """A training as far as it has come: enough to go on with it, and to draw it.

    Attributes:
        epoch: how many epochs are done.
        curves: for each name, such as ``"loss"``, one number an epoch.
    """

    epoch: int = 0
    curves: dict[str, list[float]] = field(default_factory=dict)

    def record(self, **values: float) -> None:
        """End an epoch, with a number for each curve."""
        self.epoch += 1
        for name, value in values.items():
            self.curves.setdefault(name, []).append(value)

    def save(self, path: Path, model: minitorch.Module) -> None:
        """Write the parameters of `model`, this run and the state of `random` to an npz file.

        The file is replaced at once, so that an interruption leaves the old or the new one.
        """
        arrays = {f"parameter:{name}": value for name, value in model.state_dict().items()}
        arrays |= {f"curve:{name}": np.array(values) for name, values in self.curves.items()}
        version, state, gauss = random.getstate()
        arrays["random"] = np.array([version, *state], np.int64)
        arrays["gauss"] = np.array(np.nan if gauss is None else gauss)
        arrays["epoch"] = np.array(self.epoch)
        part = path.with_name(path.name + ".part")
        with part.open("wb") as file:
            np.savez_compressed(file, **arrays)
        part.replace(path)

    @classmethod
    def resume(cls, path: Path, model: minitorch.Module) -> Run:
        """Read what `save` wrote, into `model` and into `random`.

        Raises:
            SystemExit: the file does not fit the model, or is no checkpoint.
        """
        try:
            with np.load(path, allow_pickle=False) as arrays:
                parts = {name: arrays[name] for name in arrays.files}
            model.load_state_dict(_named("parameter:", parts))
            version, *state = parts["random"].tolist()
            gauss = float(parts["gauss"])
            random.setstate((version, tuple(state), None if np.isnan(gauss) else gauss))
            curves = {name: list(map(float, c)) for name, c in _named("curve:", parts).items()}
            return cls(int(parts["epoch"]), curves)
        except (OSError, KeyError, ValueError) as error:
            raise SystemExit(f"{path}: cannot go on from this checkpoint: {error}") from None


def _named(prefix: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }


def add_flags(parser: argparse.ArgumentParser, *, rate: float, epochs: int, batch: int) -> None:
    """Add the flags of every script that trains on batches, with their defaults."""
    parser.add_argument("--RATE", type=float, default=rate, help=f"learning rate ({rate})")
    parser.add_argument("--EPOCHS", type=int, default=epochs, help=f"epochs in all ({epochs})")
    parser.add_argument("--BATCH", type=int, default=batch, help=f"samples a step ({batch})")
    parser.add_argument("--SEED", type=int, help="draw the same weights and masks again")
    parser.add_argument("--CURVE", type=Path, help="draw the learning curves into this SVG file")
    parser.add_argument(
        "--CHECKPOINT", type=Path, help="save to this npz file after each epoch; go on if it exists"
    )


def begin(args: argparse.Namespace, model: minitorch.Module) -> Run:
    """Return a new run of `model`, or the one in the checkpoint that the flags name."""
    if args.CHECKPOINT and args.CHECKPOINT.exists():
        run = Run.resume(args.CHECKPOINT, model)
        print(f"Going on after epoch {run.epoch} from {args.CHECKPOINT}")
        return run
    return Run()


def end_epoch(args: argparse.Namespace, model: minitorch.Module, run: Run) -> None:
    """Save what the flags ask for."""
    if args.CHECKPOINT:
        run.save(args.CHECKPOINT, model)
    if args.CURVE:
        args.CURVE.write_text(draw(run.curves), encoding="utf-8")


_WIDTH, _HEIGHT, _MARGIN = 640, 200, 44


def draw(curves: dict[str, list[float]]) -> str:
    """Return an SVG picture with one panel for each curve, on top of each other."""
    panels = "".join(
        f'<g transform="translate(0 {row * _HEIGHT})">{_panel(name, values)}</g>\n'
        for row, (name, values) in enumerate(curves.items())
    )
    size = f'width="{_WIDTH}" height="{_HEIGHT * len(curves)}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="sans-serif" '
        f'font-size="12"><title>Learning curves</title>\n'
        f'<rect width="100%" height="100%" fill="white"/>\n{panels}</svg>\n'
    )


def _panel(name: str, values: Sequence[float]) -> str:
    """Draw one curve: its points, its name, and the ends of both axes."""
    finite = [value for value in values if np.isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    span, steps = (high - low) or 1.0, max(1, len(values) - 1)
    right, bottom = _WIDTH - _MARGIN, _HEIGHT - _MARGIN
    points = " ".join(
        f"{_MARGIN + (right - _MARGIN) * i / steps:.1f},"
        f"{bottom - (bottom - _MARGIN) * (value - low) / span:.1f}"
        for i, value in enumerate(values)
        if np.isfinite(value)
    )
    last = values[-1] if values else 0.0
    return (
        f'<text x="{_MARGIN}" y="24" font-weight="bold">{name}: {last:.4g}</text>'
        f'<path d="M{_MARGIN} {_MARGIN}V{bottom}H{right}" fill="none" stroke="#888"/>'
        f'<text x="{_MARGIN - 4}" y="{_MARGIN + 4}" text-anchor="end">{high:.3g}</text>'
        f'<text x="{_MARGIN - 4}" y="{bottom}" text-anchor="end">{low:.3g}</text>'
        f'<text x="{right}" y="{bottom + 16}" text-anchor="end">epoch {len(values)}</text>'
        f'<polyline points="{points}" fill="none" stroke="#1f5fbf" stroke-width="2"/>'
    )
