"""Task 4.7, extra credit: keep what was learned.

Who likes writes two methods of ``Module`` in ``minitorch/module.py``. ``state_dict()``
returns the numbers of all parameters by their names, as NumPy arrays that
``numpy.savez`` can write to a file. ``load_state_dict(state)`` puts them back into a module
with the same parameters, which go on learning. A state is a copy: what is learned later
does not change it. What is not there is not asked, and costs nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrade import Case, Minitorch, Task, property_check
from minigrade.authoring.tensors import Bytes, Cases, drawn, steps
from minigrade.probing import gradient, tensor, values

from .oracles import arranged

TASK = Task(
    "4.7",
    title="Checkpoints",
    points=5,
    files=("minitorch/module.py",),
    extra_credit=True,
)

NAMES = ("weights", "bias", "scale", "offset")


def models() -> Cases:
    """Draw two sets of numbers, ``first`` and ``second``, for one to four parameters each."""

    def make(source: Bytes) -> dict[str, Any]:
        names = NAMES[: 1 + source.below(len(NAMES))]
        shapes = {name: source.shape(1, 3, 12) for name in names}
        return {
            when: {name: source.numbers(shapes[name], steps(-10, 10)) for name in names}
            for when in ("first", "second")
        }

    return drawn(make, 28)


def built(mt: Minitorch, numbers: dict[str, np.ndarray]) -> Any:
    """Return a module with a parameter for each array; all but the first are in a child's child.

    They lie in memory the other way round, as what was permuted does.
    """
    root, child, last = mt.Module(), mt.Module(), mt.Module()
    root.child, child.last = child, last
    for number, (name, array) in enumerate(numbers.items()):
        turned = tensor(mt, array, list(range(array.ndim))[::-1])
        setattr(last if number else root, name, mt.Parameter(turned))
    return root


def named(numbers: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return arrays by the names that the parameters of such a module have."""
    return {
        f"child.last.{name}" if number else name: array
        for number, (name, array) in enumerate(numbers.items())
    }


def expect_restored(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return what the probe's steps give."""
    return {
        "state": named(first),
        "state later": named(first),
        "loaded": list(named(first).values()),
        "next state": named(second),
        "grads": [2 * array for array in first.values()],
    }


@property_check(
    cases=models(),
    examples=(
        Case(
            first={"weights": arranged(2, 3), "bias": arranged(3)},
            second={"weights": -arranged(2, 3), "bias": -arranged(3)},
        ),
    ),
    expect=expect_restored,
    count=40,
    jit=False,
)
def keeps_what_was_learned(
    mt: Minitorch, first: dict[str, np.ndarray], second: dict[str, np.ndarray]
) -> Any:
    """`state_dict` keeps the numbers of all parameters, and `load_state_dict` brings them back."""
    save, load = mt.Module.state_dict, mt.Module.load_state_dict
    old, new = built(mt, first), built(mt, second)
    state = save(old)
    found = {name: np.array(array) for name, array in state.items()}
    for parameter, array in zip(old.parameters(), second.values(), strict=True):
        parameter.update(tensor(mt, array))
    load(new, state)
    parameters = [parameter.value for parameter in new.parameters()]
    for parameter in parameters:
        (parameter * parameter).sum().backward()
    return {
        "state": found,
        "state later": {name: np.array(array) for name, array in state.items()},
        "loaded": [values(parameter) for parameter in parameters],
        "next state": {name: np.array(array) for name, array in save(old).items()},
        "grads": [gradient(parameter) for parameter in parameters],
    }
