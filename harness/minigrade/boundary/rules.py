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

A function counts with the helpers that it uses, in whichever of the files.
"""

from __future__ import annotations

import bisect
import fnmatch
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from minigrade.boundary.names import Text
from minigrade.boundary.scopes import Definition, Event

# What brings in a module, or runs a text, that no import statement names.
_IMPORTERS = frozenset({"builtins.__import__", "importlib.import_module", "importlib.__import__"})
_UNSEEN = frozenset({"sys.modules", "builtins.eval", "builtins.exec"})

_CONSTRUCTORS = ("__new__", "__init__", "__post_init__")


class Finding(NamedTuple):
    """A rule broken at one place; `function` is where, such as ``Module.train``."""

    file: str
    line: int
    rule: str
    function: str
    message: str
    source: str


def broken(texts: Sequence[Text], rules: dict[str, Any]) -> list[Finding]:
    """Return where `texts` break `rules`, in the order of files and lines, each place once."""
    graph = _Graph(texts)
    if rules["within"]:
        judged = graph.reach(graph.named(rules["within"]))
    else:
        judged = ((text, event) for text in texts for event in text.events)
    found = {
        _finding(text, event.line, rule, event.owner, message)
        for text, event in judged
        for rule, message in _forbidden(text, event, rules)
    }
    for function, targets in rules["must_call"].items():
        found |= set(_missing_calls(graph, function, targets))
    for function in rules.get("parallel", ()):
        found |= set(_serial(graph, function))
    order = [text.path for text in texts]
    return sorted(found, key=lambda one: (order.index(one.file), one[1:]))


def unwritten(texts: Sequence[Text], functions: Iterable[str]) -> list[str]:
    """Return those of `functions` that no text defines, other than as a stub."""
    graph = _Graph(texts)
    return [
        function
        for function in functions
        if not any(graph.definitions[name].written for name in graph.named([function]))
    ]


class _Graph:
    """What each definition of some texts does, and which others it uses."""

    def __init__(self, texts: Sequence[Text]) -> None:
        self.texts = texts
        self.definitions: dict[str, Definition] = {}
        self._events: dict[str, list[tuple[Text, Event]]] = {}
        for text in texts:
            self.definitions |= text.definitions
            for event in text.events:
                self._events.setdefault(event.owner, []).append((text, event))
        self._owners = sorted(self._events)

    def named(self, functions: Iterable[str]) -> list[str]:
        """Return the absolute names of `functions`, in each text that defines them."""
        both = [f"{text.module}.{name}" for name in functions for text in self.texts]
        return [name for name in both if name in self.definitions]

    def reach(self, names: Iterable[str]) -> Iterator[tuple[Text, Event]]:
        """Yield what the definitions `names` do, and all definitions that they use."""
        pending, seen = list(names), set()
        while pending:
            name = pending.pop()
            if name in seen:
                continue
            seen.add(name)
            definition = self.definitions.get(name)
            pending += self._used(definition.stands_for) if definition else []
            for owner in self._parts(name):
                for text, event in self._events[owner]:
                    yield text, event
                    pending += self._used(event.names)

    def own(self, name: str) -> bool:
        """Return whether `name` is a top-level name of a module in the texts' package."""
        module = name.rpartition(".")[0]
        packages = {text.module.split(".")[0] for text in self.texts}
        return module not in self.definitions and module.split(".")[0] in packages

    def _used(self, names: Iterable[str]) -> list[str]:
        """Return the definitions that `names` use: ``prod`` for ``prod.__wrapped__``."""
        used = []
        for name in names:
            while name and name not in self.definitions:
                name = name.rpartition(".")[0]  # noqa: PLW2901
            if name and self.definitions[name].is_class:
                used += [f"{name}.{method}" for method in _CONSTRUCTORS]
            elif name:
                used.append(name)
        return used

    def _parts(self, name: str) -> list[str]:
        """Return the owners of events that are `name` or inside it."""
        first = bisect.bisect_left(self._owners, f"{name}.")
        last = bisect.bisect_left(self._owners, f"{name}/")  # "/" comes after "."
        return [*([name] if name in self._events else []), *self._owners[first:last]]


