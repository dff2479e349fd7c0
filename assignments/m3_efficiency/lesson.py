"""What task 3.5 teaches: 32 hidden units, where they start, and batches of 100 points."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np

from minigrade import Lesson

from ..m2_tensors.lesson import lesson, replay

WIDTH = 32
POINTS_A_STEP = 100
STEPS = {"Simple": 15, "Split": 40, "Xor": 20}
RATE = 1.5

# Of what Python's generator makes, the parameters of this seed learn whatever the points: 3,000
# replays of each data set, with other points every time, told all of 200 new points apart.
START_SEED = 170


def start(width: int = WIDTH) -> dict[str, np.ndarray]:
    """Return the parameters to start from, or such for another `width`."""
    chance = random.Random(START_SEED)  # noqa: S311  (the same numbers in every Python)

    def draw(bound: float, *shape: int) -> np.ndarray:
        numbers = [chance.uniform(-bound, bound) for _ in range(math.prod(shape))]
        return np.array(numbers).reshape(shape)

    bound = math.sqrt(6 / width)
    return {
        "layer1.weights": draw(4, 2, width),
        "layer1.bias": draw(2, width),
        "layer2.weights": draw(bound, width, width),
        "layer2.bias": np.zeros(width),
        "layer3.weights": draw(bound, width, 1),
        "layer3.bias": np.zeros(1),
    }


def set_up(name: str, rng: np.random.Generator) -> Lesson:
    """Draw the points of all steps, and 200 more to examine what was learned."""
    return lesson(name, rng, start(), (STEPS[name], POINTS_A_STEP), RATE)


def expect_step(
    params: dict[str, np.ndarray], points: np.ndarray, labels: np.ndarray, rate: float
) -> dict[str, Any]:
    """Return the loss before one step of SGD, and the parameters after it."""
    found = replay("", params, points[None], labels[None], rate)
    return {"losses": found["losses"], "params": found["params"]}
