"""The rule that the outermost loop of a function runs through `numba.prange`.

In each of its branches: see `minigrade.boundary.branches`. What iterations share and write is
seen when they run: see `minigrade.racing`.
"""

from __future__ import annotations

from collections.abc import Iterator

from minigrade.boundary.graph import Finding, Graph, covered, finding
from minigrade.boundary.names import Text


def serial_loops(graph: Graph, function: str) -> Iterator[Finding]:
    """Yield a finding for each written definition of `function` that loops on one core only."""
    for name in graph.named([function]):
        if not _is_written(graph, name):
            continue
        calls = [(text, event) for text, event in graph.reach([name]) if event.kind == "use"]
        lines = {
            (text.path, event.line)
            for text, event in calls
            if event.called and any(covered(one, ["numba.prange"]) for one in event.names)
        }
        outermost = {(text.path, event.line) for text, event in calls if event.line in text.loops}
        if outermost & lines:
            yield from _partly(graph, name)
        elif lines:
            path, line = min(lines)
            message = (
                f"`{function}` has a loop through `prange` inside of another loop, "
                "which is not parallel"
            )
            yield finding(_text(graph, path), line, "parallel", name, message)
        else:
            definition = _defined(graph, name)
            home = next(one for one in graph.texts if definition in one.definitions)
            line, message = graph.definitions[definition].line, "has no loop through `prange`"
            yield finding(home, line, "parallel", definition, f"`{function}` {message}")


def _partly(graph: Graph, name: str) -> Iterator[Finding]:
    """Yield a finding for each branch that loops over all of the output on one core."""
    functions = {one.owner for text in graph.texts for one in text.serial}
    branches = {(one.owner, one.number): (text, one) for text in graph.texts for one in text.serial}
    pending, seen = [(name, 0)], set()
    while pending:
        place = name, number = pending.pop()
        if place in seen or name not in graph.definitions:
            continue
        seen.add(place)
        other_names = list(graph.definitions[name].stands_for)
        if name not in functions:
            other_names += [used for _, event in graph.of(name) for used in event.names]
        pending += [(one, number) for one in graph.used(other_names)]
        if place not in branches:
            continue
        text, branch = branches[place]
        for line in branch.loops:
            message = (
                "this branch loops over the output on one core; a loop through `prange` is "
                "needed in each branch, other than one for small tensors"
            )
            yield finding(text, line, "parallel", name, message)
        for _, event in graph.of(name):
            used = graph.used(event.names)
            pending += [(one, 0) for one in used if one.startswith(f"{name}.")]
            called = [as_what for line, as_what in branch.calls if line == event.line]
            pending += [(one, as_what) for one in used for as_what in called if event.called]


def _is_written(graph: Graph, name: str) -> bool:
    """Tell whether a function, or what it is another name of, is more than a stub.

    One that makes functions is as much as they are.
    """
    name = _defined(graph, name)
    functions = {one.owner for text in graph.texts for one in text.serial}
    inside = [one for one in functions if one.startswith(f"{name}.")]
    return any(graph.definitions[one].written for one in inside or [name])


def _defined(graph: Graph, name: str) -> str:
    """Return the function that `name` is another name of, as a kernel is of its text."""
    functions = {one.owner for text in graph.texts for one in text.serial}
    seen: set[str] = set()
    while name not in functions and name not in seen:
        seen.add(name)
        named = graph.used(graph.definitions[name].stands_for)
        named += [one for _, event in graph.of(name) for one in graph.used(event.names)]
        # The compiler that is given the function may be the text's own, and comes first.
        name = next((one for one in reversed(named) if one not in seen), name)
    return name


def _text(graph: Graph, path: str) -> Text:
    return next(text for text in graph.texts if text.path == path)
