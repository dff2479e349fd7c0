"""Task 4.7, extra credit: keep what was learned.

Write, if you like, two methods of ``Module`` in ``minitorch/module.py``. ``state_dict()``
returns a dict with the numbers of each parameter by its name, as in ``named_parameters``: a
NumPy array of the parameter's shape, so that ``numpy.savez`` can write all to a file.
``load_state_dict(state)`` puts them back into a module with the same parameters, in whatever
order, and these go on learning. A state is a copy: what is learned later does not change it. A
state with other names or shapes than the module's is refused with an exception, whichever, and
changes nothing: a model that is half loaded looks like a model that learned badly. What is not
there is not asked, and costs nothing.
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
    hidden_points=2,
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


EXAMPLE = Case(
    first={"weights": arranged(2, 3), "bias": arranged(3)},
    second={"weights": -arranged(2, 3), "bias": -arranged(3)},
)


@property_check(
    cases=models(), examples=(EXAMPLE,), expect=expect_restored, count=40, weight=3, jit=False
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


def expect_refused(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return that three states are refused, and that the fourth is loaded."""
    return {
        "refused": ["a name too many", "a name too few", "a number too many"],
        "kept": list(first.values()),
        "loaded": list(second.values()),
    }


@property_check(cases=models(), examples=(EXAMPLE,), expect=expect_refused, count=20, jit=False)
def refuses_other_states(
    mt: Minitorch, first: dict[str, np.ndarray], second: dict[str, np.ndarray]
) -> Any:
    """`load_state_dict` raises for a state of other parameters, and changes nothing then."""
    module, state = built(mt, first), mt.Module.state_dict(built(mt, second))
    last = list(state)[-1]
    others = {
        "a name too many": {**state, "child.other": state[last]},
        "a name too few": {name: state[name] for name in state if name != last},
        "a number too many": {**state, last: np.append(state[last], 0.0)},
    }
    refused = []
    for what, other in others.items():
        try:
            mt.Module.load_state_dict(module, other)
        except Exception:
            refused.append(what)
    kept = [values(parameter.value) for parameter in module.parameters()]
    mt.Module.load_state_dict(module, state)
    loaded = [values(parameter.value) for parameter in module.parameters()]
    return {"refused": refused, "kept": kept, "loaded": loaded}
