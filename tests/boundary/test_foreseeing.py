"""Calls that were made before are asked for ahead; answers are those of the implementation."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from minigrade.boundary.foreseeing import Foreseen, Key


def run(foreseen: Foreseen, arguments: list[int], answer: Callable[[int], int]) -> list[list[int]]:
    """Make calls as a tester does; return what was asked for at once, each time."""
    known: dict[Key, int] = {}
    asked: list[list[int]] = []
    foreseen.begin("a run")
    for n in arguments:
        key = ("f", repr(n))
        if key not in known:
            calls = foreseen.after(key, known) or {key: ("f", [n])}
            known.update({one: answer(args[0]) for one, (_, args) in calls.items()})
            asked.append([args[0] for _, args in calls.values()])
        foreseen.made(key, ("f", [n]))
        assert known[key] == answer(n)
    foreseen.end()
    return asked


@given(
    st.lists(st.lists(st.integers(0, 30), max_size=60), min_size=2, max_size=4),
    st.integers(1, 5),
)
def test_each_call_is_asked_for_once(runs: list[list[int]], factor: int) -> None:
    foreseen = Foreseen()
    for number, arguments in enumerate(runs):
        asked = run(foreseen, arguments, lambda n, number=number: n * factor + number)
        flat = [n for group in asked for n in group]
        assert len(flat) == len(set(flat))
        assert set(arguments) <= set(flat)
        assert set(flat) <= {n for past in runs[: number + 1] for n in past}


def test_the_same_run_asks_in_few_messages() -> None:
    foreseen = Foreseen()
    everything = list(range(1_000))
    assert len(run(foreseen, everything, abs)) == 1_000
    assert len(run(foreseen, everything, abs)) < 25
    assert run(foreseen, everything[:2], abs) == [[0], [1, 2]]  # little in vain
    assert len(run(foreseen, everything, abs)) < 25  # the longest run is the one that is kept
