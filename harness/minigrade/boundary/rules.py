"""Find where student text breaks the rules of a source check.

The rules are plain data, as `minigrade.kinds.source` makes them. Absolute names
are as `minigrade.boundary.names` finds them; a pattern ``numpy`` covers all that
is in it, and ``*`` any characters::

    forbid_imports  [pattern]            modules, or names in them, not to be imported
    only_imports    [pattern] or None    all that may be imported
    forbid_calls    [pattern]            names not to be used; operators such as "@"
    must_call       {function: [name]}   what a function uses, one of them at least
    within          [function]           where the rules above apply; [] is everywhere
    parallel        [function]           whose outermost loop runs through numba.prange

A function counts with the helpers that it uses, in whichever of the texts; those that are in
other files of the package are told, so that their texts are given too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from minigrade.boundary.graph import Finding, Graph, covered, finding
from minigrade.boundary.loops import serial_loops
from minigrade.boundary.names import Text
from minigrade.boundary.scopes import Event

# What brings in a module, or runs a text, that no import statement names.
_IMPORTERS = frozenset({"builtins.__import__", "importlib.import_module", "importlib.__import__"})
_UNSEEN = frozenset({"sys.modules", "builtins.eval", "builtins.exec"})


def broken(
    texts: Sequence[Text], rules: dict[str, Any], helping: Sequence[Text] = ()
) -> tuple[list[Finding], list[str]]:
    """Return where `texts` break `rules`, in the order of files and lines, each place once.

    Args:
        texts: those that define the functions of the rules.
        rules: see above.
        helping: other texts of the package, which count as far as functions use them.

    Returns:
        The findings; and the absolute names that functions use of texts that are missing.
    """
    graph = Graph(texts, helping)
    if rules["within"]:
        judged = graph.reach(graph.named(rules["within"]))
    else:
        judged = ((text, event) for text in texts for event in text.events)
    found = {
        finding(text, event.line, rule, event.owner, message)
        for text, event in judged
        for rule, message in _forbidden(text, event, rules)
    }
    for function, targets in rules["must_call"].items():
        found |= set(_missing_calls(graph, function, targets))
    for function in rules.get("parallel", ()):
        found |= set(serial_loops(graph, function))
    order = [text.path for text in graph.texts]
    found_in_order = sorted(found, key=lambda one: (order.index(one.file), one[1:]))
    return found_in_order, sorted(graph.outside)


def unwritten(texts: Sequence[Text], functions: Iterable[str]) -> list[str]:
    """Return those of `functions` that no text defines, other than as a stub."""
    graph = Graph(texts)
    return [
        function
        for function in functions
        if not any(graph.definitions[name].written for name in graph.named([function]))
    ]


def _forbidden(text: Text, event: Event, rules: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each rule that `event` breaks, and how a sentence says so."""
    if event.kind == "operator":
        for name in event.names & set(rules["forbid_calls"]):
            yield "forbid_calls", f"uses the operator `{name}`"
        return
    yield from _forbidden_imports(text, event, rules)
    for name in sorted(event.names) if event.kind == "use" else ():
        if covered(name, rules["forbid_calls"]):
            yield "forbid_calls", f"uses {_spoken(name)}"
        elif rules["within"] and covered(name, rules["forbid_imports"]):
            yield "forbid_imports", f"uses {_spoken(name)}"


def _forbidden_imports(
    text: Text, event: Event, rules: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield each rule on imports that `event` breaks, be it a statement or a call."""
    forbidden, allowed = rules["forbid_imports"], rules["only_imports"]
    for name in sorted(event.names if event.kind == "import" else _imports(text, event)):
        if covered(name, forbidden):
            yield "forbid_imports", f"imports `{name}`"
        if allowed is not None and not covered(name, [*allowed, "__future__"]):
            yield "only_imports", f"imports `{name}`; " + _allowed(allowed)
    if event.kind == "import" or not (forbidden or allowed is not None):
        return
    for name in sorted(event.names):
        if covered(name, _UNSEEN) or (name in _IMPORTERS and event.argument is None):
            rule = "forbid_imports" if forbidden else "only_imports"
            yield rule, f"uses {_spoken(name)}, which can import anything"


def _imports(text: Text, event: Event) -> frozenset[str]:
    """Return what a use imports, as ``__import__("numpy")`` does."""
    if not (event.names & _IMPORTERS and event.argument):
        return frozenset()
    name = event.argument
    if name.startswith("."):
        name = text.module.split(".")[0] + "." + name.lstrip(".")
    return frozenset({name})


def _missing_calls(graph: Graph, function: str, targets: Sequence[str]) -> Iterator[Finding]:
    """Yield a finding for each written definition of `function` that uses no target."""
    for name in graph.named([function]):
        definition = graph.definitions[name]
        if not definition.written:
            continue
        used = set(definition.stands_for)
        for _, event in graph.reach([name]):
            used |= event.names
        if not any(_meant(graph, one, targets) for one in used):
            text = next(one for one in graph.texts if name in one.definitions)
            spoken = " or ".join(f"`{target}`" for target in targets)
            message = f"`{function}` does not use {spoken}"
            yield finding(text, definition.line, "must_call", name, message)


def _meant(graph: Graph, name: str, targets: Sequence[str]) -> bool:
    """Return whether `name` is a target; a bare target is a function of the package."""
    return any(
        name.rpartition(".")[2] == target and graph.own(name)
        if "." not in target
        else covered(name, [target])
        for target in targets
    )


def _spoken(name: str) -> str:
    """Return how a sentence speaks of an absolute name."""
    module, _, rest = name.partition(".")
    if module == "builtins" and rest:
        return f"Python's own `{rest}`"
    return f"`.{rest}`" if module == "?" else f"`{name}`"


def _allowed(patterns: Sequence[str]) -> str:
    if not patterns:
        return "nothing may be imported here"
    return "only " + ", ".join(f"`{each}`" for each in patterns) + " may be imported here"