def _forbidden(text: Text, event: Event, rules: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each rule that `event` breaks, and how a sentence says so."""
    if event.kind == "operator":
        for name in event.names & set(rules["forbid_calls"]):
            yield "forbid_calls", f"uses the operator `{name}`"
        return
    yield from _forbidden_imports(text, event, rules)
    for name in sorted(event.names) if event.kind == "use" else ():
        if _covered(name, rules["forbid_calls"]):
            yield "forbid_calls", f"uses {_spoken(name)}"
        elif rules["within"] and _covered(name, rules["forbid_imports"]):
            yield "forbid_imports", f"uses {_spoken(name)}"


def _forbidden_imports(
    text: Text, event: Event, rules: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield each rule on imports that `event` breaks, be it a statement or a call."""
    forbidden, allowed = rules["forbid_imports"], rules["only_imports"]
    for name in sorted(event.names if event.kind == "import" else _imports(text, event)):
        if _covered(name, forbidden):
            yield "forbid_imports", f"imports `{name}`"
        if allowed is not None and not _covered(name, [*allowed, "__future__"]):
            yield "only_imports", f"imports `{name}`; " + _allowed(allowed)
    if event.kind == "import" or not (forbidden or allowed is not None):
        return
    for name in sorted(event.names):
        if _covered(name, _UNSEEN) or (name in _IMPORTERS and event.argument is None):
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


def _missing_calls(graph: _Graph, function: str, targets: Sequence[str]) -> Iterator[Finding]:
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
            yield _finding(text, definition.line, "must_call", name, message)


def _serial(graph: _Graph, function: str) -> Iterator[Finding]:
    """Yield a finding for each written definition of `function` that loops on one core only."""
    for name in graph.named([function]):
        if not graph.definitions[name].written:
            continue
        calls = [(text, event) for text, event in graph.reach([name]) if event.kind == "use"]
        lines = {
            (text.path, event.line)
            for text, event in calls
            if event.called and any(_covered(one, ["numba.prange"]) for one in event.names)
        }
        used = {(text.path, event.line) for text, event in calls}
        for text in graph.texts:
            for one in text.shared:
                if (text.path, one.line) in used:
                    message = (
                        f"all iterations of the parallel loop write `{one.name}`, which line "
                        f"{one.made} makes once for all of them; make it inside of the loop"
                    )
                    yield _finding(text, one.line, "parallel", name, message)
        outermost = [
            (text, loop) for text, event in calls for loop in text.loops if event.line == loop
        ]
        if any((text.path, loop) in lines for text, loop in outermost):
            continue
        home = next(one for one in graph.texts if name in one.definitions)
        inner = sorted(lines)[:1]
        line = inner[0][1] if inner else graph.definitions[name].line
        found = (
            "a loop through `prange` inside of another loop, which is not parallel"
            if inner
            else "no loop through `prange`"
        )
        yield _finding(home, line, "parallel", name, f"`{function}` has {found}")


def _meant(graph: _Graph, name: str, targets: Sequence[str]) -> bool:
    """Return whether `name` is a target; a bare target is a function of the package."""
    return any(
        name.rpartition(".")[2] == target and graph.own(name)
        if "." not in target
        else _covered(name, [target])
        for target in targets
    )


def _covered(name: str, patterns: Iterable[str]) -> bool:
    return any(
        fnmatch.fnmatchcase(name, pattern) or fnmatch.fnmatchcase(name, f"{pattern}.*")
        for pattern in patterns
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


def _finding(text: Text, line: int, rule: str, owner: str, message: str) -> Finding:
    function = owner.removeprefix(text.module).removeprefix(".")
    return Finding(text.path, line, rule, function, message, text.line(line))
