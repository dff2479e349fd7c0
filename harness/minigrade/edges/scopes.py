"""Which variables of a function a student might take for each other.

libcst is slow to import: see `minigrade.edges.mutations`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import libcst as cst

_NEVER = {"self", "cls", "ctx", "_"}


@dataclass
class _Variable:
    """A variable: where it is first bound, its type if it has one, and how it is bound."""

    start: int
    type: str = ""
    counts: bool = False


class Scope:
    """The parameters and variables of one function, without those around it.

    Args:
        function: the function.
        spans: where nodes stand in the file.
    """

    def __init__(self, function: cst.FunctionDef, spans: Mapping[cst.CSTNode, Any]) -> None:
        self._spans = spans
        self._variables: dict[str, _Variable] = {}
        self._written: set[cst.Name] = set()
        for param in (*function.params.params, *function.params.kwonly_params):
            kind = param.annotation.annotation if param.annotation else None
            text = cst.Module([]).code_for_node(kind) if kind else ""
            self._variables[param.name.value] = _Variable(0, "" if text == "Any" else text)
        function.body.visit(_Bindings(self._bind, self._written))

    def like(self, node: cst.Name) -> Iterator[str]:
        """Yield the variables of the kind of one that is read, which have a value by then."""
        mine = self._variables.get(node.value)
        if mine is None or node in self._written or node.value in _NEVER:
            return
        for name, other in self._variables.items():
            is_there = other.start < self._spans[node].start
            if (
                name not in {node.value, *_NEVER}
                and is_there
                and _alike(node.value, mine, name, other)
            ):
                yield name

    def _bind(self, node: cst.Name, *, counts: bool) -> None:
        span = self._spans[node]
        # In a comprehension a name is read before it is bound, from left to right.
        self._variables.setdefault(node.value, _Variable(span.start + span.length, counts=counts))


def _alike(name: str, mine: _Variable, other_name: str, other: _Variable) -> bool:
    one, two = name.strip("_").split("_"), other_name.strip("_").split("_")
    return (
        (mine.type != "" and mine.type == other.type)
        or (mine.counts and other.counts)
        or (len(name) == len(other_name) == 1 and "" in (mine.type, other.type))
        or (len(one) + len(two) > 2 and (one[-1] == two[-1] or one[0] == two[0]))
    )


class _Bindings(cst.CSTVisitor):
    """Finds the names that a function binds, and those that are no variables."""

    def __init__(self, bind: Any, written: set[cst.Name]) -> None:
        super().__init__()
        self._bind = bind
        self._written = written

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:  # noqa: ARG002, N802
        """Leave inner functions alone: they have scopes of their own."""
        return False

    def visit_Lambda(self, node: cst.Lambda) -> bool:  # noqa: N802
        """Leave the names of a lambda's parameters alone."""
        self._written.update(param.name for param in node.params.params)
        return True

    def visit_Attribute(self, node: cst.Attribute) -> bool:  # noqa: N802
        """Note that ``shape`` in ``a.shape`` is no variable."""
        if isinstance(node.attr, cst.Name):
            self._written.add(node.attr)
        return True

    def visit_Arg(self, node: cst.Arg) -> bool:  # noqa: N802
        """Note that ``key`` in ``f(key=value)`` is no variable."""
        if node.keyword:
            self._written.add(node.keyword)
        return True

    def visit_For(self, node: cst.For) -> bool:  # noqa: N802
        """Take a loop's variables."""
        self._take(node.target, counts=True)
        return True

    def visit_CompFor(self, node: cst.CompFor) -> bool:  # noqa: N802
        """Leave the variables of a comprehension, which live only there."""
        self._leave(node.target)
        return True

    def visit_AssignTarget(self, node: cst.AssignTarget) -> bool:  # noqa: N802
        """Take the variables of an assignment."""
        self._take(node.target, counts=False)
        return True

    def visit_AnnAssign(self, node: cst.AnnAssign) -> bool:  # noqa: N802
        """Take the variable of an assignment with a type."""
        self._take(node.target, counts=False)
        return True

    def visit_AugAssign(self, node: cst.AugAssign) -> bool:  # noqa: N802
        """Leave a variable that is written again."""
        self._leave(node.target)
        return True

    def visit_NamedExpr(self, node: cst.NamedExpr) -> bool:  # noqa: N802
        """Take the variable of a ``:=``."""
        self._take(node.target, counts=False)
        return True

    def _take(self, target: cst.CSTNode, *, counts: bool) -> None:
        for name in _names(target):
            self._written.add(name)
            self._bind(name, counts=counts)

    def _leave(self, target: cst.CSTNode) -> None:
        self._written.update(_names(target))


def _names(target: cst.CSTNode) -> Iterator[cst.Name]:
    """Yield the plain names in the target of an assignment."""
    if isinstance(target, cst.Name):
        yield target
    elif isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from _names(element.value)
