"""Is it dropout? A judge of what comes out at random.

It works with whatever random numbers a student draws, so it bounds how many were kept. The
bound errs on a right answer less than once in 10**12 times.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrade.authoring.judging import Mismatch, close
from minigrade.authoring.tensors import Bytes, Cases, drawn

_RATES = (0.5, 0.25, 0.1, 0.75, 0.9)
_ONE_IN = 1e12


def dropouts() -> Cases:
    """Draw a ``shape``, a ``rate`` and a ``seed`` for the random numbers."""

    def make(source: Bytes) -> dict[str, Any]:
        rate = _RATES[source.below(len(_RATES))]
        shape = [30 + source.below(10), 40 - source.below(10)]
        return {"shape": shape, "rate": rate, "seed": source.below(256)}

    return drawn(make)


def most_off(count: int) -> float:
    """Return how far the part that is kept of `count` numbers may lie off.

    Source: Hoeffding's inequality, P(off >= t) <= 2 exp(-2 n t**2).
    """
    return math.sqrt(math.log(2 * _ONE_IN) / (2 * count))


def judge_dropout(expected: Any, observed: Any) -> Mismatch | None:
    """Return the first thing that is not as dropout has it, or None.

    Args:
        expected: the numbers, and the rate.
        observed: what two calls gave; the derivative through the first, from twice the
            numbers; what came with a rate of 0, and where it was to be ignored.
    """
    numbers, rate = expected["numbers"], expected["rate"]
    results = observed.get("results") if isinstance(observed, dict) else None
    kept = [_kept(result, numbers) for result in results] if isinstance(results, list) else []
    scales = _scales(results, kept, rate)
    masks = [mask * scale for mask, scale in zip(kept, scales, strict=True)]
    exactly = {
        "results": [numbers * mask for mask in masks],
        "grad": 2 * numbers * masks[0] if masks else numbers,
        "at a rate of 0": numbers,
        "ignored": numbers,
        "input": numbers,
    }
    return close()(exactly, observed) or _amiss(kept, rate)


def _kept(result: Any, numbers: np.ndarray) -> np.ndarray:
    """Return where a result has kept a number."""
    if isinstance(result, np.ndarray) and result.shape == numbers.shape:
        return np.asarray(result != 0)
    return np.ones(numbers.shape, bool)  # it is not a result; that will be said


def _scales(results: Any, kept: list[np.ndarray], rate: float) -> list[float]:
    """Return what kept numbers are multiplied by: 1, or 1 / (1 - rate) if the first one is."""
    scaled = 1 / (1 - rate)
    first = results[0] if kept else None
    if isinstance(first, np.ndarray) and first.shape == kept[0].shape and first.any():
        number = np.flatnonzero(first)[0]
        factor = first.flat[number] * 4 / (1 + number)
        if abs(factor - scaled) < abs(factor - 1):
            return [scaled] * len(kept)
    return [1.0] * len(kept)


def _amiss(kept: list[np.ndarray], rate: float) -> Mismatch | None:
    """Return what is amiss with the choice of numbers to keep."""
    first, second = kept
    bound = most_off(first.size)
    for mask in kept:
        share = 1 - mask.mean()
        if abs(share - rate) > bound:
            message = f"of {mask.size} numbers, {share:.0%} became 0; expected about {rate:.0%}"
            return Mismatch("wrong_share", message)
    if (first == second).all():
        return Mismatch("not_random", "two calls dropped the same numbers; expected others")
    if (first == first[:1]).all() or (first == first[:, :1]).all():
        message = "whole rows or columns were dropped; expected to draw for each number"
        return Mismatch("not_random", message)
    return None
